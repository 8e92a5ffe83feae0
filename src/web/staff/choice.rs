//! What a person can choose on a page of staff.

use serde::Serialize;
use utoipa::ToSchema;

use crate::web::text::Words;

/// Something that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Choice {
    /// What to send.
    pub(crate) value: &'static str,
    /// What to read.
    pub(crate) label: &'static str,
}

/// Somebody or some place that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Target {
    /// Our number.
    pub(crate) id: i32,
    /// What to read.
    pub(crate) name: String,
}

/// So many minutes in words.
pub(crate) fn span(minutes: u32, w: &Words) -> String {
    match minutes % 60 {
        0 => format!("{} {}", minutes / 60, w.case.hours),
        _ => format!("{minutes} {}", w.case.minutes),
    }
}
