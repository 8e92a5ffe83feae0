//! The history of a case as staff read it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::area::{Level, Tree};
use crate::domain::journal::Event;
use crate::service::case::HistoryEntry;
use crate::web::text::Words;

/// A line of the history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryLine {
    /// When, in words.
    pub(crate) at: String,
    /// Who: a staff member, the resident or the system.
    pub(crate) who: String,
    /// The event's code.
    pub(crate) event: &'static str,
    /// The event in words.
    pub(crate) text: String,
    /// The reason; may be empty.
    pub(crate) reason: String,
}

/// Draws a line of the history; `at` is its time in words.
pub(crate) fn history_line(
    line: &HistoryEntry,
    tree: &Tree,
    w: &'static Words,
    at: String,
) -> HistoryLine {
    let event = line.entry.event;
    let without_name = match event {
        Event::Escalated | Event::Split => w.night.app,
        _ => w.case.resident,
    };
    HistoryLine {
        at,
        who: (line.who.clone()).unwrap_or_else(|| without_name.to_owned()),
        event: event.code(),
        text: text(line, tree, w),
        reason: line.reason.clone().unwrap_or_default(),
    }
}

fn text(line: &HistoryEntry, tree: &Tree, w: &'static Words) -> String {
    let detail = line.entry.detail.as_deref().unwrap_or_default();
    let words = match (line.entry.event, Level::from_code(detail), line.entry.actor) {
        (Event::Escalated, Some(level), _) => w.escalated(level),
        (Event::Split, _, None) => w.freed(),
        (Event::Arrived, ..) if tree.is_unrouted(line.entry.queue) => w.to_the_bin(),
        (event, ..) => w.event_of_case(event),
    };
    match tree.area_of(line.entry.queue) {
        // Which community it is, so that the history tells the way of the report.
        Some(area) if line.entry.event == Event::Arrived => {
            format!("{words} · {}", area.name_in(w.is_english()))
        }
        _ => words.to_owned(),
    }
}
