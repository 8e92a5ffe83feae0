//! Stream sessions: who is subscribed to a stream, and whether they still may be. One check reads
//! the sign-ins of all streams of a node, so that a thousand open pages cost a few statements.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use uuid::Uuid;

use super::{App, Principal};
use crate::domain::area::AreaId;
use crate::domain::staff::{Scope, Staff};
use crate::store::{Conn, Error, session};

/// How often it is checked who still may be subscribed.
pub const CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// How long a stream may go on unchecked. Sign-outs and changes of rights end streams within this
/// time, whatever happens to the database.
const UNCHECKED_MAX: Duration = Duration::from_secs(5);
/// Sign-ins that are looked up in one statement. Few, so that other statements have a turn
/// between two of them.
const LOOKUP_MAX: usize = 100;

/// Streams of one sign-in. A further one ends the oldest, so that one account cannot take every
/// connection; tabs of one browser share a stream.
const STREAMS_MAX: usize = 8;

/// All streams of this node.
#[derive(Debug, Default)]
pub struct StreamSessions {
    streams: Arc<Mutex<Streams>>,
    /// When the last check began that succeeded, or the first one.
    checked: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Streams {
    next: u64,
    sessions: HashMap<u64, Session>,
}

/// One stream and the person who opened it.
#[derive(Clone, Debug)]
struct Session {
    principal: Arc<Principal>,
    ended: CancellationToken,
    /// Whether a newer stream of the same sign-in took its place.
    replaced: Arc<AtomicBool>,
}

/// The right to a stream. After it is dropped, the stream is no longer checked.
#[derive(Debug)]
pub struct Subscription {
    session: Session,
    /// Waits for the end from the first frame to the last, so that no frame begins to wait again.
    over: Pin<Box<WaitForCancellationFutureOwned>>,
    number: u64,
    streams: Arc<Mutex<Streams>>,
}

impl StreamSessions {
    /// Checks the stream from now on, until the subscription is dropped; it ends when the server
    /// closes, too.
    pub fn follow(&self, principal: Principal, closing: &CancellationToken) -> Subscription {
        let session = Session {
            principal: Arc::new(principal),
            ended: closing.child_token(),
            replaced: Arc::default(),
        };
        let mut streams = lock(&self.streams);
        streams.make_room(session.principal.session);
        let number = streams.next;
        streams.next += 1;
        streams.sessions.insert(number, session.clone());
        Subscription {
            over: Box::pin(session.ended.clone().cancelled_owned()),
            session,
            number,
            streams: Arc::clone(&self.streams),
        }
    }

    /// How many streams there are.
    pub fn streams(&self) -> usize {
        lock(&self.streams).sessions.len()
    }

    /// Ends every stream, because the rights of their people are unknown. Pages connect again by
    /// themselves.
    fn end_all(&self) {
        let sessions = self.sessions();
        if !sessions.is_empty() {
            let streams = sessions.len();
            tracing::warn!(streams, "streams cannot be checked, so all end");
        }
        for session in sessions {
            session.ended.cancel();
        }
    }

    fn sessions(&self) -> Vec<Session> {
        lock(&self.streams).sessions.values().cloned().collect()
    }

    fn checked_at(&self, first: Instant) -> Instant {
        *lock(&self.checked).get_or_insert(first)
    }
}

impl Streams {
    /// Ends the oldest stream of a sign-in that has as many as it may.
    fn make_room(&self, sign_in: Uuid) {
        let own = |session: &Session| {
            session.principal.session == sign_in && !session.ended.is_cancelled()
        };
        let own: BTreeMap<_, _> = (self.sessions.iter())
            .filter(|(_, session)| own(session))
            .collect();
        if own.len() >= STREAMS_MAX
            && let Some((_, oldest)) = own.first_key_value()
        {
            oldest.replaced.store(true, Ordering::Relaxed);
            oldest.ended.cancel();
        }
    }
}

impl Subscription {
    /// The person who opened the stream.
    pub fn principal(&self) -> &Principal {
        &self.session.principal
    }

    /// Whether it is over: this person may no longer read it, or the server closes.
    pub fn is_over(&self) -> bool {
        self.session.ended.is_cancelled()
    }

    /// Whether it is over because the same sign-in has opened too many streams. The client must not
    /// connect again by itself: nine pages would end each other's streams for ever.
    pub fn was_replaced(&self) -> bool {
        self.session.replaced.load(Ordering::Relaxed)
    }

    /// Returns when it is over.
    pub async fn over(&mut self) {
        if !self.is_over() {
            self.over.as_mut().await;
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        lock(&self.streams).sessions.remove(&self.number);
    }
}

/// Each value is whole at every instant, so a panic elsewhere leaves it usable.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the streams of people who may no longer read them; all streams where that has been unknown
/// for too long.
pub async fn check(app: &App) -> anyhow::Result<()> {
    let begun = Instant::now();
    let last = app.stream_sessions.checked_at(begun);
    // A check has time of its own even when all are late: it is what ends the lateness.
    let until = (last + UNCHECKED_MAX).max(begun + CHECK_INTERVAL);
    let checked = timeout_at(until, end_unauthorised(app)).await;
    if matches!(checked, Ok(Ok(()))) {
        *lock(&app.stream_sessions.checked) = Some(begun);
    } else if last.elapsed() >= UNCHECKED_MAX {
        app.stream_sessions.end_all();
    }
    Ok(checked??)
}

/// Reads who still may be subscribed, and ends all other streams. A stream that was opened
/// meanwhile was checked when it was.
async fn end_unauthorised(app: &App) -> Result<(), Error> {
    let open = app.stream_sessions.sessions();
    let sign_ins: BTreeSet<Uuid> = open
        .iter()
        .map(|session| session.principal.session)
        .collect();
    let sign_ins: Vec<Uuid> = sign_ins.into_iter().collect();
    let now = app.clock.now();
    let mut people = HashMap::new();
    for some in sign_ins.chunks(LOOKUP_MAX) {
        let some = some.to_vec();
        let work = move |conn: Conn| async move { session::people(&conn, &some, now).await };
        people.extend(app.db.read(work).await?);
    }
    let atlas = app.atlas();
    let mut scopes: HashMap<AreaId, Scope> = HashMap::new();
    for session in open {
        let person = people.get(&session.principal.session);
        let stays = person.is_some_and(|person| {
            let scope = scopes.entry(person.area);
            let scope = scope.or_insert_with(|| Scope::of(&atlas.tree, person.area));
            may_stay(&session.principal, person, scope)
        });
        if !stays {
            session.ended.cancel();
        }
    }
    Ok(())
}

/// Whether a person has the same role and the same areas as when the stream began: the tree of
/// areas may have changed. The page connects again by itself, with the areas of that moment.
fn may_stay(then: &Principal, now: &Staff, scope: &Scope) -> bool {
    now.role == then.staff.role && *scope == then.scope
}
