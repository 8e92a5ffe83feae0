//! What a placard says, in Chinese and English, around the names that are given.
//! How large and where is the layout's business.

use super::Poster;

/// The words of one placard, each piece ready to be set.
pub(super) struct Words {
    pub(super) title_zh: String,
    pub(super) title_en: &'static str,
    pub(super) how_zh: &'static str,
    pub(super) how_en: &'static str,
    pub(super) call_zh: &'static str,
    pub(super) call_en: &'static str,
    pub(super) check_zh: &'static str,
    pub(super) check_en: &'static str,
    /// The telephone number, or whom to ask where there is none.
    pub(super) phone: String,
    pub(super) safety_zh: String,
    pub(super) safety_en: String,
    /// The address as people type it.
    pub(super) link: String,
    /// Code and print run.
    pub(super) serial: String,
    /// Day of printing.
    pub(super) printed: String,
    /// All that tells one sheet from another.
    pub(super) imprint: String,
}

impl Words {
    /// The words for this placard.
    pub(super) fn of(poster: &Poster) -> Self {
        let link = link(&poster.address);
        let host = link.split('/').next().unwrap_or_default();
        let title_zh = match poster.city.trim() {
            "" => "返程 离开 扫码报备".to_owned(),
            city => format!("返{city} 离{city} 扫码报备"),
        };
        let (call_zh, call_en, phone) = match poster.phone.trim() {
            "" => (
                "不会扫码也能报备",
                "Cannot scan? Ask your community office.",
                "请找社区工作人员",
            ),
            phone => ("不会扫码，请打电话", "Cannot scan? Please call.", phone),
        };
        let serial = join(&[named("编号", &poster.code), named("批次", &poster.batch)]);
        let printed = named("印制", &poster.print_date);
        Self {
            title_zh,
            title_en: "Arriving or leaving? Scan to report.",
            how_zh: "微信或相机扫一扫，30 秒填完，不用注册",
            how_en: "Scan with WeChat or your camera. 30 seconds, no account.",
            call_zh,
            call_en,
            check_zh: "网页上应有核对词",
            check_en: "The page shows this check word.",
            phone: phone.to_owned(),
            safety_zh: format!("本码只打开 {host}，不收钱、不要验证码"),
            safety_en: format!("Opens only {host}. Never asks for money or SMS codes."),
            imprint: join(&["码上报备".to_owned(), serial.clone(), printed.clone()]),
            serial,
            printed,
            link,
        }
    }
}

/// The address without its scheme, small but for the code at its end.
fn link(address: &str) -> String {
    let bare = address.split_once("://").map_or(address, |(_, bare)| bare);
    match bare.rsplit_once('/') {
        Some((path, code)) => format!("{}/{code}", path.to_lowercase()),
        None => bare.to_lowercase(),
    }
}

/// The value behind its name; nothing when there is none.
fn named(name: &str, value: &str) -> String {
    match value.trim() {
        "" => String::new(),
        value => format!("{name} {value}"),
    }
}

fn join(parts: &[String]) -> String {
    let said: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    said.join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_small_but_for_its_code() {
        for (address, expected) in [
            ("HTTPS://MS.EXAMPLE.CN/Q/7K3P9", "ms.example.cn/q/7K3P9"),
            ("https://ms.example.cn/q/7K3P9", "ms.example.cn/q/7K3P9"),
            ("MS.EXAMPLE.CN", "ms.example.cn"),
        ] {
            assert_eq!(link(address), expected);
        }
    }

    #[test]
    fn the_citys_short_name_makes_the_title() {
        for (city, title) in [("", "返程 离开 扫码报备"), ("通", "返通 离通 扫码报备")]
        {
            let poster = Poster {
                city: city.to_owned(),
                ..Poster::default()
            };
            assert_eq!(Words::of(&poster).title_zh, title);
        }
    }

    #[test]
    fn placard_without_a_number_asks_for_no_call() {
        let words = Words::of(&Poster::default());
        assert!(!words.call_zh.contains("电话"));
        assert!(!words.phone.is_empty());
    }

    #[test]
    fn an_imprint_leaves_out_what_is_not_known() {
        let poster = Poster {
            code: "7K3P9".to_owned(),
            print_date: "2026-11-21".to_owned(),
            ..Poster::default()
        };
        let words = Words::of(&poster);
        assert_eq!(words.serial, "编号 7K3P9");
        assert_eq!(words.imprint, "码上报备 / 编号 7K3P9 / 印制 2026-11-21");
    }
}
