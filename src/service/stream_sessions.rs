//! Attendance: who follows a stream, and whether they still may. One look at the database serves
//! every stream of a node, so that a thousand open pages cost no more than a few statements.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{App, Principal};
use crate::domain::area::AreaId;
use crate::domain::staff::{Scope, Staff};
use crate::store::{Conn, Error, session};

/// How long a stream may go on while nobody can say whether it may. Sign-outs and changes of
/// rights end streams within this time, whatever happens to the database.
pub const UNKNOWN_MAX: Duration = Duration::from_secs(5);
/// Sign-ins that are looked up in one statement. Few, so that whoever waits for news meanwhile has
/// a turn between two of them.
const LOOKUP_MAX: usize = 100;

/// Everybody who follows a stream of this node.
#[derive(Debug, Default)]
pub struct StreamSessions(Arc<Mutex<Followers>>);

#[derive(Debug, Default)]
struct Followers {
    next: u64,
    seats: HashMap<u64, Seat>,
}

/// Somebody's place at a stream.
#[derive(Clone, Debug)]
struct Seat {
    principal: Arc<Principal>,
    ended: CancellationToken,
}

/// A stream that somebody follows. Dropped, it is looked after no more.
#[derive(Debug)]
pub struct Subscription {
    seat: Seat,
    number: u64,
    followers: Arc<Mutex<Followers>>,
}

impl StreamSessions {
    /// From now on the stream is looked after, until it is dropped; it ends with the house, too.
    pub fn follow(&self, principal: Principal, closing: &CancellationToken) -> Subscription {
        let seat = Seat {
            principal: Arc::new(principal),
            ended: closing.child_token(),
        };
        let mut followers = lock(&self.0);
        let number = followers.next;
        followers.next += 1;
        followers.seats.insert(number, seat.clone());
        Subscription {
            seat,
            number,
            followers: Arc::clone(&self.0),
        }
    }

    /// How many streams there are.
    pub fn streams(&self) -> usize {
        lock(&self.0).seats.len()
    }

    /// Ends every stream: nobody can say who still may follow one. Pages come back by themselves.
    pub fn end_all(&self) {
        let seats = self.seats();
        if !seats.is_empty() {
            tracing::warn!(
                streams = seats.len(),
                "nobody can say who may follow; all end"
            );
        }
        for seat in seats {
            seat.ended.cancel();
        }
    }

    fn seats(&self) -> Vec<Seat> {
        lock(&self.0).seats.values().cloned().collect()
    }
}

impl Subscription {
    /// Who follows.
    pub fn principal(&self) -> &Principal {
        &self.seat.principal
    }

    /// Whether it is over: this person may follow it no longer, or the house closes.
    pub fn is_over(&self) -> bool {
        self.seat.ended.is_cancelled()
    }

    /// Returns when it is over.
    pub async fn over(&self) {
        self.seat.ended.cancelled().await;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        lock(&self.followers).seats.remove(&self.number);
    }
}

/// The list is whole at every instant, so a panic elsewhere leaves it usable.
fn lock(followers: &Mutex<Followers>) -> MutexGuard<'_, Followers> {
    followers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks who still may follow, and ends the streams of all others. A stream that was opened
/// meanwhile was looked at when it was.
pub async fn look(app: &App) -> Result<(), Error> {
    let seats = app.stream_sessions.seats();
    let sessions: BTreeSet<Uuid> = seats.iter().map(|seat| seat.principal.session).collect();
    let sessions: Vec<Uuid> = sessions.into_iter().collect();
    let now = app.clock.now();
    let mut people = HashMap::new();
    for some in sessions.chunks(LOOKUP_MAX) {
        let some = some.to_vec();
        let work = move |conn: Conn| async move { session::people(&conn, &some, now).await };
        people.extend(app.db.read(work).await?);
    }
    let atlas = app.atlas();
    let mut scopes: HashMap<AreaId, Scope> = HashMap::new();
    for seat in seats {
        let person = people.get(&seat.principal.session);
        let stays = person.is_some_and(|person| {
            let scope = scopes.entry(person.area);
            let scope = scope.or_insert_with(|| Scope::of(&atlas.tree, person.area));
            may_stay(&seat.principal, person, scope)
        });
        if !stays {
            seat.ended.cancel();
        }
    }
    Ok(())
}

/// Whether somebody has the same rights over the same areas as when the stream began: these may
/// have been divided anew. A page comes back by itself, with what it may see by then.
fn may_stay(then: &Principal, now: &Staff, scope: &Scope) -> bool {
    now.role == then.staff.role && *scope == then.scope
}
