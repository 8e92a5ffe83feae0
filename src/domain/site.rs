//! Test sites: where they are, when they are open, and how a map finds them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::area::AreaId;
use super::hours::{Hours, OpenState};
use super::position::Position;

/// Our number of a test site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SiteId(pub i32);

/// 采样点
#[derive(Clone, Debug)]
pub struct TestSite {
    /// Our number.
    pub id: SiteId,
    /// The area that keeps it.
    pub area: AreaId,
    /// Chinese name.
    pub name: String,
    /// English name; empty where none was given.
    pub name_en: String,
    /// Street and number.
    pub address: String,
    /// The telephone; empty where there is none.
    pub phone: String,
    /// What it costs, what to bring, when it is crowded; empty where nothing was said.
    pub note: String,
    /// The same in English; may be empty.
    pub note_en: String,
    /// Where it is.
    pub position: Position,
    /// When it is open; none where that is unknown.
    pub hours: Option<Hours>,
    /// Its first day, where it is yet to open.
    pub opens_from: Option<NaiveDate>,
    /// Whether it is closed for the time being.
    pub suspended: bool,
    /// When its entry was last verified.
    pub checked_on: Option<NaiveDate>,
    /// Whether it is made up for a demonstration.
    pub sample: bool,
}

impl TestSite {
    /// Whether it is open at this local time, its first day and closures considered.
    pub fn state(&self, now: NaiveDateTime) -> OpenState {
        if self.suspended {
            return OpenState::Closed { opens: None };
        }
        let at = |when| (self.hours.as_ref()).map_or(OpenState::Unknown, |hours| hours.state(when));
        match self.opens_from.filter(|first| now.date() < *first) {
            None => at(now),
            Some(first) => {
                let midnight = first.and_time(NaiveTime::MIN);
                let opens = match at(midnight) {
                    OpenState::Open { .. } => Some(midnight),
                    OpenState::Closed { opens } => opens,
                    OpenState::Unknown => None,
                };
                OpenState::Closed { opens }
            }
        }
    }

    /// The link that opens it in Amap, which wants longitude first.
    pub fn amap(&self) -> String {
        let (lon, lat, name) = (
            self.position.lon(),
            self.position.lat(),
            encoded(&self.name),
        );
        format!(
            "https://uri.amap.com/marker?position={lon:.6},{lat:.6}&name={name}&coordinate=gaode&callnative=0"
        )
    }

    /// The link that opens it in Tencent's maps, which want latitude first.
    pub fn tencent(&self) -> String {
        let (lon, lat) = (self.position.lon(), self.position.lat());
        let (name, address) = (encoded(&self.name), encoded(&self.address));
        format!(
            "https://apis.map.qq.com/uri/v1/marker?marker=coord:{lat:.6},{lon:.6};title:{name};addr:{address}&referer=mashang"
        )
    }

    /// The link that opens it in Baidu's maps, which want latitude first and to be told the
    /// system of coordinates.
    pub fn baidu(&self) -> String {
        let (lon, lat) = (self.position.lon(), self.position.lat());
        let (name, address) = (encoded(&self.name), encoded(&self.address));
        format!(
            "https://api.map.baidu.com/marker?location={lat:.6},{lon:.6}&title={name}&content={address}&output=html&coord_type=gcj02&src=mashang"
        )
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> TestSite {
        TestSite {
            id: SiteId(1),
            area: AreaId(1),
            name: "示例 & 点".into(),
            name_en: String::new(),
            address: "某路1号".into(),
            phone: String::new(),
            note: String::new(),
            note_en: String::new(),
            position: Position::new(120.892_925, 32.062_913).unwrap(),
            hours: Hours::read("08:00-17:00").ok(),
            opens_from: None,
            suspended: false,
            checked_on: None,
            sample: true,
        }
    }

    #[test]
    fn each_map_gets_the_order_of_coordinates_that_it_wants() {
        assert!(
            site()
                .amap()
                .contains("position=120.892925,32.062913&name=%E7%A4%BA%E4%BE%8B%20%26%20")
        );
        assert!(
            site()
                .tencent()
                .contains("marker=coord:32.062913,120.892925;title:")
        );
        assert!(site().baidu().contains("location=32.062913,120.892925&"));
        assert!(site().baidu().contains("&coord_type=gcj02&"));
    }

    #[test]
    fn closures_and_first_days_come_before_hours() {
        let noon = |day| {
            NaiveDate::from_ymd_opt(2026, 9, day)
                .unwrap()
                .and_hms_opt(12, 0, 0)
                .unwrap()
        };
        let mut site = site();
        assert!(matches!(site.state(noon(1)), OpenState::Open { .. }));
        site.opens_from = NaiveDate::from_ymd_opt(2026, 9, 3);
        let first = NaiveDate::from_ymd_opt(2026, 9, 3)
            .unwrap()
            .and_hms_opt(8, 0, 0);
        assert_eq!(site.state(noon(1)), OpenState::Closed { opens: first });
        assert!(matches!(site.state(noon(3)), OpenState::Open { .. }));
        site.suspended = true;
        assert_eq!(site.state(noon(3)), OpenState::Closed { opens: None });
        (site.suspended, site.hours) = (false, None);
        assert_eq!(site.state(noon(3)), OpenState::Unknown);
        assert_eq!(site.state(noon(1)), OpenState::Closed { opens: None });
    }
}
