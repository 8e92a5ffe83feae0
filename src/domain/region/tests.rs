//! Regions in people's own words, on the official list.

use proptest::prelude::*;

use super::*;

/// The divisions of the country and the countries, as they come with the program.
const LISTS: [&str; 3] = [
    include_str!("../../../assets/data/cn_province_city_county.csv"),
    include_str!("../../../assets/data/hk_mo_tw.csv"),
    include_str!("../../../assets/data/countries.csv"),
];

fn china() -> Gazetteer {
    let mut regions: Vec<Region> = Vec::new();
    let mut known: HashMap<(String, String), RegionId> = HashMap::new();
    for (at, line) in LISTS
        .iter()
        .flat_map(|list| list.lines().skip(1))
        .enumerate()
    {
        let columns: Vec<&str> = line.split(',').collect();
        let &[code, level, name, city, province, ref english @ ..] = columns.as_slice() else {
            panic!("{line}");
        };
        let id = RegionId(i32::try_from(at).unwrap());
        let (level, parent) = match level {
            "0" => (Level::Country, None),
            "1" => (Level::Province, None),
            "2" => (Level::City, known.get(&(String::new(), province.into()))),
            _ => {
                let city = known.get(&(province.into(), city.into()));
                (
                    Level::County,
                    city.or_else(|| known.get(&(String::new(), province.into()))),
                )
            }
        };
        let above = if level <= Level::Province {
            String::new()
        } else {
            province.into()
        };
        let parent = parent.copied();
        known.entry((above, name.into())).or_insert(id);
        let full_name = name.into();
        regions.push(Region {
            id,
            code: code.into(),
            level,
            name: name.into(),
            full_name,
            parent,
            english: english
                .first()
                .map(|name| (*name).to_owned())
                .filter(|name| !name.is_empty()),
        });
    }
    Gazetteer::new(regions)
}

#[test]
fn regions_are_found_in_peoples_own_words() {
    let china = china();
    for (words, code) in [
        ("江苏省南通市崇川区", "320613"),
        ("江苏 南通", "320600"),
        ("上海", "310000"),
        ("上海市浦东新区张江镇某路1号", "310115"),
        ("北京朝阳", "110105"),
        ("吉林省吉林市", "220200"),
        ("新疆", "650000"),
        ("内蒙古自治区", "150000"),
        ("南通崇川", "320613"),
        ("中国江苏省南通市", "320600"),
        ("乐山市中区", "511102"),
        ("三江", "450226"),
        ("积石山县", "622927"),
        ("凉山州西昌", "513401"),
        ("鄂伦春旗", "150723"),
        ("江苏省海安县", "320685"),
        ("上海南京东路", "310000"),
        ("南京市东路", "320100"),
        ("河北", "130000"),
        ("河南", "410000"),
        ("海南", "460000"),
        ("香港", "810000"),
        ("香港大埔", "810015"),
        ("台湾台北", "710100"),
        ("320613", "320613"),
        ("日本", "JP"),
        ("美国加州", "US"),
    ] {
        let Reading::One(id) = china.read(words) else {
            panic!("{words}: {:?}", china.read(words));
        };
        assert_eq!(china.get(id).unwrap().code, code, "{words}");
    }
}

#[test]
fn regions_are_found_in_latin_letters() {
    let china = china();
    for (words, code) in [
        ("Nantong", "320600"),
        ("nantong shi", "320600"),
        ("Nantong, Jiangsu", "320600"),
        ("Jiangsu Province, Nantong City", "320600"),
        ("Chongchuan District, Nantong", "320613"),
        ("Xi'an Shi", "610100"),
        ("LÜLIANG", "141100"),
        ("lvliang", "141100"),
        ("Shaanxi", "610000"),
        ("Shanxi Taiyuan", "140100"),
        ("Inner Mongolia", "150000"),
        ("Tibet", "540000"),
        ("Hong Kong", "810000"),
        ("Macao", "820000"),
        ("Taipei", "710100"),
        ("Yueqing", "330382"),
        ("Leqing", "330382"),
        ("Luohe", "411100"),
        ("Panyu, Guangzhou", "440113"),
        ("Dabu Meizhou", "441422"),
        ("Dong'e", "371524"),
        ("Yanshan, Shangrao", "361124"),
        ("Zongyang", "340722"),
        ("Pudong Xinqu, Shanghai", "310115"),
        ("Shanghai Nanjing East Road", "310000"),
        ("United States", "US"),
        ("USA", "US"),
        ("Turkiye", "TR"),
        ("Saint Vincent and the Grenadines", "VC"),
        ("Jordan", "JO"),
    ] {
        let Reading::One(id) = china.read(words) else {
            panic!("{words}: {:?}", china.read(words));
        };
        assert_eq!(china.get(id).unwrap().code, code, "{words}");
    }
    for words in ["Suzhou", "Chaoyang", "Xi'an"] {
        assert!(matches!(china.read(words), Reading::Several(_)), "{words}");
    }
    for words in ["Atlantis", "Nanjing Road", "China", "123", "Paris"] {
        assert_eq!(china.read(words), Reading::Unknown, "{words}");
    }
}

#[test]
fn outline_lists_every_place_after_its_parent() {
    let china = china();
    let outline = china.outline();
    let places = |region: &&Region| !is_heading(&region.name);
    assert_eq!(outline.len(), china.regions.values().filter(places).count());
    let mut path: Vec<RegionId> = Vec::new();
    for (depth, region) in outline {
        path.truncate(depth);
        assert_eq!(path.len(), depth, "{}", region.name);
        if let Some(above) = path.last() {
            assert!(china.lies_within(region.id, &[*above]), "{}", region.name);
        }
        path.push(region.id);
    }
}

/// guarantee: Every place of the official list is found by its full and its short name
#[test]
fn every_official_place_is_found_by_full_and_short_path() {
    let china = china();
    let mut asked = Vec::new();
    let is_place = |region: &&Region| !HEADINGS.contains(&region.name.as_str());
    for region in china.regions.values().filter(is_place) {
        let up = |region: &&Region| region.parent.and_then(|above| china.get(above));
        let mut path: Vec<&str> = std::iter::successors(Some(region), up)
            .filter(is_place)
            .map(|region| region.name.as_str())
            .collect();
        path.reverse();
        let short: Vec<String> = path
            .iter()
            .filter_map(|name| names_of(name).into_iter().min_by_key(String::len))
            .collect();
        let right = Reading::One(region.id);
        if path == ["黑山"] {
            // Montenegro is asked about: 黑山县 is nearer to most.
            assert!(matches!(china.read("黑山"), Reading::Several(ids) if ids.len() == 2));
            continue;
        }
        assert_eq!(china.read(&path.concat()), right, "{path:?}");
        match china.read(&short.concat()) {
            Reading::Several(ids) if ids.contains(&region.id) => asked.push(short.concat()),
            read => assert_eq!(read, right, "{short:?}"),
        }
    }
    // A city and a county, or two counties, that lie side by side under one short name.
    asked.sort_unstable();
    asked.dedup();
    let twins = [
        "台湾嘉义",
        "台湾新竹",
        "新疆伊犁伊宁",
        "新疆和田和田",
        "河北秦皇岛北戴河",
        "甘肃临夏临夏",
    ];
    assert_eq!(asked, twins);
}

#[test]
fn a_name_of_several_places_is_several() {
    let china = china();
    for words in ["鼓楼区", "朝阳", "城关"] {
        let Reading::Several(found) = china.read(words) else {
            panic!("{words}");
        };
        assert!((2..=SEVERAL_MAX).contains(&found.len()), "{words}");
    }
    let unknown = " 区 某地 Atlantis 中国 市辖区 南京路123号 北京东一路 朝阳镇";
    for words in unknown.split(' ') {
        assert_eq!(china.read(words), Reading::Unknown, "{words}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".*|[江苏省南通市崇川区]{0,20}|[a-z ,]{0,40}") {
        static CHINA: std::sync::LazyLock<Gazetteer> = std::sync::LazyLock::new(china);
        let _ = CHINA.read(&text);
    }
}
