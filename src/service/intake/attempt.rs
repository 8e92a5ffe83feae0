//! One attempt to submit a report, from the page or from the desk.

use super::{Key, Origin};
use crate::domain::place::Place;
use crate::domain::region::Gazetteer;
use crate::domain::report::Answers;

/// One attempt to submit a report.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The place that the report is about.
    pub place: Place<'a>,
    /// The regions in which the answers are read.
    pub gazetteer: &'a Gazetteer,
    /// The answers as the client sent them.
    pub answers: Answers<'a>,
    /// The idempotency key.
    pub key: Key,
    /// Channel, language and author.
    pub origin: Origin,
}
