//! Triage: which move a report may make from where it stands. The only place that knows.

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// 待签收: nobody has taken it.
    Waiting,
    /// 处置中: somebody has.
    Accepted,
    /// 已办结
    Closed,
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// 已核实登记: the person was reached and what they said is right.
    Confirmed,
    /// 已告知: the person was reached and told what to do.
    Informed,
    /// 行程取消: nobody came, nobody left.
    Cancelled,
    /// 已转交: somebody else takes care of it.
    Referred,
}

/// What somebody does with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Takes it.
    Accept,
    /// Ends it.
    Close(Outcome),
}

/// The answer to a move that cannot be made from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IllegalMove {
    /// Where the report stands.
    pub from: Status,
}

impl Status {
    /// Every status, in the order of a case.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Accepted, Self::Closed];

    /// The word that stands in the database and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Closed => "closed",
        }
    }

    /// The status that a stored word stands for.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Where the move leads, or that it cannot be made.
    pub fn step(self, step: Move) -> Result<Self, IllegalMove> {
        match (self, step) {
            (Self::Waiting, Move::Accept) => Ok(Self::Accepted),
            (Self::Accepted, Move::Close(_)) => Ok(Self::Closed),
            (from, _) => Err(IllegalMove { from }),
        }
    }
}

impl Outcome {
    /// Every outcome, in the order in which people choose.
    pub const ALL: [Self; 4] = [
        Self::Confirmed,
        Self::Informed,
        Self::Cancelled,
        Self::Referred,
    ];

    /// The word that stands in the database and in forms.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Informed => "informed",
            Self::Cancelled => "cancelled",
            Self::Referred => "referred",
        }
    }

    /// The outcome that a word stands for.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_accepted_then_closed_and_nothing_else() {
        let close = Move::Close(Outcome::Confirmed);
        for (from, step, to) in [
            (Status::Waiting, Move::Accept, Some(Status::Accepted)),
            (Status::Waiting, close, None),
            (Status::Accepted, Move::Accept, None),
            (Status::Accepted, close, Some(Status::Closed)),
            (Status::Closed, Move::Accept, None),
            (Status::Closed, close, None),
        ] {
            assert_eq!(from.step(step), to.ok_or(IllegalMove { from }));
        }
    }

    #[test]
    fn words_survive_storage() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_code(outcome.code()), Some(outcome));
        }
    }
}
