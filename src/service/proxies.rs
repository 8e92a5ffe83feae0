//! What requests say about the proxies in front of this server. A proxy that no setting names, or
//! that names no client, makes all clients look like one.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::App;

/// A doubt is in the log once in this time.
const LOGGED_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Readiness shows a doubt for this time after its last request.
const SHOWN_FOR: TimeDelta = TimeDelta::hours(1);

/// What is doubtful about the address of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyDoubt {
    /// A peer that is no proxy of ours sends addresses of clients.
    UnknownProxy,
    /// A proxy of ours, or this machine, names no client.
    SilentProxy,
}

impl ProxyDoubt {
    /// The doubt's name, stable.
    fn code(self) -> &'static str {
        match self {
            Self::UnknownProxy => "unknown_proxy",
            Self::SilentProxy => "silent_proxy",
        }
    }
}

/// The doubts of this node.
#[derive(Debug, Default)]
pub(super) struct ProxyDoubts(Mutex<[Seen; 2]>);

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    last: Option<DateTime<Utc>>,
    logged: Option<DateTime<Utc>>,
}

impl ProxyDoubts {
    /// The array is whole at every instant, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, [Seen; 2]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes a request with a doubtful address. `peer` is logged, so it must be no client's.
pub fn note(app: &App, doubt: ProxyDoubt, peer: Option<IpAddr>) {
    let now = app.clock.now();
    let due = {
        let mut doubts = app.proxy_doubts.lock();
        let seen = &mut doubts[doubt as usize];
        seen.last = Some(now);
        let due = seen.logged.is_none_or(|at| now - at >= LOGGED_EVERY);
        if due {
            seen.logged = Some(now);
        }
        due
    };
    let peer = peer.map(|peer| peer.to_string());
    match doubt {
        ProxyDoubt::UnknownProxy if due => tracing::warn!(
            peer,
            "a peer that trusted_proxies does not name sends addresses of clients; they are not believed"
        ),
        ProxyDoubt::SilentProxy if due => tracing::warn!(
            "requests come from this machine or a trusted proxy without X-Forwarded-For; limits by address stand still"
        ),
        _ => {}
    }
}

/// The doubts of the last hour.
pub fn doubts(app: &App) -> Vec<&'static str> {
    let (now, doubts) = (app.clock.now(), *app.proxy_doubts.lock());
    let shown = |doubt: &ProxyDoubt| {
        let last = doubts[*doubt as usize].last;
        last.is_some_and(|at| now - at < SHOWN_FOR)
    };
    let all = [ProxyDoubt::UnknownProxy, ProxyDoubt::SilentProxy];
    all.into_iter()
        .filter(shown)
        .map(ProxyDoubt::code)
        .collect()
}
