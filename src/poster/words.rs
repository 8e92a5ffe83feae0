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
    /// The telephone number, or whom to ask where there is none.
    pub(super) phone: String,
    pub(super) safety_zh: String,
    pub(super) safety_en: String,
    /// The address as people type it.
    pub(super) link: String,
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
        let phone = match poster.phone.trim() {
            "" => "请找社区工作人员".to_owned(),
            phone => phone.to_owned(),
        };
        Self {
            title_zh,
            title_en: "Arriving or leaving? Scan to report.",
            how_zh: "微信或相机扫一扫，30 秒填完，不用注册",
            how_en: "Scan with WeChat or your camera. 30 seconds, no account.",
            call_zh: "不会扫码，请打电话",
            call_en: "Cannot scan? Please call",
            phone,
            safety_zh: format!("本码只打开 {host}，不收钱、不要验证码"),
            safety_en: format!("Opens only {host}. Never asks for money or SMS codes."),
            imprint: imprint(poster),
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

/// Which sheet this is: code, print run and day, as far as they are known.
fn imprint(poster: &Poster) -> String {
    [
        ("编号", &poster.code),
        ("批次", &poster.batch),
        ("印制", &poster.print_date),
    ]
    .into_iter()
    .filter(|(_, value)| !value.trim().is_empty())
    .map(|(name, value)| format!("{name} {value}"))
    .collect::<Vec<_>>()
    .join("　")
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
    fn an_imprint_leaves_out_what_is_not_known() {
        let poster = Poster {
            code: "7K3P9".to_owned(),
            print_date: "2026-11-21".to_owned(),
            ..Poster::default()
        };
        assert_eq!(imprint(&poster), "编号 7K3P9　印制 2026-11-21");
    }
}
