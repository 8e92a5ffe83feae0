//! Views of open cases, beside the plainest way to say what they are.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::num::NonZeroU64;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::deadline::Urgency;
use crate::domain::listing::{Filter, ListQuery, Listing, Order, PageCursor};

const WINDOW: TimeDelta = TimeDelta::minutes(10);

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

fn tag(number: u64) -> Option<Tag> {
    NonZeroU64::new(number).map(Tag)
}

fn case(nth: u128, received: i64, phone: u64, room: u64) -> OpenCase {
    OpenCase {
        id: ReportId(Uuid::from_u128(nth)),
        queue: QueueId(1),
        building: Some(BuildingId(1)),
        direction: Direction::Return,
        persons: 2,
        status: Status::Waiting,
        owner: None,
        incomplete: false,
        urgent: false,
        received_at: at(received),
        due_at: at(received + 120),
        escalated: None,
        phone: tag(phone),
        room: tag(room),
    }
}

fn query(listing: Listing, order: Order) -> ListQuery {
    ListQuery {
        listing,
        order,
        narrow: Filter::default(),
        me: StaffId(1),
        bins: vec![QueueId(2)],
        now: at(130),
        day_began: at(0),
        after: None,
        fold_from: None,
    }
}

fn open_cases(cases: &[OpenCase]) -> OpenCases {
    let mut open_cases = OpenCases::new(WINDOW);
    for case in cases {
        open_cases.put(case);
    }
    open_cases
}

fn seen_by<'a>(cases: &'a OpenCases, queues: &'a [QueueId]) -> VisibleCases<'a> {
    let ground = None;
    VisibleCases::of(cases, Sight { queues, ground })
}

/// The buildings of a grid.
const GROUND: [BuildingId; 4] = [BuildingId(1), BuildingId(2), BuildingId(4), BuildingId(5)];

fn listed(cases: &[OpenCase], listing: Listing) -> Vec<u128> {
    let cases = open_cases(cases);
    let seen = seen_by(&cases, &[QueueId(1)]);
    let page = seen.page(&query(listing, Order::Newest), 100);
    let mut ids: Vec<u128> = page.cursors.iter().map(|one| one.id.0.as_u128()).collect();
    assert_eq!(page.counts[&listing], i64::try_from(ids.len()).unwrap());
    ids.sort_unstable();
    ids
}

/// guarantee: Probable duplicates share a telephone, or within the window a room and a direction
#[test]
fn duplicates_share_a_telephone_or_a_room_within_hours() {
    let phones = [case(1, 0, 7, 0), case(2, 9_999, 7, 0), case(3, 0, 8, 0)];
    assert_eq!(listed(&phones, Listing::Duplicates), [1, 2]);
    let rooms = [case(1, 0, 1, 5), case(2, 10, 2, 5), case(3, 21, 3, 5)];
    let near = listed(&rooms, Listing::Duplicates);
    assert_eq!(near, [1, 2], "the last is eleven minutes away");
    let other = [case(1, 0, 1, 0), case(2, 0, 2, 0)];
    assert_eq!(listed(&other, Listing::Duplicates), [0; 0]);
    let elsewhere = OpenCase {
        queue: QueueId(2),
        ..case(2, 0, 7, 0)
    };
    let unseen = [case(1, 0, 7, 0), elsewhere];
    assert_eq!(listed(&unseen, Listing::Duplicates), [0; 0]);
}

/// guarantee: Lists are ordered by the deadline that each row shows
#[test]
fn accepted_case_stands_where_its_second_deadline_is() {
    let accepted = OpenCase {
        status: Status::Accepted,
        due_at: at(9_000),
        ..case(1, 0, 1, 0)
    };
    let cases = open_cases(&[accepted, case(2, 60, 2, 0)]);
    let page = seen_by(&cases, &[QueueId(1)]).page(&query(Listing::Open, Order::Deadline), 1);
    assert_eq!(page.cursors[0].id.0.as_u128(), 2);
    assert!(page.more);
}

type Drawn = (i64, u64, u64, bool, i32, bool, i64);

fn drawn() -> impl Strategy<Value = Drawn> {
    let flags = (any::<bool>(), 0_i32..27, any::<bool>(), 0_i64..200);
    (0_i64..200, 1_u64..40, 0_u64..40, flags).prop_map(
        |(received, phone, room, (urgent, some, escalated, given))| {
            (received, phone, room, urgent, some, escalated, given)
        },
    )
}

fn made(nth: u128, drawn: Drawn) -> OpenCase {
    let (received, phone, room, urgent, some, escalated, given) = drawn;
    OpenCase {
        urgent,
        queue: QueueId(1 + some % 3),
        owner: (some % 3 > 0).then_some(StaffId(some % 3)),
        building: (some / 3 > 0).then_some(BuildingId(some / 3)),
        status: if some % 2 == 0 {
            Status::Waiting
        } else {
            Status::Unreachable
        },
        incomplete: some % 5 == 0,
        direction: Direction::ALL[usize::try_from(some % 3).unwrap()],
        escalated: escalated.then(|| (Level::District, at(received + 1))),
        due_at: at(received + given),
        ..case(nth, received, phone, room)
    }
}

fn cases() -> impl Strategy<Value = Vec<OpenCase>> {
    prop::collection::vec(drawn(), 0..60).prop_map(|all| {
        let numbered = all.into_iter().zip(1_u128..);
        numbered.map(|(drawn, nth)| made(nth, drawn)).collect()
    })
}

/// The view, said in the plainest way.
fn plainly(seen: &[&OpenCase], query: &ListQuery) -> HashSet<ReportId> {
    let holds = |case: &&&OpenCase| {
        let duplicate = || {
            seen.iter().any(|other| {
                let near = (other.received_at - case.received_at).abs() <= WINDOW;
                let same_room = case.room.is_some() && other.room == case.room && near;
                other.id != case.id && (other.phone == case.phone || same_room)
            })
        };
        let given = case.due_at - case.received_at;
        let urgency = Urgency::after(query.now - case.received_at, given);
        let buildings = query.narrow.buildings.as_ref();
        buildings.is_none_or(|some| case.building.is_some_and(|one| some.contains(&one)))
            && match query.listing {
                Listing::Open => true,
                Listing::Mine => case.owner == Some(query.me),
                Listing::Waiting => case.status == Status::Waiting,
                Listing::DueSoon => urgency == Urgency::DueSoon,
                Listing::Overdue => urgency == Urgency::Overdue,
                Listing::Unrouted => query.bins.contains(&case.queue),
                Listing::Red => case.urgent,
                Listing::Escalated => case.escalated.is_some(),
                Listing::Unreachable => case.status == Status::Unreachable,
                Listing::Incomplete => case.incomplete,
                Listing::Duplicates => duplicate(),
                Listing::ClosedToday => false,
            }
    };
    seen.iter().filter(holds).map(|case| case.id).collect()
}

fn sorted(order: Order, cursors: &mut [PageCursor]) {
    match order {
        Order::Deadline => cursors.sort_by_key(|one| (!one.urgent, one.at, one.id)),
        Order::Building => cursors.sort_by_key(|one| (!one.urgent, one.building, one.at, one.id)),
        Order::Newest => cursors.sort_by_key(|one| Reverse((one.at, one.id))),
    }
}

proptest! {
    /// guarantee: A list continues page by page in each order, and shows no report twice
    /// guarantee: Pages of any view, in any order, show each report once and as many as are counted
    #[test]
    fn pages_show_each_case_once_and_match_the_count(
        all in cases(),
        view in 0..Listing::ALL.len(),
        order in prop::sample::select(&Order::ALL[..]),
        limit in 1_usize..7,
        narrow: bool,
        grid: bool,
    ) {
        let queues = [QueueId(1), QueueId(2)];
        let ground = |case: &&OpenCase| {
            !grid || case.building.is_some_and(|building| GROUND.contains(&building))
        };
        let mut query = query(Listing::ALL[view], order);
        query.narrow.buildings = narrow.then(|| vec![BuildingId(1), BuildingId(3)]);
        let within = all.iter().filter(|case| queues.contains(&case.queue));
        let within: Vec<&OpenCase> = within.filter(ground).collect();
        let expected = plainly(&within, &query);
        let open_cases = open_cases(&all);
        let sight = Sight {
            queues: &queues,
            ground: grid.then(|| GROUND.into_iter().collect()),
        };
        let seen = VisibleCases::of(&open_cases, sight);
        let counted = seen.page(&query, 0).counts[&query.listing];
        let mut shown: Vec<PageCursor> = Vec::new();
        loop {
            let page = seen.page(&query, limit);
            prop_assert!(page.cursors.len() <= limit);
            shown.extend(&page.cursors);
            query.after = page.cursors.last().copied();
            if !page.more {
                break;
            }
            prop_assert_eq!(page.cursors.len(), limit);
        }
        prop_assert_eq!(i64::try_from(shown.len()).unwrap(), counted);
        let mut in_order = shown.clone();
        sorted(order, &mut in_order);
        prop_assert_eq!(&shown, &in_order);
        let ids: HashSet<ReportId> = shown.iter().map(|one| one.id).collect();
        prop_assert_eq!(ids.len(), shown.len());
        prop_assert_eq!(ids, expected);
    }

    /// guarantee: Many reports of one telephone stand as one line, and every view still counts each
    #[test]
    fn lines_stand_for_all_cases_of_their_telephone(
        all in cases(),
        gone in prop::collection::vec(0_u128..60, 0..20),
        view in 0..Listing::ALL.len(),
        order in prop::sample::select(&Order::ALL[..]),
        limit in 1_usize..7,
        from in FOLD_MIN..6,
    ) {
        let few = |case: OpenCase| OpenCase {
            phone: case.phone.and_then(|phone| tag(phone.0.get() % 3 + 1)),
            ..case
        };
        let mut all: Vec<OpenCase> = all.into_iter().map(few).collect();
        let mut open_cases = open_cases(&all);
        for id in gone.into_iter().map(|nth| ReportId(Uuid::from_u128(nth))) {
            open_cases.remove(id);
            all.retain(|case| case.id != id);
        }
        let seen = seen_by(&open_cases, &[QueueId(1), QueueId(2)]);
        let single = query(Listing::ALL[view], order);
        let whole = seen.page(&single, 100);
        let caller = |cursor: &PageCursor| {
            let case = all.iter().find(|case| case.id == cursor.id).unwrap();
            (case.queue, case.phone.map(|phone| phone.0))
        };
        let mut crowds: HashMap<_, Vec<PageCursor>> = HashMap::new();
        for cursor in &whole.cursors {
            crowds.entry(caller(cursor)).or_default().push(*cursor);
        }
        let expected = whole.cursors.iter().filter_map(|cursor| {
            let crowd = &crowds[&caller(cursor)];
            let reports = crowd.len();
            match reports >= from {
                true => (crowd[0] == *cursor).then_some((*cursor, Some(reports))),
                false => Some((*cursor, None)),
            }
        });
        let expected: Vec<_> = expected.collect();
        let mut query = ListQuery { fold_from: Some(from), ..single };
        let mut shown = Vec::new();
        loop {
            let page = seen.page(&query, limit);
            prop_assert_eq!(&page.counts, &whole.counts);
            let reports = |cursor: &PageCursor| page.folds.get(&cursor.id).map(|fold| usize::try_from(fold.reports).unwrap());
            shown.extend(page.cursors.iter().map(|cursor| (*cursor, reports(cursor))));
            query.after = page.cursors.last().copied();
            if !page.more {
                break;
            }
        }
        prop_assert_eq!(shown, expected);
    }

    /// guarantee: The list of one telephone holds its reports alone
    #[test]
    fn list_of_a_telephone_holds_its_cases_alone(all in cases(), phone in 1_u64..40, grid: bool) {
        let open_cases = open_cases(&all);
        let queues = [QueueId(1), QueueId(2)];
        let ground = grid.then(|| GROUND.into_iter().collect());
        let seen = VisibleCases::of(&open_cases, Sight { queues: &queues, ground });
        let mut query = query(Listing::Open, Order::Deadline);
        query.narrow.phone = Some(phone.to_be_bytes().to_vec());
        let page = seen.page(&query, 100);
        let ids: HashSet<ReportId> = page.cursors.iter().map(|one| one.id).collect();
        let is_seen = |case: &&OpenCase| {
            let building = case.building.is_some_and(|one| GROUND.contains(&one));
            queues.contains(&case.queue) && case.phone == tag(phone) && (!grid || building)
        };
        let expected: HashSet<ReportId> = all.iter().filter(is_seen).map(|case| case.id).collect();
        prop_assert_eq!(i64::try_from(ids.len()).unwrap(), page.counts[&Listing::Open]);
        prop_assert_eq!(ids, expected);
    }

    /// Whatever came and went before, the cases that are open are as if only they had come.
    #[test]
    fn open_cases_hold_what_was_put_last_and_nothing_removed(
        steps in prop::collection::vec((0_u128..12, any::<bool>(), drawn()), 0..80),
    ) {
        let (mut kept, mut expected) = (OpenCases::new(WINDOW), HashMap::new());
        for (nth, stays, drawn) in steps {
            let case = made(nth, drawn);
            if stays {
                kept.put(&case);
                expected.insert(case.id, case);
            } else {
                kept.remove(case.id);
                expected.remove(&case.id);
            }
        }
        prop_assert_eq!(kept.len(), expected.len());
        for case in kept.cases() {
            prop_assert_eq!(expected.get(&case.id), Some(&case));
            prop_assert_eq!(kept.queue_of(case.id), Some(case.queue));
        }
        let queues = [QueueId(1), QueueId(2), QueueId(3)];
        let seen: Vec<&OpenCase> = expected.values().collect();
        for listing in Listing::ALL {
            let query = query(listing, Order::Deadline);
            let page = seen_by(&kept, &queues).page(&query, 100);
            let ids: HashSet<ReportId> = page.cursors.iter().map(|one| one.id).collect();
            let expected = plainly(&seen, &query);
            let count = i64::try_from(expected.len()).unwrap();
            prop_assert_eq!(page.counts[&listing], count, "{:?}", listing);
            prop_assert_eq!(ids, expected, "{:?}", listing);
        }
        for case in kept.cases() {
            let Some(room) = case.room else { continue };
            let of_room = seen_by(&kept, &queues).of_room(room, case.received_at);
            let near = |other: &&&OpenCase| {
                other.room == case.room && (other.received_at - case.received_at).abs() <= WINDOW
            };
            let of_room: HashSet<ReportId> = of_room.into_iter().collect();
            let expected = seen.iter().filter(near).map(|other| other.id);
            prop_assert_eq!(of_room, expected.collect::<HashSet<_>>());
        }
    }
}
