//! Views: which open cases a list shows, how many each view has, and which are probable duplicates.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU64;

use chrono::{DateTime, TimeDelta, Utc};
use strum::EnumCount;

use super::chain::{Chains, Slot};
use super::first::First;
use super::fold::{Fold, Folds};
use super::rank::{Key, Rank};
use super::table::{Detail, Entry, fact};
use super::{OpenCases, Tag, tag_in_queue};
use crate::domain::area::{AreaId, Level};
use crate::domain::listing::{Filter, ListQuery, Listing, PageCursor};
use crate::domain::place::BuildingId;
use crate::domain::report::ReportId;

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
    /// What each line stands for that shows one of many reports of a telephone: also lines of other
    /// pages.
    pub folds: HashMap<ReportId, Fold>,
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
    /// Whether the building of the case is one of the set. Without a set all are.
    fn hold(set: Option<&Self>, detail: &Detail) -> bool {
        let Some(Self(set)) = set else { return true };
        let at = usize::try_from(detail.building).ok();
        at.and_then(|at| set.get(at)).is_some_and(|is| *is)
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
        let mut scan = Scan::of(query, limit, &self.cases.phones_of_queues);
        let Filter { queue, phone, .. } = &query.narrow;
        let queues = self.sight.queues.iter();
        for queue in queues.filter(|one| queue.is_none_or(|wanted| wanted == **one)) {
            scan.enter(query.bins.contains(queue), self.sight.ground.is_none());
            let take = |entry: &Entry, detail: &Detail| {
                scan.take(entry, detail, || self.is_duplicate(entry, detail.slot));
            };
            match phone {
                Some(phone) => self.each_of_phone(*queue, Tag::of(phone), take),
                None => self.each_of(*queue, take),
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
            self.each_of(*queue, |entry, detail| {
                alarms.unrouted += unrouted;
                alarms.red += i64::from(entry.is(fact::URGENT));
                if entry.is(fact::ESCALATED) {
                    let level = detail.escalated.unwrap_or(Level::District);
                    escalated[level as usize] += 1;
                }
            });
        }
        let levels = Level::ALL.into_iter().zip(escalated);
        alarms.escalated = levels.filter(|(_, count)| *count > 0).collect();
        alarms
    }

    /// The cases of this room and direction that were received no further than the window from `at`,
    /// the latest first.
    pub fn of_room(&self, room: Tag, at: DateTime<Utc>) -> Vec<ReportId> {
        let at = at.timestamp_micros();
        let queues = &self.cases.queues;
        let near = |slot: &Slot| (queues.entry(*slot).received_at - at).abs() <= self.window;
        let cases = self.cases.rooms.all(room.0);
        let near = cases.filter(|slot| self.sees(*slot)).filter(near);
        near.map(|slot| ReportId(queues.detail(slot).id)).collect()
    }

    /// Calls `each` with every case of the queue that is seen.
    pub(super) fn each_of(&self, queue: AreaId, mut each: impl FnMut(&Entry, &Detail)) {
        let Some(queue) = self.cases.of_queue(queue) else {
            return;
        };
        let ground = self.sight.ground.as_ref();
        for (entry, detail) in queue.entries.iter().zip(&queue.details) {
            if Buildings::hold(ground, detail) {
                each(entry, detail);
            }
        }
    }

    /// Calls `each` with every case of this telephone in the queue that is seen.
    fn each_of_phone(
        &self,
        queue: AreaId,
        phone: Option<Tag>,
        mut each: impl FnMut(&Entry, &Detail),
    ) {
        let OpenCases {
            queues, numbers, ..
        } = self.cases;
        let Some((phone, number)) = phone.zip(numbers.get(&queue)) else {
            return;
        };
        let tag = tag_in_queue(phone.0, *number);
        let slots = self.cases.phones_of_queues.all(tag);
        for slot in slots.filter(|slot| self.sees(*slot)) {
            each(queues.entry(slot), queues.detail(slot));
        }
    }

    fn sees(&self, slot: Slot) -> bool {
        let queues = &self.cases.queues;
        self.sight
            .queues
            .binary_search(&queues.queue(slot).area)
            .is_ok()
            && Buildings::hold(self.sight.ground.as_ref(), queues.detail(slot))
    }

    /// Whether another case that is seen has the telephone, or within the window the room and
    /// direction.
    fn is_duplicate(&self, entry: &Entry, slot: Slot) -> bool {
        let OpenCases { phones, rooms, .. } = self.cases;
        let near = |other: &Slot| (rooms.order(*other) - entry.received_at).abs() <= self.window;
        let same_phone = phones.before(slot).chain(phones.after(slot));
        let before = rooms.before(slot).take_while(near);
        let after = rooms.after(slot).take_while(near);
        same_phone
            .chain(before)
            .chain(after)
            .any(|other| self.sees(other))
    }
}

/// Combinations of views.
const COMBINATIONS: usize = 1 << Listing::COUNT;
const DUPLICATE: usize = bit(Listing::Duplicates, true);

/// One reading of all cases: counts them, and keeps the first of the view.
struct Scan<'a> {
    query: &'a ListQuery,
    now: i64,
    narrowed: bool,
    buildings: Option<Buildings>,
    /// The bit of the view whose page is wanted; none where only the counts are.
    wanted: usize,
    /// The views that a case with these facts belongs to, a bit each.
    views: [usize; fact::COMBINATIONS],
    /// How many cases belong to each combination of views; a combination is a bit a view.
    combinations: Vec<i64>,
    first: First<Rank>,
    /// What stands as one line, where anything does.
    folds: Option<Folds>,
    phones: &'a Chains<()>,
}

impl<'a> Scan<'a> {
    fn of(query: &'a ListQuery, limit: usize, phones: &'a Chains<()>) -> Self {
        let buildings = query.narrow.buildings.as_ref();
        Self {
            query,
            now: query.now.timestamp_micros(),
            narrowed: query.narrow.direction.is_some() || buildings.is_some(),
            buildings: buildings.map(|some| some.iter().copied().collect()),
            wanted: bit(query.listing, limit > 0),
            views: [0; fact::COMBINATIONS],
            combinations: vec![0; COMBINATIONS],
            first: First::new(
                limit,
                query.after.map(|after| Rank::of(&after, query.order)),
            ),
            folds: (query.fold_from)
                .map(|from| Folds::new(from, query.day_began.timestamp_micros())),
            phones,
        }
    }

    /// Goes on with a queue that is seen as a `whole` or in part, and may be no community's.
    fn enter(&mut self, unrouted: bool, whole: bool) {
        for (facts, views) in self.views.iter_mut().enumerate() {
            *views = views_of(facts, whole) | bit(Listing::Unrouted, unrouted);
        }
    }

    fn take(&mut self, entry: &Entry, detail: &Detail, is_duplicate: impl FnOnce() -> bool) {
        if self.narrowed && !self.is_wanted(entry, detail) {
            return;
        }
        let overdue = self.now > entry.due_at;
        let mut views = self.views[usize::from(entry.facts) % fact::COMBINATIONS]
            | bit(Listing::Mine, entry.owner == self.query.me.0)
            | bit(Listing::DueSoon, !overdue && self.now >= entry.soon_at)
            | bit(Listing::Overdue, overdue);
        if entry.is(fact::SHARED) && views & DUPLICATE == 0 && is_duplicate() {
            views |= DUPLICATE;
        }
        self.combinations[views % COMBINATIONS] += 1;
        if views & self.wanted != 0 {
            self.offer(entry, detail);
        }
    }

    fn is_wanted(&self, entry: &Entry, detail: &Detail) -> bool {
        let direction = self.query.narrow.direction;
        direction.is_none_or(|way| way == entry.direction())
            && Buildings::hold(self.buildings.as_ref(), detail)
    }

    /// Puts the case on the page, where it is among the first.
    fn offer(&mut self, entry: &Entry, detail: &Detail) {
        let order = self.query.order;
        let key = Key::of(entry, detail, order);
        if let Some((folds, phone)) = self.crowd(entry, detail) {
            folds.take(phone, Rank::new(key, order, detail.id), entry.received_at);
            return;
        }
        // Most are not on the page, and their ids are not read.
        if self.first.last().is_some_and(|last| key > last.key) {
            self.first.leave();
        } else {
            self.first.take(Rank::new(key, order, detail.id));
        }
    }

    /// The crowd of the case, where it belongs to one that may stand as one line.
    fn crowd(&mut self, entry: &Entry, detail: &Detail) -> Option<(&mut Folds, NonZeroU64)> {
        if !entry.is(fact::CROWD) {
            return None;
        }
        let phone = self.phones.tag(detail.slot)?;
        Some((self.folds.as_mut()?, phone))
    }

    fn page(mut self) -> Page {
        let order = self.query.order;
        let mut folds = HashMap::new();
        if let Some(crowds) = self.folds.take() {
            crowds.lines(|rank, fold| {
                self.first.take(rank);
                folds.extend(fold.map(|fold| (rank.cursor(order).id, fold)));
            });
        }
        let count = |listing: Listing| {
            let combinations = self.combinations.iter().enumerate();
            let counted = combinations.filter(|(views, _)| views & bit(listing, true) != 0);
            (listing, counted.map(|(_, count)| count).sum())
        };
        let counts = Listing::ALL.into_iter().map(count).collect();
        let (ranks, more) = self.first.in_order();
        Page {
            counts,
            cursors: ranks.into_iter().map(|rank| rank.cursor(order)).collect(),
            folds,
            more,
        }
    }
}

/// The views of a case with these facts, as far as they do not depend on the moment. Two of one queue
/// are seen together where the queue is seen as a whole.
fn views_of(facts: usize, whole: bool) -> usize {
    let is = |fact: u16| facts & usize::from(fact) != 0;
    bit(Listing::Open, true)
        | bit(Listing::Waiting, is(fact::WAITS))
        | bit(Listing::Red, is(fact::URGENT))
        | bit(Listing::Escalated, is(fact::ESCALATED))
        | bit(Listing::Unreachable, is(fact::UNREACHABLE))
        | bit(Listing::Incomplete, is(fact::INCOMPLETE))
        | bit(Listing::Duplicates, is(fact::TWIN) && whole)
}

/// The bit of a view, where it is set.
const fn bit(listing: Listing, is: bool) -> usize {
    (is as usize) << listing as usize
}
