//! Triage: who may make which move with a report from where it stands. The only place that knows.

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::coded::coded;
use super::journal::Event;
use super::staff::Role;

/// Where a report stands, in the order of a case.
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
pub enum Status {
    /// 待签收: no staff member has accepted it.
    Waiting,
    /// 处置中: a staff member has accepted it.
    Accepted,
    /// 联系不上: a call was not answered.
    Unreachable,
    /// 已办结
    Closed,
    /// 已核验: a second person has looked over it.
    Verified,
    /// 已撤回: the resident took it back.
    Withdrawn,
    /// 重复: another report says the same.
    Duplicate,
    /// 无效: a joke or a trial, no real report.
    Invalid,
}

coded!(Status);

/// What statuses have in common; every report is in exactly one stage.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumCount, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// No staff member has accepted it.
    Waiting,
    /// A staff member has accepted it, and it has not ended.
    InHand,
    /// It was ended with an outcome.
    Done,
    /// It needs no work: withdrawn, duplicate or invalid.
    Aside,
}

coded!(Stage, listed);

/// What came of a case, in the order of the list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// 已核实登记: the person was reached and what they said is right.
    Confirmed,
    /// 已告知: the person was reached and told what to do.
    Informed,
    /// 行程取消: the journey did not take place.
    Cancelled,
    /// 已转交: another office takes care of it.
    Referred,
}

coded!(Outcome);

/// Who makes a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mover {
    /// The person who reported.
    Resident,
    /// 网格员
    Worker,
    /// 社区负责人
    Lead,
    /// 值班员 at the command centre
    Centre,
    /// An automatic action: when an owner leaves, or a duplicate would be left without a case.
    System,
}

/// A step with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// Accepts it, or accepts it again after a call that was not answered.
    Accept,
    /// Assigns it to a staff member of the community.
    Assign,
    /// Records a call that was not answered.
    Unreachable,
    /// Ends it.
    Close(Outcome),
    /// Confirms how another staff member closed it.
    Verify,
    /// Finds that it is no report.
    Invalidate,
    /// Takes up again what was ended.
    Reopen,
    /// 退回: this is not ours.
    Refuse,
    /// 转派: gives it to a community.
    Transfer,
    /// Finds that another report says the same.
    Merge,
    /// Finds that it does not, or that the other one no longer needs a call.
    Split,
    /// Writes something down.
    Note,
    /// Corrects the content.
    Correct,
    /// Takes it back.
    Withdraw,
    /// Passes it on to a colleague of an owner who leaves.
    HandOver,
    /// Makes it wait again, since its owner leaves.
    Release,
}

/// Where a report stands, as far as moves depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The status.
    pub status: Status,
    /// Whether it lies in the centre's bin, without a community.
    pub unrouted: bool,
    /// How often a community has refused it.
    pub refusals: u16,
    /// Whether the mover is the one who closed it last.
    pub closed_by_mover: bool,
}

/// The answer to a move that cannot be made from here, or not by this person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IllegalMove {
    /// Where the report stands.
    pub from: Status,
}

impl Status {
    /// The stage that it belongs to.
    pub fn stage(self) -> Stage {
        match self {
            Self::Waiting => Stage::Waiting,
            Self::Accepted | Self::Unreachable => Stage::InHand,
            Self::Closed | Self::Verified => Stage::Done,
            Self::Withdrawn | Self::Duplicate | Self::Invalid => Stage::Aside,
        }
    }

    /// Whether it still needs work.
    pub fn is_open(self) -> bool {
        matches!(self.stage(), Stage::Waiting | Stage::InHand)
    }

    /// Whether duplicates may be merged into a report of this status and stay merged: staff call
    /// about it, or have closed it with an outcome. A duplicate cannot absorb others, so there are
    /// no chains.
    pub fn can_absorb(self) -> bool {
        self.stage() != Stage::Aside
    }
}

impl Move {
    /// Every kind of move that staff make, in the order in which they are offered.
    pub const OF_STAFF: [Self; 12] = [
        Self::Accept,
        Self::Close(Outcome::Confirmed),
        Self::Unreachable,
        Self::Note,
        Self::Assign,
        Self::Refuse,
        Self::Transfer,
        Self::Merge,
        Self::Split,
        Self::Invalidate,
        Self::Verify,
        Self::Reopen,
    ];

    /// The word that stands in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Assign => "assign",
            Self::Unreachable => "unreachable",
            Self::Close(_) => "close",
            Self::Verify => "verify",
            Self::Invalidate => "invalidate",
            Self::Reopen => "reopen",
            Self::Refuse => "refuse",
            Self::Transfer => "transfer",
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Note => "note",
            Self::Correct => "correct",
            Self::Withdraw => "withdraw",
            Self::HandOver => "hand_over",
            Self::Release => "release",
        }
    }

    /// The journal entry that it leaves.
    pub fn event(self) -> Event {
        match self {
            Self::Accept => Event::Accepted,
            Self::Assign => Event::Assigned,
            Self::Unreachable => Event::Unreachable,
            Self::Close(_) => Event::Closed,
            Self::Verify => Event::Verified,
            Self::Invalidate => Event::Invalidated,
            Self::Reopen => Event::Reopened,
            Self::Refuse => Event::Refused,
            Self::Transfer => Event::Transferred,
            Self::Merge => Event::Merged,
            Self::Split => Event::Split,
            Self::Note => Event::Noted,
            Self::Correct => Event::Corrected,
            Self::Withdraw => Event::Withdrawn,
            Self::HandOver => Event::HandedOver,
            Self::Release => Event::Released,
        }
    }

    /// Whether the person who makes it has to say why.
    pub fn owes_reason(self) -> bool {
        matches!(
            self,
            Self::Refuse | Self::Invalidate | Self::Reopen | Self::Note
        )
    }

    /// Whether the report has an owner afterwards, who must then be enabled.
    pub fn gives_owner(self) -> bool {
        matches!(self, Self::Accept | Self::Assign | Self::Close(_))
    }

    /// Who may make it, wherever the report stands.
    pub fn is_for(self, mover: Mover) -> bool {
        match self {
            Self::Correct | Self::Withdraw => mover == Mover::Resident,
            Self::HandOver | Self::Release => mover == Mover::System,
            Self::Transfer => mover == Mover::Centre,
            Self::Assign | Self::Verify | Self::Reopen => {
                matches!(mover, Mover::Lead | Mover::Centre)
            }
            Self::Refuse => matches!(mover, Mover::Worker | Mover::Lead),
            Self::Accept
            | Self::Unreachable
            | Self::Close(_)
            | Self::Invalidate
            | Self::Merge
            | Self::Note => !matches!(mover, Mover::Resident | Mover::System),
            Self::Split => mover != Mover::Resident,
        }
    }
}

impl Mover {
    /// The mover of this role; none for roles that never change a report.
    pub fn of(role: Role) -> Option<Self> {
        match role {
            Role::GridWorker => Some(Self::Worker),
            Role::CommunityLead => Some(Self::Lead),
            Role::DutyOfficer => Some(Self::Centre),
            Role::Admin | Role::Auditor => None,
        }
    }
}

impl Standing {
    /// Where the move leads, or that it cannot be made. `refusals_max` is how often communities
    /// may say *not ours* before the centre's ruling stands.
    pub fn step(self, step: Move, mover: Mover, refusals_max: u16) -> Result<Status, IllegalMove> {
        let from = self.status;
        let illegal = Err(IllegalMove { from });
        if !step.is_for(mover) {
            return illegal;
        }
        match (step, from) {
            (Move::Accept, Status::Waiting | Status::Unreachable) => Ok(Status::Accepted),
            (Move::Assign, _) if from.is_open() => Ok(Status::Accepted),
            (Move::Unreachable, Status::Accepted | Status::Unreachable) => Ok(Status::Unreachable),
            (Move::Close(_), Status::Accepted | Status::Unreachable) => Ok(Status::Closed),
            (Move::Verify, Status::Closed) if !self.closed_by_mover => Ok(Status::Verified),
            (Move::Invalidate, _) if from.is_open() => Ok(Status::Invalid),
            (Move::Reopen, Status::Closed | Status::Verified | Status::Invalid)
            | (Move::Split, Status::Duplicate)
            | (Move::Correct, Status::Waiting)
            | (Move::Release, Status::Accepted | Status::Unreachable) => Ok(Status::Waiting),
            (Move::Refuse, _) if self.unrouted || self.refusals >= refusals_max => illegal,
            (Move::Refuse | Move::Transfer, _) if from.is_open() => Ok(Status::Waiting),
            (Move::Merge, _) if from.is_open() => Ok(Status::Duplicate),
            (Move::Withdraw, _) if from.is_open() => Ok(Status::Withdrawn),
            // A time to call again that was agreed upon stays.
            (Move::HandOver, Status::Accepted | Status::Unreachable) | (Move::Note, _) => Ok(from),
            _ => illegal,
        }
    }
}

#[cfg(test)]
mod tests;
