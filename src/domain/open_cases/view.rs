//! Views: which open cases a list shows, how many each view has, and which are probable duplicates.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use strum::EnumCount;
use uuid::Uuid;

use super::chain::Slot;
use super::first::First;
use super::{Entry, OpenCases, Tag, time};
use crate::domain::area::{AreaId, Level};
use crate::domain::deadline::Urgency;
use crate::domain::listing::{ListQuery, Listing, Order, PageCursor};
use crate::domain::place::BuildingId;
use crate::domain::report::ReportId;
use crate::domain::triage::Status;

/// A set of buildings. Numbers of buildings are small.
#[derive(Clone, Debug, Default)]
pub struct Buildings(Vec<bool>);

/// What a staff member sees: the queues, and of a queue around a grid the grid's buildings.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    /// The queues, in the order of their numbers.
    pub queues: &'a [AreaId],
    /// The buildings, where not all of a queue is seen.
    pub ground: Option<Buildings>,
}

/// The open cases that a staff member sees.
#[derive(Debug)]
pub struct VisibleCases<'a> {
    pub(super) cases: &'a OpenCases,
    pub(super) sight: Sight<'a>,
    /// Two reports of one room and direction are probable duplicates where they were received no
    /// further apart, in microseconds.
    window: i64,
}

/// A page of a view, and the counts of all views.
#[derive(Debug)]
pub struct Page {
    /// How many reports each view has; an ended report is not among them.
    pub counts: HashMap<Listing, i64>,
    /// The places of the reports of the page, in the order of the view.
    pub cursors: Vec<PageCursor>,
    /// Whether there are more behind them.
    pub more: bool,
}

/// Counts of open reports that need attention, whenever they came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Reports without a community.
    pub unrouted: i64,
    /// Urgent reports.
    pub red: i64,
    /// Escalated reports, by the highest level that they have reached.
    pub escalated: BTreeMap<Level, i64>,
}

impl FromIterator<BuildingId> for Buildings {
    fn from_iter<I: IntoIterator<Item = BuildingId>>(some: I) -> Self {
        let mut set = Vec::new();
        for at in some.into_iter().filter_map(|id| usize::try_from(id.0).ok()) {
            if set.len() <= at {
                set.resize(at + 1, false);
            }
            set[at] = true;
        }
        Self(set)
    }
}

impl Buildings {
    fn contains(&self, id: BuildingId) -> bool {
        let at = usize::try_from(id.0).ok();
        at.and_then(|at| self.0.get(at)).is_some_and(|is| *is)
    }

    fn hold(set: Option<&Self>, building: Option<BuildingId>) -> bool {
        set.is_none_or(|set| building.is_some_and(|id| set.contains(id)))
    }
}

impl<'a> VisibleCases<'a> {
    /// What the staff member sees of these cases.
    pub fn of(cases: &'a OpenCases, sight: Sight<'a>, window: TimeDelta) -> Self {
        Self {
            cases,
            sight,
            window: window.num_microseconds().unwrap_or(i64::MAX),
        }
    }

    /// The first `limit` reports of the view, in its order and after the one that the query names, and
    /// the counts of all views.
    pub fn page(&self, query: &ListQuery, limit: usize) -> Page {
        let mut scan = Scan::of(query, limit);
        let wanted = query.narrow.queue;
        let queues = self.sight.queues.iter();
        for queue in queues.filter(|queue| wanted.is_none_or(|wanted| wanted == **queue)) {
            scan.unrouted = query.bins.contains(queue);
            for entry in self.seen_in(*queue) {
                scan.take(entry, || self.is_duplicate(entry.slot));
            }
        }
        scan.page()
    }

    /// Counts of the open reports that need attention. `is_unrouted` knows the queues that are no
    /// community's.
    pub fn alarms(&self, is_unrouted: impl Fn(AreaId) -> bool) -> Alarms {
        let mut alarms = Alarms::default();
        let mut escalated = [0; Level::COUNT];
        for queue in self.sight.queues {
            let unrouted = i64::from(is_unrouted(*queue));
            for entry in self.seen_in(*queue) {
                alarms.unrouted += unrouted;
                alarms.red += i64::from(entry.urgent);
                if let Some(level) = entry.escalated {
                    escalated[level as usize] += 1;
                }
            }
        }
        let levels = Level::ALL.into_iter().zip(escalated);
        alarms.escalated = levels.filter(|(_, count)| *count > 0).collect();
        alarms
    }

    /// The cases of this room and direction that were received no further than the window from `at`,
    /// the latest first.
    pub fn of_room(&self, room: Tag, at: DateTime<Utc>) -> Vec<ReportId> {
        let at = at.timestamp_micros();
        let cases = self.cases.rooms.all(room);
        let seen = cases
            .filter(|slot| self.sees(*slot))
            .map(|slot| self.cases.queues.entry(slot));
        let near = seen.filter(|entry| (entry.received_at - at).abs() <= self.window);
        near.map(|entry| ReportId(entry.id)).collect()
    }

    pub(super) fn seen_in(&self, queue: AreaId) -> impl Iterator<Item = &'a Entry> {
        let entries = self.cases.entries_of(queue).iter();
        entries.filter(|entry| Buildings::hold(self.sight.ground.as_ref(), entry.building))
    }

    fn sees(&self, slot: Slot) -> bool {
        let queues = &self.cases.queues;
        self.sight.queues.binary_search(&queues.queue(slot)).is_ok()
            && Buildings::hold(self.sight.ground.as_ref(), queues.entry(slot).building)
    }

    /// Whether another case that is seen has the telephone, or within the window the room and
    /// direction.
    fn is_duplicate(&self, slot: Slot) -> bool {
        let sees = |other: Slot| self.sees(other);
        self.cases.phones.others(slot, i64::MAX).any(sees)
            || self.cases.rooms.others(slot, self.window).any(sees)
    }
}

/// Where a case stands in the order of a view. The smallest comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    calm: bool,
    building: Option<BuildingId>,
    at: i64,
    id: u128,
}

impl Rank {
    fn of(cursor: &PageCursor, order: Order) -> Self {
        let (at, id) = (cursor.at.timestamp_micros(), cursor.id.0.as_u128());
        match order {
            Order::Newest => Self::newest(at, id),
            Order::Deadline | Order::Building => Self {
                calm: !cursor.urgent,
                building: cursor.building,
                at,
                id,
            },
        }
    }

    fn of_entry(entry: &Entry, order: Order) -> Self {
        let id = entry.id.as_u128();
        match order {
            Order::Newest => Self::newest(entry.received_at, id),
            Order::Deadline | Order::Building => Self {
                calm: !entry.urgent,
                building: entry.building.filter(|_| order == Order::Building),
                at: entry.due_at,
                id,
            },
        }
    }

    /// The latest receipt is the smallest.
    fn newest(at: i64, id: u128) -> Self {
        Self {
            calm: false,
            building: None,
            at: -at,
            id: !id,
        }
    }

    fn cursor(self, order: Order) -> PageCursor {
        let newest = order == Order::Newest;
        PageCursor {
            urgent: !newest && !self.calm,
            building: self.building,
            at: time(if newest { -self.at } else { self.at }),
            id: ReportId(Uuid::from_u128(if newest { !self.id } else { self.id })),
        }
    }
}

/// One reading of all cases: counts them, and keeps the first of the view.
struct Scan<'a> {
    query: &'a ListQuery,
    now: i64,
    buildings: Option<Buildings>,
    unrouted: bool,
    /// How many cases belong to each combination of views; a combination is a bit a view.
    combinations: Vec<i64>,
    first: First<Rank>,
}

impl<'a> Scan<'a> {
    fn of(query: &'a ListQuery, limit: usize) -> Self {
        let buildings = query.narrow.buildings.as_ref();
        Self {
            query,
            now: query.now.timestamp_micros(),
            buildings: buildings.map(|some| some.iter().copied().collect()),
            unrouted: false,
            combinations: vec![0; 1 << Listing::COUNT],
            first: First::new(
                limit,
                query.after.map(|after| Rank::of(&after, query.order)),
            ),
        }
    }

    fn take(&mut self, entry: &Entry, is_duplicate: impl FnOnce() -> bool) {
        let direction = self.query.narrow.direction;
        if direction.is_some_and(|way| way != entry.direction)
            || !Buildings::hold(self.buildings.as_ref(), entry.building)
        {
            return;
        }
        let urgency = entry.urgency(self.now);
        let views = bit(Listing::Open, true)
            | bit(Listing::Mine, entry.owner == Some(self.query.me))
            | bit(Listing::Waiting, entry.status == Status::Waiting)
            | bit(Listing::DueSoon, urgency == Urgency::DueSoon)
            | bit(Listing::Overdue, urgency == Urgency::Overdue)
            | bit(Listing::Unrouted, self.unrouted)
            | bit(Listing::Red, entry.urgent)
            | bit(Listing::Escalated, entry.escalated.is_some())
            | bit(Listing::Unreachable, entry.status == Status::Unreachable)
            | bit(Listing::Incomplete, entry.incomplete)
            | bit(Listing::Duplicates, entry.shared && is_duplicate());
        self.combinations[views] += 1;
        if views & bit(self.query.listing, true) != 0 {
            self.first.take(Rank::of_entry(entry, self.query.order));
        }
    }

    fn page(self) -> Page {
        let count = |listing: Listing| {
            let combinations = self.combinations.iter().enumerate();
            let counted = combinations.filter(|(views, _)| views & bit(listing, true) != 0);
            (listing, counted.map(|(_, count)| count).sum())
        };
        let order = self.query.order;
        let counts = Listing::ALL.into_iter().map(count).collect();
        let (ranks, more) = self.first.in_order();
        Page {
            counts,
            cursors: ranks.into_iter().map(|rank| rank.cursor(order)).collect(),
            more,
        }
    }
}

/// The bit of a view, where it is set.
fn bit(listing: Listing, is: bool) -> usize {
    usize::from(is) << listing as usize
}
