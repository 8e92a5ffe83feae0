//! The whole table of moves, written down a second time.

use super::Status::{
    Accepted, Closed, Duplicate, Invalid, Unreachable, Verified, Waiting, Withdrawn,
};
use super::*;

const MOVERS: [Mover; 5] = [
    Mover::Resident,
    Mover::Worker,
    Mover::Lead,
    Mover::Centre,
    Mover::System,
];
const REFUSALS_MAX: u16 = 2;

/// A move, from where, to where (none: it stays), and by whom.
type Line = (Move, Vec<Status>, Option<Status>, &'static [Mover]);

/// Everything that is not here is illegal.
fn table() -> Vec<Line> {
    let staff: &[Mover] = &[Mover::Worker, Mover::Lead, Mover::Centre];
    let leads: &[Mover] = &[Mover::Lead, Mover::Centre];
    let open = vec![Waiting, Accepted, Unreachable];
    let taken = vec![Accepted, Unreachable];
    let mut table = vec![
        (
            Move::Accept,
            vec![Waiting, Unreachable],
            Some(Accepted),
            staff,
        ),
        (Move::Assign, open.clone(), Some(Accepted), leads),
        (Move::Unreachable, taken.clone(), Some(Unreachable), staff),
        (Move::Verify, vec![Closed], Some(Verified), leads),
        (Move::Invalidate, open.clone(), Some(Invalid), staff),
        (
            Move::Reopen,
            vec![Closed, Verified, Invalid],
            Some(Waiting),
            leads,
        ),
        (
            Move::Refuse,
            open.clone(),
            Some(Waiting),
            &[Mover::Worker, Mover::Lead],
        ),
        (
            Move::Transfer,
            open.clone(),
            Some(Waiting),
            &[Mover::Centre],
        ),
        (Move::Merge, open.clone(), Some(Duplicate), staff),
        (
            Move::Split,
            vec![Duplicate],
            Some(Waiting),
            &[Mover::Worker, Mover::Lead, Mover::Centre, Mover::System],
        ),
        (Move::Note, Status::ALL.to_vec(), None, staff),
        (
            Move::Correct,
            vec![Waiting],
            Some(Waiting),
            &[Mover::Resident],
        ),
        (Move::Withdraw, open, Some(Withdrawn), &[Mover::Resident]),
        (Move::HandOver, taken.clone(), None, &[Mover::System]),
        (
            Move::Release,
            taken.clone(),
            Some(Waiting),
            &[Mover::System],
        ),
    ];
    for outcome in Outcome::ALL {
        table.push((Move::Close(outcome), taken.clone(), Some(Closed), staff));
    }
    table
}

/// guarantee: Every move is allowed from the statuses and to the roles of one table, and never
/// otherwise
#[test]
fn every_move_follows_the_table_of_states_and_roles() {
    for (step, from, to, by) in table() {
        for status in Status::ALL {
            for mover in MOVERS {
                let standing = Standing {
                    status,
                    unrouted: false,
                    refusals: 0,
                    closed_by_mover: false,
                };
                let legal = from.contains(&status) && by.contains(&mover);
                let wanted = if legal {
                    Ok(to.unwrap_or(status))
                } else {
                    Err(IllegalMove { from: status })
                };
                let got = standing.step(step, mover, REFUSALS_MAX);
                assert_eq!(got, wanted, "{step:?} from {status:?} by {mover:?}");
            }
        }
    }
}

#[test]
fn reports_in_the_bin_or_refused_twice_are_not_refused() {
    for (unrouted, refusals, legal) in [
        (false, 0, true),
        (false, 1, true),
        (false, 2, false),
        (true, 0, false),
    ] {
        let standing = Standing {
            status: Waiting,
            unrouted,
            refusals,
            closed_by_mover: false,
        };
        let got = standing.step(Move::Refuse, Mover::Lead, REFUSALS_MAX);
        assert_eq!(got.is_ok(), legal, "{unrouted} {refusals}");
    }
}

#[test]
fn a_mover_does_not_verify_their_own_closing() {
    for (step, from, ..) in table() {
        for (status, mover) in (from.iter()).flat_map(|at| MOVERS.map(|mover| (*at, mover))) {
            let standing = |closed_by_mover| Standing {
                status,
                unrouted: false,
                refusals: 0,
                closed_by_mover,
            };
            let [own, others] =
                [true, false].map(|own| standing(own).step(step, mover, REFUSALS_MAX));
            match step {
                Move::Verify => assert!(own.is_err(), "{mover:?}"),
                _ => assert_eq!(own, others, "{step:?} from {status:?} by {mover:?}"),
            }
        }
    }
}

#[test]
fn only_open_and_done_reports_can_absorb_duplicates() {
    let keep = Status::ALL.into_iter().filter(|status| status.can_absorb());
    let wanted = [Waiting, Accepted, Unreachable, Closed, Verified];
    assert!(keep.eq(wanted));
}
