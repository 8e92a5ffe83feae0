//! Dockets: what lists need to know of a queue's open reports, held in memory. Which reports a
//! view holds, how many those are and which of them are probably the same is decided here, once.

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
    /// Whether a red rule marked it.
    pub urgent: bool,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// By when somebody is to call.
    pub contact_due_at: DateTime<Utc>,
    /// By when the case is to be ended; none where it came before there was such a deadline.
    pub finish_due_at: DateTime<Utc>,
    /// The highest level that was told that it is overdue, and when.
    pub escalated: Option<(Level, DateTime<Utc>)>,
    /// The telephone.
    pub phone: Option<Tag>,
    /// The room and the direction.
    pub room: Option<Tag>,
}

impl OpenCase {
    /// The deadline that counts as it stands, and whom it was told to.
    pub fn overdue(&self) -> Option<Overdue> {
        let due_at = match Due::of(self.status)? {
            Due::Contact => self.contact_due_at,
            Due::Finish => self.finish_due_at,
        };
        Some(Overdue {
            due_at,
            told: self.escalated,
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
    fn mark(&self, order: Order) -> PageCursor {
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
    slips: Vec<OpenCase>,
    places: HashMap<ReportId, usize>,
}

impl OpenCases {
    /// From its return on, this is what is known of the report.
    pub fn put(&mut self, slip: OpenCase) {
        match self.places.get(&slip.id) {
            Some(place) => self.slips[*place] = slip,
            None => {
                self.places.insert(slip.id, self.slips.len());
                self.slips.push(slip);
            }
        }
    }

    /// From its return on, nothing is known of the report: it has ended, or lies elsewhere.
    pub fn remove(&mut self, id: ReportId) {
        let Some(place) = self.places.remove(&id) else {
            return;
        };
        self.slips.swap_remove(place);
        if let Some(moved) = self.slips.get(place) {
            self.places.insert(moved.id, place);
        }
    }

    /// All of them, in no order.
    pub fn slips(&self) -> &[OpenCase] {
        &self.slips
    }
}

/// What somebody sees of several dockets, and which of it is probably the same.
#[derive(Debug)]
pub struct Seen<'a> {
    slips: Vec<&'a OpenCase>,
    twins: HashSet<ReportId>,
}

impl<'a> Seen<'a> {
    /// Of these reports; two of one room and direction are probably the same where they were
    /// received no further apart than `window`.
    pub fn of(slips: Vec<&'a OpenCase>, window: TimeDelta) -> Self {
        let twins = twins(&slips, window);
        Self { slips, twins }
    }

    /// How many reports each view has; what has ended is in no docket.
    pub fn counts(&self, look: &ListQuery) -> HashMap<Listing, i64> {
        let mut numbers = [0; Listing::ALL.len()];
        for slip in &self.slips {
            if !slip.fits(&look.narrow) {
                continue;
            }
            let urgency = slip.urgency(look.now);
            for (number, listing) in numbers.iter_mut().zip(Listing::ALL) {
                *number += i64::from(self.holds(slip, urgency, listing, look));
            }
        }
        Listing::ALL.into_iter().zip(numbers).collect()
    }

    /// The places of the first `limit` reports of the view, in its order and after the one that it
    /// names, and whether there are more.
    pub fn page(&self, look: &ListQuery, limit: usize) -> (Vec<PageCursor>, bool) {
        let newest = look.order == Order::Newest;
        let key = |mark: &PageCursor| (!newest && !mark.urgent, mark.building, mark.at, mark.id);
        let comes = |mark: &PageCursor| {
            look.after.is_none_or(|after| {
                if newest {
                    key(mark) < key(&after)
                } else {
                    key(mark) > key(&after)
                }
            })
        };
        let slips = self.slips.iter().filter(|slip| {
            let urgency = || slip.urgency(look.now);
            slip.fits(&look.narrow) && self.holds(slip, urgency(), look.listing, look)
        });
        let mut marks: Vec<PageCursor> = slips
            .map(|slip| slip.mark(look.order))
            .filter(comes)
            .collect();
        let more = marks.len() > limit;
        if newest {
            first(&mut marks, limit, |mark| Reverse(key(mark)));
        } else {
            first(&mut marks, limit, key);
        }
        (marks, more)
    }

    fn holds(
        &self,
        slip: &OpenCase,
        urgency: Option<Urgency>,
        listing: Listing,
        look: &ListQuery,
    ) -> bool {
        match listing {
            Listing::Open => true,
            Listing::Mine => slip.owner == Some(look.me),
            Listing::Waiting => slip.status == Status::Waiting,
            Listing::DueSoon => urgency == Some(Urgency::DueSoon),
            Listing::Overdue => urgency == Some(Urgency::Overdue),
            Listing::Unrouted => look.bins.contains(&slip.queue),
            Listing::Red => slip.urgent,
            Listing::Escalated => slip.escalated.is_some(),
            Listing::Unreachable => slip.status == Status::Unreachable,
            Listing::Incomplete => slip.incomplete,
            Listing::Twins => self.twins.contains(&slip.id),
            Listing::ClosedToday => false,
        }
    }
}

/// Leaves the first `limit`, in order.
fn first<K: Ord>(marks: &mut Vec<PageCursor>, limit: usize, key: impl Fn(&PageCursor) -> K) {
    if limit > 0 && marks.len() > limit {
        marks.select_nth_unstable_by_key(limit - 1, &key);
    }
    marks.truncate(limit);
    marks.sort_unstable_by_key(key);
}

/// Those that have the telephone, or within the window the room and direction, of another.
fn twins(slips: &[&OpenCase], window: TimeDelta) -> HashSet<ReportId> {
    let mut twins = HashSet::new();
    same(
        slips,
        |slip| slip.phone,
        |group| {
            twins.extend(group.iter().map(|slip| slip.id));
        },
    );
    same(
        slips,
        |slip| slip.room,
        |group| {
            group.sort_unstable_by_key(|slip| slip.received_at);
            for pair in group.windows(2) {
                if pair[1].received_at - pair[0].received_at <= window {
                    twins.extend(pair.iter().map(|slip| slip.id));
                }
            }
        },
    );
    twins
}

/// Hands over each group of several with the same tag.
fn same<'a>(
    slips: &[&'a OpenCase],
    tag: impl Fn(&OpenCase) -> Option<Tag>,
    mut each: impl FnMut(&mut Vec<&'a OpenCase>),
) {
    let tagged = slips.iter().zip(0u32..);
    let mut tagged: Vec<(Tag, u32)> = tagged
        .filter_map(|(slip, at)| Some((tag(slip)?, at)))
        .collect();
    tagged.sort_unstable();
    for group in tagged.chunk_by(|one, other| one.0 == other.0) {
        if group.len() > 1 {
            let slips = group.iter().map(|(_, at)| slips[*at as usize]);
            each(&mut slips.collect());
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

    fn slip(nth: u128, received: i64, phone: u64, room: u64) -> OpenCase {
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

    fn look(listing: Listing, order: Order) -> ListQuery {
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

    fn twins_of(slips: &[OpenCase]) -> Vec<u128> {
        let twins = twins(&slips.iter().collect::<Vec<_>>(), TimeDelta::minutes(10));
        let mut twins: Vec<u128> = twins.iter().map(|id| id.0.as_u128()).collect();
        twins.sort_unstable();
        twins
    }

    /// guarantee: Probable duplicates share a telephone, or within the window a room and a
    /// direction
    #[test]
    fn a_telephone_is_the_same_at_any_time_and_a_room_only_within_the_window() {
        let phones = [slip(1, 0, 7, 0), slip(2, 9_999, 7, 0), slip(3, 0, 8, 0)];
        assert_eq!(twins_of(&phones), [1, 2]);
        let rooms = [slip(1, 0, 1, 5), slip(2, 10, 2, 5), slip(3, 21, 3, 5)];
        assert_eq!(twins_of(&rooms), [1, 2], "the last is eleven minutes away");
        assert_eq!(twins_of(&[slip(1, 0, 1, 0), slip(2, 0, 2, 0)]), [0; 0]);
    }

    #[test]
    fn the_first_deadline_counts_while_it_waits_and_the_second_once_somebody_has_it() {
        let mut late = slip(1, 0, 1, 0);
        let overdue = |slip: &OpenCase| {
            Seen::of(vec![slip], TimeDelta::zero()).counts(&look(Listing::Open, Order::Deadline))
                [&Listing::Overdue]
        };
        assert_eq!(overdue(&late), 1);
        late.status = Status::Accepted;
        assert_eq!(overdue(&late), 0);
        late.finish_due_at = at(129);
        assert_eq!(overdue(&late), 1);
    }

    fn slips() -> impl Strategy<Value = Vec<OpenCase>> {
        let one = (0_i64..200, 1_u64..40, 0_u64..40, any::<bool>(), 0_i32..9);
        prop::collection::vec(one, 0..60).prop_map(|all| {
            let numbered = all.into_iter().zip(1_u128..);
            let slips = numbered.map(|((received, phone, room, urgent, some), nth)| OpenCase {
                urgent,
                owner: (some % 3 > 0).then_some(StaffId(some % 3)),
                building: (some / 3 > 0).then_some(BuildingId(some / 3)),
                ..slip(nth, received, phone, room)
            });
            slips.collect()
        })
    }

    proptest! {
        /// guarantee: A list continues page by page in each order, and shows no report twice
        /// guarantee: Pages of any view, in any order, show each report once and as many as are
        /// counted
        #[test]
        fn page_after_page_shows_each_once_in_order_and_as_many_as_are_counted(
            all in slips(), view in 0..Listing::ALL.len(), order in prop::sample::select(&Order::ALL[..]), limit in 1_usize..7,
        ) {
            let mut look = look(Listing::ALL[view], order);
            let seen = Seen::of(all.iter().collect(), TimeDelta::minutes(10));
            let counted = seen.counts(&look)[&look.listing];
            let mut shown: Vec<PageCursor> = Vec::new();
            loop {
                let (page, more) = seen.page(&look, limit);
                prop_assert!(page.len() <= limit);
                shown.extend(&page);
                look.after = page.last().copied();
                if !more {
                    break;
                }
                prop_assert_eq!(page.len(), limit);
            }
            prop_assert_eq!(i64::try_from(shown.len()).unwrap(), counted);
            let mut sorted = shown.clone();
            match order {
                Order::Deadline => sorted.sort_by_key(|mark| (!mark.urgent, mark.at, mark.id)),
                Order::Building => {
                    sorted.sort_by_key(|mark| (!mark.urgent, mark.building, mark.at, mark.id));
                }
                Order::Newest => sorted.sort_by_key(|mark| Reverse((mark.at, mark.id))),
            }
            sorted.dedup();
            prop_assert_eq!(shown, sorted);
        }

        #[test]
        fn a_docket_knows_what_was_put_last_and_nothing_that_was_removed(
            steps in prop::collection::vec((0_u128..8, any::<bool>(), 0_i64..99), 0..60),
        ) {
            let (mut docket, mut expected) = (OpenCases::default(), HashMap::new());
            for (nth, stays, received) in steps {
                let slip = slip(nth, received, 1, 1);
                if stays {
                    docket.put(slip.clone());
                    expected.insert(slip.id, slip);
                } else {
                    docket.remove(slip.id);
                    expected.remove(&slip.id);
                }
            }
            prop_assert_eq!(docket.slips().len(), expected.len());
            for slip in docket.slips() {
                prop_assert_eq!(expected.get(&slip.id), Some(slip));
            }
        }
    }
}
