//! Limits for wrong passwords, on each node for itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::device::Device;
use super::passwords::ClientClass;
use super::rate_limit::{Exhausted, Limit, RateLimiter, network};
use super::{App, Rules};

/// The longest window of wrong passwords on one device, unless the setting is longer.
const WINDOW_MAX: TimeDelta = TimeDelta::hours(1);
/// The window of wrong passwords on devices that are not known. It is short, because the owner of a
/// login waits for its end, too, when they sign in on a new device.
const STRANGERS_WINDOW: TimeDelta = TimeDelta::minutes(3);
/// Windows of strangers in an hour: the settings count by the hour.
const STRANGERS_WINDOWS: u32 = 20;
/// Characters of a login that its rate limit counts by.
const LOGIN_CHARS_COUNTED: usize = 64;
/// Sign-ins of one login on unknown devices that wait for their turn.
const WAITING_MAX: usize = 8;

/// Why a password is not checked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Throttled {
    /// Too many wrong ones; the next try counts after so many seconds.
    Wait {
        /// Seconds.
        retry_after_s: i64,
    },
    /// Too many wait for their turn.
    Busy,
}

/// What a wrong password counts against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum TryKey {
    /// A login on a device on which it has signed in before.
    Device(String, [u8; 16]),
    /// A login on all other devices.
    Login(String),
    /// All other devices at one address.
    Address(IpAddr),
    /// A sign-in that changes its password.
    Session(Uuid),
}

/// A device on which a login has signed in before has a limit of its own. All other devices share one
/// limit for the login and one for the address, and their passwords are checked one at a time. So a
/// stranger neither guesses without end nor locks the owner out.
#[derive(Debug, Default)]
pub(super) struct SignInThrottle {
    limiter: RateLimiter<TryKey>,
    turns: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A try to sign in: what it counts against, and its turn.
pub(super) struct Try {
    limits: Vec<(TryKey, Limit)>,
    /// The class of the client.
    pub(super) class: ClientClass,
    _turn: Option<OwnedSemaphorePermit>,
}

impl SignInThrottle {
    /// The turn of a sign-in on an unknown device.
    async fn turn(&self, login: &str) -> Result<OwnedSemaphorePermit, Throttled> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            // The map holds one clone, and each sign-in another one.
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            let one = || Arc::new(Semaphore::new(1));
            Arc::clone(turns.entry(counted(login)).or_insert_with(one))
        };
        if Arc::strong_count(&turn) > WAITING_MAX + 2 {
            return Err(Throttled::Busy);
        }
        turn.acquire_owned().await.or(Err(Throttled::Busy))
    }

    /// Charges a try on a device that the login knows.
    pub(super) fn known(&self, app: &App, login: &str, device: &Device) -> Result<Try, Throttled> {
        let key = TryKey::Device(counted(login), device.id());
        self.charge(app, vec![(key, own_limit(&app.rules))])
    }

    /// Charges a try on any other device, and waits for its turn.
    pub(super) async fn unknown(
        &self,
        app: &App,
        login: &str,
        address: Option<IpAddr>,
    ) -> Result<Try, Throttled> {
        let (rules, login_key) = (&app.rules, TryKey::Login(counted(login)));
        let mut limits = vec![(login_key, strangers_limit(rules.sign_in_tries_login))];
        let address = address.map(|address| TryKey::Address(network(address)));
        limits.extend(address.map(|key| (key, strangers_limit(rules.sign_in_tries_address))));
        let charged = self.charge(app, limits)?;
        match self.turn(login).await {
            Ok(turn) => Ok(Try {
                _turn: Some(turn),
                ..charged
            }),
            Err(error) => {
                self.limiter.give_back(&charged.limits);
                Err(error)
            }
        }
    }

    /// Charges a try of a sign-in that changes its password.
    pub(super) fn session(&self, app: &App, session: Uuid) -> Result<Try, Throttled> {
        let key = TryKey::Session(session);
        self.charge(app, vec![(key, own_limit(&app.rules))])
    }

    /// Gives a try back: the password was right, or was not checked.
    pub(super) fn give_back(&self, charged: &Try) {
        self.limiter.give_back(&charged.limits);
    }

    /// A right password ends what wrong ones before it have cost on this device.
    pub(super) fn forgive(&self, login: &str, device: &Device) {
        let key = TryKey::Device(counted(login), device.id());
        self.limiter.refill(&key);
    }

    /// Counts the try before the password is checked, so that concurrent tries cannot exceed the
    /// limits.
    fn charge(&self, app: &App, limits: Vec<(TryKey, Limit)>) -> Result<Try, Throttled> {
        let charged = self.limiter.take(&limits, app.clock.now());
        charged.map_err(|Exhausted { retry_after_s }| Throttled::Wait { retry_after_s })?;
        let stranger = limits
            .iter()
            .any(|(key, _)| matches!(key, TryKey::Login(_)));
        Ok(Try {
            limits,
            class: match stranger {
                true => ClientClass::Unknown,
                false => ClientClass::Known,
            },
            _turn: None,
        })
    }
}

fn own_limit(rules: &Rules) -> Limit {
    limit(rules.sign_in_tries, rules.sign_in_window, WINDOW_MAX)
}

/// So many tries in an hour, evenly.
fn strangers_limit(tries_per_hour: u32) -> Limit {
    let tries = tries_per_hour.div_ceil(STRANGERS_WINDOWS);
    limit(tries, STRANGERS_WINDOW, STRANGERS_WINDOW)
}

fn limit(tries: u32, window: TimeDelta, window_max: TimeDelta) -> Limit {
    Limit {
        tries,
        window,
        window_max: window.max(window_max),
    }
}

fn counted(login: &str) -> String {
    login.chars().take(LOGIN_CHARS_COUNTED).collect()
}
