//! Placards as a phone, a printer and a person meet them: every format is read back on every
//! paper. Nothing here looks inside the program.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::print_stderr,
    reason = "a missing program of the system is said"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "dots of a sheet are small numbers"
)]

mod reader;

use std::ops::Range;
use std::path::Path;

use mashang::testing::poster::{self, DPI_MAX, DPI_MIN, Error, Paper, Poster, missing_glyphs};
use mashang::testing::qr::{Level, Symbol};

use self::reader::{assert_reads, find, from_pdf, from_png, from_svg, is_white, rqrr, rxing, tool};

const SHORT: &str = "HTTPS://MS.EXAMPLE.CN/Q/7K3P9";
const LONGEST: &str = "HTTPS://BAOBEI.EXAMPLE.CN/Q/7K3P9XZ2";
const DPI: u16 = 100;

fn sample(address: &str) -> Poster {
    Poster {
        address: address.to_owned(),
        code: "7K3P9".to_owned(),
        check_word: "松鹤".to_owned(),
        city: "通".to_owned(),
        place_zh: "秦灶街道 桥北社区 示例花园 12 幢 3 单元".to_owned(),
        place_en: "Shili Garden, Building 12, Unit 3, Qiaobei, Qinzao".to_owned(),
        office_zh: "秦灶街道办事处（示例）".to_owned(),
        office_en: "Qinzao Subdistrict Office (example)".to_owned(),
        phone: "0513-5550 0110".to_owned(),
        batch: "2026-01".to_owned(),
        print_date: "2026-11-21".to_owned(),
    }
}

#[test]
fn every_png_reads_back() {
    for &paper in Paper::ALL {
        for address in [SHORT, LONGEST] {
            let png = poster::png(&sample(address), paper, DPI.into()).unwrap();
            assert_reads(&from_png(&png), address, &format!("{paper:?}"));
        }
    }
}

#[test]
fn every_svg_reads_back() {
    for &paper in Paper::ALL {
        for address in [SHORT, LONGEST] {
            let svg = poster::svg(&sample(address), paper).unwrap();
            assert_reads(&from_svg(&svg, DPI), address, &format!("{paper:?}"));
        }
    }
}

#[test]
fn every_page_of_a_pdf_reads_back_in_its_order() {
    for &paper in Paper::ALL {
        let pdf = poster::pdf(&[sample(SHORT), sample(LONGEST)], paper).unwrap();
        let Some(pages) = from_pdf(&pdf, 150) else {
            return;
        };
        assert_eq!(pages.len(), 2);
        for (page, address) in pages.iter().zip([SHORT, LONGEST]) {
            assert_reads(page, address, &format!("{paper:?}"));
        }
    }
}

#[test]
fn a_coarse_drawing_still_reads() {
    for &paper in Paper::ALL {
        let png = poster::png(&sample(LONGEST), paper, DPI_MIN).unwrap();
        assert_eq!(rqrr(&from_png(&png)), LONGEST, "{paper:?}");
    }
}

#[test]
fn a_sheet_has_exactly_its_size() {
    for (paper, width, height, points) in [
        (Paper::A4, 210, 297, "595.276 x 841.89 pts (A4)"),
        (Paper::A5, 148, 210, "419.528 x 595.276 pts"),
        (Paper::Sticker, 100, 100, "283.465 x 283.465 pts"),
    ] {
        let poster = sample(SHORT);
        let png = poster::png(&poster, paper, 254).unwrap();
        let image = from_png(&png);
        assert_eq!(image.dimensions(), (width * 10, height * 10));
        // 254 dots per inch are 10,000 per metre, said before the first dots.
        let at = png.windows(4).position(|tag| tag == b"pHYs").unwrap();
        assert!(at < png.windows(4).position(|tag| tag == b"IDAT").unwrap());
        let said: Vec<u8> = [10_000_u32.to_be_bytes(); 2].concat();
        assert_eq!(png[at + 4..at + 13], [&said[..], &[1]].concat());

        let root = format!(
            "<svg width=\"{width}mm\" height=\"{height}mm\" viewBox=\"0 0 {width} {height}\""
        );
        assert!(poster::svg(&poster, paper).unwrap().starts_with(&root));

        let pdf = poster::pdf(&[poster], paper).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("poster.pdf");
        std::fs::write(&file, pdf).unwrap();
        if let Some(said) = tool("pdfinfo", &[], &[&file]) {
            assert!(
                said.contains(&format!("Page size:       {points}")),
                "{said}"
            );
        }
    }
}

#[test]
fn symbol_has_its_size_and_an_empty_quiet_zone() {
    let few_modules = "HTTPS://A.CN/Q/7K3P9";
    for (paper, address, side_mm) in [
        (Paper::A4, SHORT, 113.5),
        (Paper::A4, LONGEST, 113.5),
        (Paper::A4, few_modules, 110.0),
        (Paper::A5, SHORT, 80.0),
        (Paper::A5, LONGEST, 80.0),
        (Paper::A5, few_modules, 77.5),
        (Paper::Sticker, SHORT, 60.0),
        (Paper::Sticker, LONGEST, 60.0),
        (Paper::Sticker, few_modules, 58.3),
    ] {
        let image = from_png(&poster::png(&sample(address), paper, 127).unwrap());
        let found = find(&image, address);
        let found_mm = found.side / 5.0;
        assert!(
            (found_mm - side_mm).abs() < 0.3,
            "{paper:?} {address}: {found_mm} mm"
        );
        assert!(found.is_quiet(&image), "{paper:?} {address}");
    }
}

#[test]
fn a_symbol_stays_small_and_as_robust_as_can_be() {
    for chars in 20..=36 {
        let stem = "HTTPS://A.CN/Q/";
        let address = format!("{stem}{}", "7".repeat(chars - stem.len()));
        let symbol = Symbol::encode(&address).unwrap();
        assert!(symbol.version() <= 4, "{chars} characters");
        assert_eq!(symbol.level(), Level::H, "{chars} characters");
    }
}

/// Places between the three eyes, as corners in modules, that cover this part of a symbol.
fn covers(part: f64, modules: f64) -> [[f64; 4]; 6] {
    let (near, far) = (9.0, modules - 8.0);
    let beside_one_eye = modules - part * modules * modules / (modules - near);
    let between_eyes = part * modules * modules / (far - near);
    let half = modules * part.sqrt() / 2.0;
    let middle = modules / 2.0;
    [
        [beside_one_eye, near, modules, modules],
        [near, beside_one_eye, modules, modules],
        [0.0, near, between_eyes, far],
        [near, 0.0, far, between_eyes],
        [middle - half, middle - half, middle + half, middle + half],
        [modules - 2.0 * half, modules - 2.0 * half, modules, modules],
    ]
}

fn assert_reads_covered(address: &str, places: Range<usize>, part: f64) {
    let clean = from_png(&poster::png(&sample(address), Paper::A5, DPI.into()).unwrap());
    let found = find(&clean, address);
    let modules = found.side / found.module;
    for place in &covers(part, modules)[places] {
        for paint in [0, 128, 255] {
            let mut image = clean.clone();
            let [x0, y0, x1, y1] = place.map(|modules| modules * found.module);
            for x in (found.left + x0) as u32..(found.left + x1) as u32 {
                for y in (found.top + y0) as u32..(found.top + y1) as u32 {
                    image.put_pixel(x, y, image::Luma([paint]));
                }
            }
            let text = rxing(&image);
            assert_eq!(text.getText(), address, "{place:?} covered with {paint}");
        }
    }
}

#[test]
fn symbol_with_a_tenth_covered_still_reads() {
    for address in [SHORT, LONGEST] {
        assert_reads_covered(address, 0..6, 0.1);
    }
}

/// About the most that level H can bear in one piece: elsewhere it may touch too many codewords.
#[test]
fn symbol_with_a_fifth_torn_off_still_reads() {
    for address in [SHORT, LONGEST] {
        assert_reads_covered(address, 0..1, 0.2);
    }
}

#[test]
fn missing_glyphs_are_refused_and_named() {
    assert_eq!(missing_glyphs("示例𠮷园😀𠮷 A-1·（二期）"), ['𠮷', '😀']);
    assert_eq!(missing_glyphs("示例\n园"), ['\n']);

    let spoil: [fn(&mut Poster, String); 8] = [
        |poster, text| poster.code = text,
        |poster, text| poster.check_word = text,
        |poster, text| poster.city = text,
        |poster, text| poster.place_zh = text,
        |poster, text| poster.place_en = text,
        |poster, text| poster.office_zh = text,
        |poster, text| poster.phone = text,
        |poster, text| poster.batch = text,
    ];
    for spoil in spoil {
        let mut poster = sample(SHORT);
        spoil(&mut poster, "园𠮷".to_owned());
        for &paper in Paper::ALL {
            let refusal = Error::Glyphs(vec!['𠮷']);
            assert_eq!(poster::svg(&poster, paper), Err(refusal.clone()));
            assert_eq!(
                poster::png(&poster, paper, DPI.into()),
                Err(refusal.clone())
            );
            assert_eq!(
                poster::pdf(&[sample(SHORT), poster.clone()], paper),
                Err(Error::Placard(poster.code.clone(), Box::new(refusal))),
                "one of many is named"
            );
        }
    }
    let refusal = Error::Glyphs(vec!['𠮷', '😀']).to_string();
    assert!(refusal.contains("𠮷😀"), "{refusal}");
}

/// Names of estates of Hong Kong and Taiwan, of Japan's spelling, and of seldom characters.
#[test]
fn names_of_many_regions_are_drawn() {
    let place = "灣仔廣場 臺大新邨 徳山苑 澞和苑 暻园 檽园 釆石 深水埗 ㎡";
    assert_eq!(missing_glyphs(place), []);
    let poster = Poster {
        place_zh: place.to_owned(),
        ..sample(SHORT)
    };
    for &paper in Paper::ALL {
        let png = poster::png(&poster, paper, DPI.into()).unwrap();
        assert_reads(&from_png(&png), SHORT, "many regions");
    }
    let pdf = poster::pdf(&[poster], Paper::A4).unwrap();
    assert!(pdf.len() < 200_000, "only the used glyphs: {}", pdf.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("poster.pdf");
    std::fs::write(&file, pdf).unwrap();
    if let Some(text) = tool("pdftotext", &["-raw"], &[&file, Path::new("-")]) {
        let text = text.replace(char::is_whitespace, "");
        for name in place.split(' ') {
            assert!(text.contains(name), "{name}: {text}");
        }
    }
}

#[test]
fn a_very_long_name_stays_inside() {
    let poster = Poster {
        place_zh: "江苏省南通市崇川区秦灶街道桥北社区居民委员会示例金域蓝湾国际花园（二期）北区108幢2单元客货两用电梯".to_owned(),
        place_en: "Example Golden Bay International Garden (Phase II), North Section, Building 108, Unit 2, Lift for Goods and People".to_owned(),
        office_zh: "江苏省南通市崇川区人民政府秦灶街道办事处（示例）".to_owned(),
        office_en: "Qinzao Subdistrict Office of the People's Government of Chongchuan".to_owned(),
        phone: "0513-5550 0110 转 8002".to_owned(),
        city: "南通".to_owned(),
        ..sample(LONGEST)
    };
    for (paper, margin_mm) in [(Paper::A4, 7.0), (Paper::A5, 5.0), (Paper::Sticker, 2.5)] {
        let image = from_png(&poster::png(&poster, paper, 127).unwrap());
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let margin = margin_mm * 5.0;
        assert!(is_white(&image, 0.0..margin, 0.0..height), "{paper:?} left");
        assert!(
            is_white(&image, width - margin..width, 0.0..height),
            "{paper:?} right"
        );
        assert!(is_white(&image, 0.0..width, 0.0..margin), "{paper:?} top");
        assert!(
            is_white(&image, 0.0..width, height - margin..height),
            "{paper:?} bottom"
        );
        assert_reads(&image, LONGEST, &format!("{paper:?} long names"));
    }
}

#[test]
fn a_name_without_room_is_refused_and_not_cut() {
    let endless = "桥北社区".repeat(60);
    let poster = Poster {
        place_zh: endless.clone(),
        ..sample(SHORT)
    };
    for &paper in Paper::ALL {
        assert_eq!(
            poster::svg(&poster, paper),
            Err(Error::Room(endless.clone()))
        );
    }
}

#[test]
fn a_placard_needs_no_more_than_its_address() {
    let poster = Poster {
        address: SHORT.to_owned(),
        ..Poster::default()
    };
    for &paper in Paper::ALL {
        let png = poster::png(&poster, paper, DPI.into()).unwrap();
        assert_reads(&from_png(&png), SHORT, &format!("{paper:?} bare"));
    }
}

#[test]
fn an_svg_needs_nothing_from_outside() {
    for &paper in Paper::ALL {
        let svg = poster::svg(&sample(SHORT), paper).unwrap();
        for foreign in [
            "<text",
            "font-family",
            "href",
            "url(",
            "<script",
            "<style",
            "<image",
        ] {
            assert!(!svg.contains(foreign), "{foreign}");
        }
    }
}

#[test]
fn names_are_words_and_never_markup() {
    let poster = Poster {
        place_zh: "示例<花园> & \"A\" 'B' </text>".to_owned(),
        ..sample(SHORT)
    };
    let png = poster::png(&poster, Paper::A4, DPI.into()).unwrap();
    assert_reads(&from_png(&png), SHORT, "markup");
}

#[test]
fn a_pdf_is_vectors_with_the_used_glyphs_embedded() {
    let pdf = poster::pdf(&vec![sample(SHORT); 3], Paper::A4).unwrap();
    assert_eq!(
        pdf,
        poster::pdf(&vec![sample(SHORT); 3], Paper::A4).unwrap()
    );
    assert!(pdf.len() < 200_000, "{} bytes", pdf.len());

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("poster.pdf");
    std::fs::write(&file, pdf).unwrap();
    if let Some(images) = tool("pdfimages", &["-list"], &[&file]) {
        assert_eq!(images.lines().count(), 2, "{images}");
    }
    if let Some(fonts) = tool("pdffonts", &[], &[&file]) {
        let fonts: Vec<&str> = fonts.lines().skip(2).collect();
        assert_eq!(fonts.len(), 2, "{fonts:?}");
        for font in fonts {
            assert!(font.contains("+NotoSansSC-"), "a subset: {font}");
            assert!(font.contains("yes yes yes"), "embedded: {font}");
        }
    }
    if let Some(text) = tool("pdftotext", &["-layout"], &[&file, Path::new("-")]) {
        assert_eq!(text.matches("0513-5550 0110").count(), 3, "{text}");
    }
}

#[test]
fn a_resolution_has_bounds() {
    for dpi in [0, DPI_MIN - 1, DPI_MAX + 1, u32::MAX] {
        let drawn = poster::png(&sample(SHORT), Paper::Sticker, dpi);
        assert_eq!(drawn, Err(Error::Resolution(dpi)));
    }
    assert!(poster::png(&sample(SHORT), Paper::Sticker, DPI_MAX).is_ok());
}

#[test]
fn an_address_too_long_for_any_symbol_is_refused() {
    let drawn = poster::svg(&sample(&"A".repeat(4000)), Paper::A4);
    assert!(matches!(drawn, Err(Error::Address(_))), "{drawn:?}");
}

#[test]
fn a_paper_is_found_by_its_word() {
    for &paper in Paper::ALL {
        assert_eq!(Paper::from_code(paper.code()), Some(paper));
    }
    assert_eq!(Paper::from_code("A4"), None);
}
