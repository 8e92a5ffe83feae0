//! A campaign: what reports are asked for, on what ground, which fields, and until when. Outside
//! of its days nothing is taken.

use chrono::NaiveDate;

use super::field::Field;

/// Fields that a campaign may leave out.
pub const OPTIONAL: [Field; 6] = [
    Field::Companions,
    Field::CompanionNames,
    Field::Proxy,
    Field::Identity,
    Field::Vehicle,
    Field::Note,
];

/// The same words in both languages; either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// 中文
    pub zh: String,
    /// English.
    pub en: String,
}

/// What a city asks its residents, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Campaign {
    /// What people call the city in one or two signs: 通 makes 返通 and 离通.
    pub city: Wording,
    /// The law or order that it rests on.
    pub legal_basis: Wording,
    /// The notice on data protection, instead of the one that comes with the program.
    pub notice: Wording,
    /// Which edition of that; it is stored with each report.
    pub notice_version: String,
    /// Which of [`OPTIONAL`] are asked for.
    pub asked: Vec<Field>,
    /// The first day on which reports are taken.
    pub starts: Option<NaiveDate>,
    /// The last day on which reports are taken.
    pub ends: Option<NaiveDate>,
}

/// Whether reports are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// From this day on.
    NotYet(NaiveDate),
    /// Today.
    Open,
    /// Not since this day.
    Over(NaiveDate),
}

impl Campaign {
    /// One that asks for everything, on any day; for words that were taken under another one.
    pub fn asking_for_all() -> Self {
        Self {
            asked: OPTIONAL.to_vec(),
            ..Self::default()
        }
    }

    /// Whether reports are taken on this day of the city.
    pub fn standing(&self, today: NaiveDate) -> Standing {
        match (self.starts, self.ends) {
            (Some(starts), _) if today < starts => Standing::NotYet(starts),
            (_, Some(ends)) if today > ends => Standing::Over(ends),
            _ => Standing::Open,
        }
    }

    /// Whether this field is asked for; those without which there is no report always are.
    pub fn asks(&self, field: Field) -> bool {
        !OPTIONAL.contains(&field) || self.asked.contains(&field)
    }
}

impl Wording {
    /// The words in this language.
    pub fn in_english(&self, english: bool) -> &str {
        if english { &self.en } else { &self.zh }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn campaign_takes_reports_on_its_first_and_last_day() {
        let day = |n| NaiveDate::from_ymd_opt(2022, 9, n).unwrap();
        let campaign = |starts, ends| Campaign {
            starts,
            ends,
            ..Campaign::default()
        };
        let bounded = campaign(Some(day(5)), Some(day(7)));
        for (today, standing) in [
            (4, Standing::NotYet(day(5))),
            (5, Standing::Open),
            (7, Standing::Open),
            (8, Standing::Over(day(7))),
        ] {
            assert_eq!(bounded.standing(day(today)), standing);
        }
        assert_eq!(campaign(None, None).standing(day(1)), Standing::Open);
        assert_eq!(
            campaign(Some(day(2)), None).standing(day(30)),
            Standing::Open
        );
        assert_eq!(
            campaign(None, Some(day(2))).standing(day(1)),
            Standing::Open
        );
    }

    #[test]
    fn required_fields_are_always_asked_and_others_by_campaign() {
        let campaign = Campaign {
            asked: vec![Field::Note],
            ..Campaign::default()
        };
        assert!(campaign.asks(Field::Phone) && campaign.asks(Field::Note));
        assert!(!campaign.asks(Field::Identity));
    }
}
