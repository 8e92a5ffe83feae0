//! Reading the cases of a view: which of them are on its page, and how many each view has.

use std::collections::HashMap;
use std::num::NonZeroU64;

use strum::EnumCount;

use super::buildings::Buildings;
use super::chain::{Chains, Slot};
use super::entry::{Detail, Entry, fact};
use super::first::First;
use super::fold::{Fold, Folds};
use super::rank::{Key, Rank};
use super::table::Queue;
use crate::domain::deadline::Urgency;
use crate::domain::listing::{ListQuery, Listing, PageCursor};
use crate::domain::report::ReportId;

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

/// How many cases each view has.
pub(super) struct Counts([i64; Listing::COUNT]);

impl Counts {
    pub(super) fn none() -> Self {
        Self([0; Listing::COUNT])
    }

    /// Adds so many cases that belong to these views.
    fn add(&mut self, views: usize, cases: i64) {
        for (view, count) in self.0.iter_mut().enumerate() {
            *count += if views & (1 << view) == 0 { 0 } else { cases };
        }
    }

    /// Adds all cases of a queue from the counts that it keeps. `is_duplicate` decides about the few
    /// that the queue cannot know.
    pub(super) fn add_queue(
        &mut self,
        queue: &Queue,
        query: &ListQuery,
        is_duplicate: impl Fn(&Slot) -> bool,
    ) {
        let kept = &queue.counts;
        let unrouted = bit(Listing::Unrouted, query.bins.contains(&queue.area));
        for (facts, cases) in kept.by_facts() {
            self.add(views_of(facts, true) | unrouted, cases);
        }
        let now = query.now.timestamp_micros();
        self.0[Listing::Mine as usize] += kept.of_owner(query.me.0);
        self.0[Listing::DueSoon as usize] += kept.due_soon(now);
        self.0[Listing::Overdue as usize] += kept.overdue(now);
        let duplicates = kept.apart().filter(is_duplicate).count();
        self.0[Listing::Duplicates as usize] += i64::try_from(duplicates).unwrap_or(i64::MAX);
    }

    fn by_view(&self) -> HashMap<Listing, i64> {
        let count = |listing: Listing| (listing, self.0[listing as usize]);
        Listing::ALL.into_iter().map(count).collect()
    }
}

/// One reading of cases: keeps the first of the view, and where counts are not known, counts.
pub(super) struct Scan<'a> {
    query: &'a ListQuery,
    now: i64,
    narrowed: bool,
    buildings: Option<Buildings>,
    /// The views that a case with these facts belongs to, a bit each.
    views: [usize; fact::COMBINATIONS],
    counts: Counts,
    /// How many of the cases that were read belong to each combination of views; a combination is a
    /// bit a view. Empty where `counts` holds all cases already.
    combinations: Vec<i64>,
    /// Whether a page is wanted.
    wanted: bool,
    first: First<Rank>,
    /// What stands as one line, where anything does.
    folds: Option<Folds>,
    phones: &'a Chains<()>,
}

impl<'a> Scan<'a> {
    /// A scan for the first `limit` cases of the query. Counts where the counts are not known. `phones`
    /// are the chains of each queue.
    pub(super) fn of(
        query: &'a ListQuery,
        limit: usize,
        counts: Option<Counts>,
        phones: &'a Chains<()>,
    ) -> Self {
        let buildings = query.narrow.buildings.as_ref();
        Self {
            query,
            now: query.now.timestamp_micros(),
            narrowed: query.narrow.direction.is_some() || buildings.is_some(),
            buildings: buildings.map(|some| some.iter().copied().collect()),
            views: [0; fact::COMBINATIONS],
            combinations: vec![0; if counts.is_some() { 0 } else { COMBINATIONS }],
            counts: counts.unwrap_or_else(Counts::none),
            wanted: limit > 0,
            first: First::new(
                limit,
                query.after.map(|after| Rank::of(&after, query.order)),
            ),
            folds: (query.fold_from)
                .map(|from| Folds::new(from, query.day_began.timestamp_micros())),
            phones,
        }
    }

    /// Whether there is anything to read.
    pub(super) fn reads(&self) -> bool {
        self.wanted || self.counts_too()
    }

    /// Goes on with a queue that is seen as a `whole` or in part, and may be no community's.
    pub(super) fn enter(&mut self, unrouted: bool, whole: bool) {
        for (facts, views) in (0_u16..).zip(&mut self.views) {
            *views = views_of(facts, whole) | bit(Listing::Unrouted, unrouted);
        }
    }

    pub(super) fn take(&mut self, entry: &Entry, detail: &Detail, is_duplicate: impl Fn() -> bool) {
        if self.narrowed && !self.is_wanted(entry, detail) {
            return;
        }
        if !self.counts_too() {
            self.find(entry, detail, is_duplicate);
            return;
        }
        let mut views = self.views[usize::from(entry.facts) % fact::COMBINATIONS];
        let urgency = entry.urgency(self.now);
        views |= bit(Listing::Mine, entry.owner == self.query.me.0)
            | bit(Listing::DueSoon, urgency == Urgency::DueSoon)
            | bit(Listing::Overdue, urgency == Urgency::Overdue);
        if entry.is(fact::SHARED) && views & DUPLICATE == 0 && is_duplicate() {
            views |= DUPLICATE;
        }
        self.combinations[views % COMBINATIONS] += 1;
        if self.wanted && views & bit(self.query.listing, true) != 0 {
            self.offer(entry, detail);
        }
    }

    /// Puts the case on the page where it belongs to the view, without counting.
    fn find(&mut self, entry: &Entry, detail: &Detail, is_duplicate: impl Fn() -> bool) {
        let views = self.views[usize::from(entry.facts) % fact::COMBINATIONS];
        let listing = self.query.listing;
        let belongs = views & bit(listing, true) != 0
            || match listing {
                Listing::Mine => entry.owner == self.query.me.0,
                Listing::DueSoon => entry.urgency(self.now) == Urgency::DueSoon,
                Listing::Overdue => entry.urgency(self.now) == Urgency::Overdue,
                Listing::Duplicates => entry.is(fact::SHARED) && is_duplicate(),
                _ => false,
            };
        if belongs {
            self.offer(entry, detail);
        }
    }

    fn counts_too(&self) -> bool {
        !self.combinations.is_empty()
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

    pub(super) fn page(mut self) -> Page {
        for (views, cases) in self.combinations.iter().enumerate() {
            self.counts.add(views, *cases);
        }
        let order = self.query.order;
        let mut folds = HashMap::new();
        if let Some(crowds) = self.folds.take() {
            crowds.lines(|rank, fold| {
                self.first.take(rank);
                folds.extend(fold.map(|fold| (rank.cursor(order).id, fold)));
            });
        }
        let (ranks, more) = self.first.in_order();
        Page {
            counts: self.counts.by_view(),
            cursors: ranks.into_iter().map(|rank| rank.cursor(order)).collect(),
            folds,
            more,
        }
    }
}

/// Combinations of views.
const COMBINATIONS: usize = 1 << Listing::COUNT;
const DUPLICATE: usize = bit(Listing::Duplicates, true);

/// The views of a case with these facts, as far as they do not depend on the moment. Two of one queue
/// are seen together where the queue is seen as a whole.
fn views_of(facts: u16, whole: bool) -> usize {
    let is = |fact: u16| facts & fact != 0;
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
