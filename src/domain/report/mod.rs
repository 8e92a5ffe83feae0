//! Reports: what a resident says once, and every mistake that its words can have.

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::coded::coded;
pub use super::field::Field;
use super::plain_text::key;
use super::region::RegionId;

mod companions;
mod draft;

pub use companions::COMPANIONS_MAX;
pub use draft::{Answers, Draft};

/// The number of a report: minted with the page, ordered by time, never a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReportId(pub Uuid);

/// The holder of a report's secret link. Only an opened link makes one, so no read on a resident's
/// behalf compiles without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder(ReportId);

impl Holder {
    /// To be called only with the report of a link that the key has opened.
    pub fn of_opened_link(id: ReportId) -> Self {
        Self(id)
    }

    /// The report that they hold.
    pub fn report(self) -> ReportId {
        self.0
    }
}

/// Which way a resident travels, seen from the city.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumCount,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Direction {
    /// 返通: came, or is coming.
    Return,
    /// 离通: left, or is leaving.
    Leave,
    /// Not said: the resident left only a telephone, and the community asks.
    Unsaid,
}

coded!(Direction);

impl Direction {
    /// The directions that a form offers.
    pub const OFFERED: [Self; 2] = [Self::Return, Self::Leave];

    /// The direction as tables name it: its code, or 返 and 离 with what a city puts behind them,
    /// such as 返通, 返程, 离开.
    pub fn read(text: &str) -> Option<Self> {
        let word = key(text);
        let few = word.chars().count() <= DIRECTION_CHARS_MAX;
        match (few && word.contains('返'), few && word.contains('离')) {
            (true, false) if word.starts_with('返') => Some(Self::Return),
            (false, true) if word.starts_with('离') => Some(Self::Leave),
            _ => Self::from_code(&word),
        }
    }
}

/// Signs of a Chinese word for a direction at most.
const DIRECTION_CHARS_MAX: usize = 4;

/// How a report came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// The page behind a placard.
    Page,
    /// A program that speaks JSON.
    Api,
    /// 代录: a staff member entered it for a person without a telephone at hand.
    Desk,
}

coded!(Channel);

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Nothing was said.
    Missing,
    /// More than fits.
    TooLong,
    /// Signs that cannot stand there.
    Characters,
    /// Not of the form that such a thing has.
    Malformed,
    /// A day or a number outside of what is taken.
    OutOfRange,
    /// The campaign does not ask for it.
    NotAsked,
    /// Several places have that name: which one?
    Ambiguous(Vec<RegionId>),
}

/// Every mistake of a form, in the order of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The mistakes.
    pub mistakes: Vec<(Field, Mistake)>,
}

impl Refusal {
    /// Whether the same words may have been right before: on another day, under another campaign,
    /// or while their place had no namesake.
    pub fn may_have_been_right(&self) -> bool {
        self.mistakes.iter().all(|wrong| {
            matches!(
                wrong,
                (Field::Day, Mistake::OutOfRange)
                    | (Field::Region, Mistake::Ambiguous(_))
                    | (_, Mistake::NotAsked)
            )
        })
    }
}
