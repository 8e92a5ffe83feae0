//! Codes of placards that do not exist. Their answers are slow where there are many of them, so that the
//! codes cannot be counted through quickly. A code that exists is never slow.

use std::net::IpAddr;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::App;
use super::rate_limit::{Limit, RateLimiter, network};

/// The window in which unknown codes count.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// How long an answer waits.
const PAUSE: Duration = Duration::from_secs(1);
/// Answers that wait at the same time. Each holds a connection.
const WAITING_MAX: usize = 256;

/// What an unknown code counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum GuessKey {
    Address(IpAddr),
    All,
}

/// Counts unknown codes, on each node for itself.
#[derive(Debug)]
pub(super) struct CodeGuesses {
    limiter: RateLimiter<GuessKey>,
    waiting: Semaphore,
}

impl Default for CodeGuesses {
    fn default() -> Self {
        Self {
            limiter: RateLimiter::default(),
            waiting: Semaphore::new(WAITING_MAX),
        }
    }
}

/// Counts an unknown code. Beyond the limit of the address, or of all, it returns after a pause, and
/// true: the client should need another connection for its next guess. Where too many wait already
/// there is no pause.
pub async fn count(app: &App, from: Option<IpAddr>) -> bool {
    metrics::counter!("mashang_unknown_codes_total").increment(1);
    if is_within_limits(app, from) {
        return false;
    }
    metrics::counter!("mashang_unknown_codes_slowed_total").increment(1);
    if let Ok(_place) = app.code_guesses.waiting.try_acquire() {
        sleep(PAUSE).await;
    }
    true
}

fn is_within_limits(app: &App, from: Option<IpAddr>) -> bool {
    let limit = |tries| Limit {
        tries,
        window: WINDOW,
        window_max: WINDOW,
    };
    let rules = &app.rules;
    let all = (GuessKey::All, limit(rules.unknown_codes));
    let address = from.map(|from| {
        let key = GuessKey::Address(network(from));
        (key, limit(rules.unknown_codes_address))
    });
    let keys: Vec<_> = address.into_iter().chain([all]).collect();
    let taken = app.code_guesses.limiter.take(&keys, app.clock.now());
    taken.is_ok()
}
