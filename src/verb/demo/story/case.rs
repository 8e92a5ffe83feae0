//! A case of the story: what a resident says, and what happens with it afterwards.

use chrono::NaiveDateTime;

use crate::domain::report::Direction;
use crate::domain::triage::Outcome;

/// A report and its history. Times are the city's local times.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// When it is received.
    pub(super) at: NaiveDateTime,
    /// Where the resident stands.
    pub(super) door: Door,
    /// What the resident says.
    pub(super) said: Said,
    /// Whether the community lead writes it down at the desk.
    pub(super) desk: bool,
    /// What happens afterwards, in the order of time.
    pub(super) then: Vec<Deed>,
}

/// The placard of a case, as a number that is divided by the count of placards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// In a community.
    Community(usize),
    /// At a building that no community owns yet.
    Stray(usize),
}

/// The answers of a form.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) direction: Direction,
    pub(super) region: &'static str,
    pub(super) room: String,
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) companions: usize,
    /// Their names; empty where the resident gives none.
    pub(super) companion_names: String,
    pub(super) note: &'static str,
    /// Whether the resident leaves only the telephone.
    pub(super) phone_only: bool,
}

/// Something that happens with a case.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) at: NaiveDateTime,
    pub(super) act: Act,
}

/// What staff do, or the resident.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Accept,
    /// The lead assigns it to a grid worker, or accepts it where there is none.
    Assign,
    /// A call that is not answered, and the time of the next one.
    NoAnswer(NaiveDateTime),
    Note(&'static str),
    Close(Outcome),
    /// The command centre verifies it.
    Verify,
    Refuse(&'static str),
    /// The command centre gives it to the community of this door.
    Transfer(Door),
    /// It duplicates the case with this number.
    Merge(usize),
    Invalidate(&'static str),
    Withdraw,
}
