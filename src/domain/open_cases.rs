//! Open cases in memory: what lists need to know of the open reports of a queue. Only this file
//! decides which reports a view holds, how many those are and which are probable duplicates.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::area::{AreaId, Level};
use super::deadline::{Due, Urgency};
use super::escalation::Overdue;
use super::listing::{Filter, ListQuery, Listing, Order, PageCursor};
use super::place::BuildingId;
use super::report::{Direction, ReportId};
use super::staff::StaffId;
use super::triage::Status;

/// The beginning of a keyed hash: equal where a telephone, or a room and a direction, is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(pub u64);

/// What lists need to know of one open report. Nothing personal is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// Its number.
    pub id: ReportId,
    /// The queue that owns it.
    pub queue: AreaId,
    /// The building that it is about.
    pub building: Option<BuildingId>,
    /// Which way.
    pub direction: Direction,
    /// Where it stands.
    pub status: Status,
    /// Who took it.
    pub owner: Option<StaffId>,
    /// Whether it left no more than a telephone.
    pub incomplete: bool,
    /// Whether an urgent rule marked it.
    pub urgent: bool,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// By when a staff member is to call.
    pub contact_due_at: DateTime<Utc>,
    /// By when the case is to be ended.
    pub finish_due_at: DateTime<Utc>,
    /// The highest level that it was escalated to, and when.
    pub escalated: Option<(Level, DateTime<Utc>)>,
    /// The telephone.
    pub phone: Option<Tag>,
    /// The room and the direction.
    pub room: Option<Tag>,
}

impl OpenCase {
    /// The deadline that counts with its status, and the level that it was escalated to.
    pub fn overdue(&self) -> Option<Overdue> {
        let due_at = match Due::of(self.status)? {
            Due::Contact => self.contact_due_at,
            Due::Finish => self.finish_due_at,
        };
        Some(Overdue {
            due_at,
            escalated: self.escalated,
        })
    }

    /// How pressing the deadline that counts is now; none where there is none.
    fn urgency(&self, now: DateTime<Utc>) -> Option<Urgency> {
        let due_at = self.overdue()?.due_at;
        let given = due_at - self.received_at;
        Some(Urgency::after(now - self.received_at, given))
    }

    fn fits(&self, narrow: &Filter) -> bool {
        narrow.direction.is_none_or(|way| way == self.direction)
            && narrow.queue.is_none_or(|queue| queue == self.queue)
            && narrow.buildings.as_ref().is_none_or(|some| {
                self.building
                    .is_some_and(|building| some.contains(&building))
            })
    }

    /// Its place in an order.
    fn cursor(&self, order: Order) -> PageCursor {
        let (urgent, at) = match order {
            Order::Deadline | Order::Building => (self.urgent, self.contact_due_at),
            Order::Newest => (false, self.received_at),
        };
        let building = self.building.filter(|_| order == Order::Building);
        let id = self.id;
        PageCursor {
            urgent,
            building,
            at,
            id,
        }
    }
}

/// The open reports of one queue.
#[derive(Clone, Debug, Default)]
pub struct OpenCases {
    cases: Vec<OpenCase>,
    places: HashMap<ReportId, usize>,
}

impl OpenCases {
    /// Adds the case, or replaces what was known of the same report.
    pub fn put(&mut self, case: OpenCase) {
        match self.places.get(&case.id) {
            Some(place) => self.cases[*place] = case,
            None => {
                self.places.insert(case.id, self.cases.len());
                self.cases.push(case);
            }
        }
    }

    /// Removes the report, which has ended or lies in another queue.
    pub fn remove(&mut self, id: ReportId) {
        let Some(place) = self.places.remove(&id) else {
            return;
        };
        self.cases.swap_remove(place);
        if let Some(moved) = self.cases.get(place) {
            self.places.insert(moved.id, place);
        }
    }

    /// All of them, in no order.
    pub fn cases(&self) -> &[OpenCase] {
        &self.cases
    }
}

/// The open cases that a staff member sees, and the probable duplicates among them.
#[derive(Debug)]
pub struct VisibleCases<'a> {
    cases: Vec<&'a OpenCase>,
    duplicates: HashSet<ReportId>,
}

impl<'a> VisibleCases<'a> {
    /// The view of these cases. Two of one room and direction are probable duplicates where they
    /// were received no further apart than `window`.
    pub fn of(cases: Vec<&'a OpenCase>, window: TimeDelta) -> Self {
        let duplicates = probable_duplicates(&cases, window);
        Self { cases, duplicates }
    }

    /// How many reports each view has; an ended report is not among them.
    pub fn counts(&self, query: &ListQuery) -> HashMap<Listing, i64> {
        let mut numbers = [0; Listing::ALL.len()];
        for case in &self.cases {
            if !case.fits(&query.narrow) {
                continue;
            }
            let urgency = case.urgency(query.now);
            for (number, listing) in numbers.iter_mut().zip(Listing::ALL) {
                *number += i64::from(self.holds(case, urgency, listing, query));
            }
        }
        Listing::ALL.into_iter().zip(numbers).collect()
    }

    /// The places of the first `limit` reports of the view, in its order and after the one that it
    /// names, and whether there are more.
    pub fn page(&self, query: &ListQuery, limit: usize) -> (Vec<PageCursor>, bool) {
        let newest = query.order == Order::Newest;
        let key = |cursor: &PageCursor| {
            (
                !newest && !cursor.urgent,
                cursor.building,
                cursor.at,
                cursor.id,
            )
        };
        let comes = |cursor: &PageCursor| {
            query.after.is_none_or(|after| {
                if newest {
                    key(cursor) < key(&after)
                } else {
                    key(cursor) > key(&after)
                }
            })
        };
        let cases = self.cases.iter().filter(|case| {
            let urgency = || case.urgency(query.now);
            case.fits(&query.narrow) && self.holds(case, urgency(), query.listing, query)
        });
        let mut cursors: Vec<PageCursor> = cases
            .map(|case| case.cursor(query.order))
            .filter(comes)
            .collect();
        let more = cursors.len() > limit;
        if newest {
            first(&mut cursors, limit, |cursor| Reverse(key(cursor)));
        } else {
            first(&mut cursors, limit, key);
        }
        (cursors, more)
    }

    fn holds(
        &self,
        case: &OpenCase,
        urgency: Option<Urgency>,
        listing: Listing,
        query: &ListQuery,
    ) -> bool {
        match listing {
            Listing::Open => true,
            Listing::Mine => case.owner == Some(query.me),
            Listing::Waiting => case.status == Status::Waiting,
            Listing::DueSoon => urgency == Some(Urgency::DueSoon),
            Listing::Overdue => urgency == Some(Urgency::Overdue),
            Listing::Unrouted => query.bins.contains(&case.queue),
            Listing::Red => case.urgent,
            Listing::Escalated => case.escalated.is_some(),
            Listing::Unreachable => case.status == Status::Unreachable,
            Listing::Incomplete => case.incomplete,
            Listing::Duplicates => self.duplicates.contains(&case.id),
            Listing::ClosedToday => false,
        }
    }
}

/// Leaves the first `limit`, in order.
fn first<K: Ord>(cursors: &mut Vec<PageCursor>, limit: usize, key: impl Fn(&PageCursor) -> K) {
    if limit > 0 && cursors.len() > limit {
        cursors.select_nth_unstable_by_key(limit - 1, &key);
    }
    cursors.truncate(limit);
    cursors.sort_unstable_by_key(key);
}

/// Those that have the telephone, or within the window the room and direction, of another.
fn probable_duplicates(cases: &[&OpenCase], window: TimeDelta) -> HashSet<ReportId> {
    let mut duplicates = HashSet::new();
    same(
        cases,
        |case| case.phone,
        |group| {
            duplicates.extend(group.iter().map(|case| case.id));
        },
    );
    same(
        cases,
        |case| case.room,
        |group| {
            group.sort_unstable_by_key(|case| case.received_at);
            for pair in group.windows(2) {
                if pair[1].received_at - pair[0].received_at <= window {
                    duplicates.extend(pair.iter().map(|case| case.id));
                }
            }
        },
    );
    duplicates
}

/// Hands over each group of several with the same tag.
fn same<'a>(
    cases: &[&'a OpenCase],
    tag: impl Fn(&OpenCase) -> Option<Tag>,
    mut each: impl FnMut(&mut Vec<&'a OpenCase>),
) {
    let tagged = cases.iter().zip(0u32..);
    let mut tagged: Vec<(Tag, u32)> = tagged
        .filter_map(|(case, at)| Some((tag(case)?, at)))
        .collect();
    tagged.sort_unstable();
    for group in tagged.chunk_by(|one, other| one.0 == other.0) {
        if group.len() > 1 {
            let cases = group.iter().map(|(_, at)| cases[*at as usize]);
            each(&mut cases.collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn case(nth: u128, received: i64, phone: u64, room: u64) -> OpenCase {
        OpenCase {
            id: ReportId(Uuid::from_u128(nth)),
            queue: AreaId(1),
            building: Some(BuildingId(1)),
            direction: Direction::Return,
            status: Status::Waiting,
            owner: None,
            incomplete: false,
            urgent: false,
            received_at: at(received),
            contact_due_at: at(received + 120),
            finish_due_at: at(received + 1_440),
            escalated: None,
            phone: Some(Tag(phone)),
            room: (room > 0).then_some(Tag(room)),
        }
    }

    fn query(listing: Listing, order: Order) -> ListQuery {
        ListQuery {
            listing,
            order,
            narrow: Filter::default(),
            me: StaffId(1),
            bins: Vec::new(),
            now: at(130),
            day_began: at(0),
            after: None,
        }
    }

    fn duplicates_of(cases: &[OpenCase]) -> Vec<u128> {
        let duplicates =
            probable_duplicates(&cases.iter().collect::<Vec<_>>(), TimeDelta::minutes(10));
        let mut duplicates: Vec<u128> = duplicates.iter().map(|id| id.0.as_u128()).collect();
        duplicates.sort_unstable();
        duplicates
    }

    /// guarantee: Probable duplicates share a telephone, or within the window a room and a
    /// direction
    #[test]
    fn duplicates_share_a_telephone_or_a_room_within_hours() {
        let phones = [case(1, 0, 7, 0), case(2, 9_999, 7, 0), case(3, 0, 8, 0)];
        assert_eq!(duplicates_of(&phones), [1, 2]);
        let rooms = [case(1, 0, 1, 5), case(2, 10, 2, 5), case(3, 21, 3, 5)];
        assert_eq!(
            duplicates_of(&rooms),
            [1, 2],
            "the last is eleven minutes away"
        );
        assert_eq!(duplicates_of(&[case(1, 0, 1, 0), case(2, 0, 2, 0)]), [0; 0]);
    }

    #[test]
    fn the_second_deadline_counts_once_a_case_is_accepted() {
        let mut late = case(1, 0, 1, 0);
        let overdue = |case: &OpenCase| {
            VisibleCases::of(vec![case], TimeDelta::zero())
                .counts(&query(Listing::Open, Order::Deadline))[&Listing::Overdue]
        };
        assert_eq!(overdue(&late), 1);
        late.status = Status::Accepted;
        assert_eq!(overdue(&late), 0);
        late.finish_due_at = at(129);
        assert_eq!(overdue(&late), 1);
    }

    fn cases() -> impl Strategy<Value = Vec<OpenCase>> {
        let one = (0_i64..200, 1_u64..40, 0_u64..40, any::<bool>(), 0_i32..9);
        prop::collection::vec(one, 0..60).prop_map(|all| {
            let numbered = all.into_iter().zip(1_u128..);
            let cases = numbered.map(|((received, phone, room, urgent, some), nth)| OpenCase {
                urgent,
                owner: (some % 3 > 0).then_some(StaffId(some % 3)),
                building: (some / 3 > 0).then_some(BuildingId(some / 3)),
                ..case(nth, received, phone, room)
            });
            cases.collect()
        })
    }

    proptest! {
        /// guarantee: A list continues page by page in each order, and shows no report twice
        /// guarantee: Pages of any view, in any order, show each report once and as many as are
        /// counted
        #[test]
        fn pages_show_each_case_once_and_match_the_count(
            all in cases(), view in 0..Listing::ALL.len(), order in prop::sample::select(&Order::ALL[..]), limit in 1_usize..7,
        ) {
            let mut query = query(Listing::ALL[view], order);
            let seen = VisibleCases::of(all.iter().collect(), TimeDelta::minutes(10));
            let counted = seen.counts(&query)[&query.listing];
            let mut shown: Vec<PageCursor> = Vec::new();
            loop {
                let (page, more) = seen.page(&query, limit);
                prop_assert!(page.len() <= limit);
                shown.extend(&page);
                query.after = page.last().copied();
                if !more {
                    break;
                }
                prop_assert_eq!(page.len(), limit);
            }
            prop_assert_eq!(i64::try_from(shown.len()).unwrap(), counted);
            let mut sorted = shown.clone();
            match order {
                Order::Deadline => sorted.sort_by_key(|cursor| (!cursor.urgent, cursor.at, cursor.id)),
                Order::Building => {
                    sorted.sort_by_key(|cursor| (!cursor.urgent, cursor.building, cursor.at, cursor.id));
                }
                Order::Newest => sorted.sort_by_key(|cursor| Reverse((cursor.at, cursor.id))),
            }
            sorted.dedup();
            prop_assert_eq!(shown, sorted);
        }

        #[test]
        fn open_cases_hold_what_was_put_last_and_nothing_removed(
            steps in prop::collection::vec((0_u128..8, any::<bool>(), 0_i64..99), 0..60),
        ) {
            let (mut open_cases, mut expected) = (OpenCases::default(), HashMap::new());
            for (nth, stays, received) in steps {
                let case = case(nth, received, 1, 1);
                if stays {
                    open_cases.put(case.clone());
                    expected.insert(case.id, case);
                } else {
                    open_cases.remove(case.id);
                    expected.remove(&case.id);
                }
            }
            prop_assert_eq!(open_cases.cases().len(), expected.len());
            for case in open_cases.cases() {
                prop_assert_eq!(expected.get(&case.id), Some(case));
            }
        }
    }
}
