//! Options that a page of staff offers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::triage::Outcome;
use crate::web::text::Words;

/// An option with a fixed code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Choice {
    /// The code to send.
    pub(crate) value: &'static str,
    /// The label to show.
    pub(crate) label: &'static str,
}

/// A person or a community to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Target {
    /// The id to send.
    pub(crate) id: i32,
    /// The name to show.
    pub(crate) name: String,
}

/// Every outcome that a case can have.
pub(crate) fn outcomes(w: &Words) -> Vec<Choice> {
    let choice = |outcome: &Outcome| Choice {
        value: outcome.code(),
        label: w.outcome(*outcome),
    };
    Outcome::ALL.iter().map(choice).collect()
}

/// A number of minutes in words; whole hours as hours.
pub(crate) fn duration(minutes: u32, w: &Words) -> String {
    if minutes.is_multiple_of(60) {
        format!("{} {}", minutes / 60, w.case.hours)
    } else {
        format!("{minutes} {}", w.case.minutes)
    }
}
