//! Access: signing in, limits for wrong passwords, and the principal of each request.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::device::Device;
use super::passwords::{ClientClass, PasswordError};
use super::rate_limit::{Exhausted, Limit, RateLimiter, network};
use super::{App, Principal, Rules, hs256};
use crate::domain::staff::{Scope, Staff, StaffId};
use crate::store::{Error, Tx, session, staff};

/// Length of a password at least, in characters.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Length of a password at most, in characters: hashing a long one would be a way to overload the
/// server.
pub const PASSWORD_CHARS_MAX: usize = 128;
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
/// The issuer and the audience of the tokens.
const ISSUER: &str = "mashang";
/// How far the clocks of two nodes may differ, in seconds.
const LEEWAY_S: i64 = 5;

/// Why a sign-in or a change of the password failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Login and password do not belong together.
    #[error("login and password do not match")]
    Wrong,
    /// Too many wrong tries; the next one counts after so many seconds.
    #[error("too many tries")]
    Wait {
        /// Seconds.
        retry_after_s: i64,
    },
    /// Too many passwords wait to be checked.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// The new password is too short, too long or the old one.
    #[error("the new password cannot be taken")]
    Weak,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<PasswordError> for SignInError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Store(error) => Self::Store(error),
        }
    }
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

/// Limits for wrong passwords, on each node for itself. A device on which a login has signed in
/// before has a limit of its own. All other devices share one limit for the login and one for the
/// address, and their passwords are checked one at a time. So a stranger neither guesses without end
/// nor locks the owner out.
#[derive(Debug, Default)]
pub(super) struct SignInThrottle {
    limiter: RateLimiter<TryKey>,
    turns: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// The client that signs in.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// Its address, where it is known.
    pub address: Option<IpAddr>,
    /// The value of its device cookie.
    pub device: Option<&'a str>,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// The person.
    pub staff: Staff,
    /// The token of the sign-in.
    pub token: String,
    /// The new value of the device cookie.
    pub device: String,
}

/// A try to sign in: what it counts against, and its turn.
struct Try {
    limits: Vec<(TryKey, Limit)>,
    class: ClientClass,
    _turn: Option<OwnedSemaphorePermit>,
}

/// The content of a staff token. Everything else is read from the database on each request.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl SignInThrottle {
    /// The turn of a sign-in on an unknown device.
    async fn turn(&self, login: &str) -> Result<OwnedSemaphorePermit, SignInError> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            // The map holds one clone, and each sign-in another one.
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            let one = || Arc::new(Semaphore::new(1));
            Arc::clone(turns.entry(counted(login)).or_insert_with(one))
        };
        if Arc::strong_count(&turn) > WAITING_MAX + 2 {
            return Err(SignInError::Busy);
        }
        turn.acquire_owned().await.or(Err(SignInError::Busy))
    }

    /// Charges a try on a device that the login knows.
    fn known(&self, app: &App, login: &str, device: &Device) -> Result<Try, SignInError> {
        let key = TryKey::Device(counted(login), device.id());
        self.charge(app, vec![(key, own_limit(&app.rules))])
    }

    /// Charges a try on any other device, and waits for its turn.
    async fn unknown(
        &self,
        app: &App,
        login: &str,
        address: Option<IpAddr>,
    ) -> Result<Try, SignInError> {
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

    /// Counts the try before the password is checked, so that concurrent tries cannot exceed the
    /// limits.
    fn charge(&self, app: &App, limits: Vec<(TryKey, Limit)>) -> Result<Try, SignInError> {
        let charged = self.limiter.take(&limits, app.clock.now());
        charged.map_err(|Exhausted { retry_after_s }| SignInError::Wait { retry_after_s })?;
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

/// Begins a sign-in.
pub async fn sign_in(
    app: &App,
    login: &str,
    password: String,
    client: Client<'_>,
) -> Result<Begun, SignInError> {
    let login = login.trim().to_lowercase();
    let mut device = client
        .device
        .and_then(Device::read)
        .unwrap_or_else(Device::new);
    let throttle = &app.sign_in_throttle;
    let charged = if device.knows(&app.keys, &login) {
        throttle.known(app, &login, &device)?
    } else {
        throttle.unknown(app, &login, client.address).await?
    };
    let found = checked(app, &login, password, charged).await?;
    let key = TryKey::Device(counted(&login), device.id());
    throttle.limiter.refill(&key);
    device.remember(&app.keys, &login);
    let token = begin(app, &found).await?;
    Ok(Begun {
        staff: found.staff,
        token,
        device: device.cookie(),
    })
}

/// The person with this login and password.
async fn checked(
    app: &App,
    login: &str,
    password: String,
    charged: Try,
) -> Result<staff::Credentials, SignInError> {
    let found = matching(app, login, password, charged.class).await;
    if !matches!(found, Ok(None)) {
        app.sign_in_throttle.limiter.give_back(&charged.limits);
    }
    found?.ok_or_else(|| {
        tracing::warn!("a password was refused");
        SignInError::Wrong
    })
}

/// The person with this login, when the password is theirs.
async fn matching(
    app: &App,
    login: &str,
    password: String,
    class: ClientClass,
) -> Result<Option<staff::Credentials>, SignInError> {
    let wanted = login.to_owned();
    let found = app.db.read(move |conn| async move {
        match staff::credentials(&conn, &wanted).await {
            Err(Error::Missing) => Ok(None),
            found => found.map(Some),
        }
    });
    let found: Option<staff::Credentials> = found.await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let right = password.chars().count() <= PASSWORD_CHARS_MAX
        && app.passwords.verify(password, hash, class).await?;
    Ok(found.filter(|_| right))
}

/// A new sign-in.
struct NewSession {
    id: Uuid,
    staff: StaffId,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
}

impl NewSession {
    fn of(app: &App, staff: StaffId) -> Self {
        let now = app.clock.now();
        Self {
            id: Uuid::new_v4(),
            staff,
            now,
            expires: now + app.rules.session,
        }
    }

    async fn write(&self, tx: &Tx) -> Result<(), Error> {
        session::insert(tx, self.id, self.staff, self.now, self.expires).await
    }

    /// The token of the sign-in; valid once the sign-in is written.
    fn token(&self, app: &App) -> Result<String, Error> {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: ISSUER.into(),
            sub: self.staff.0.to_string(),
            jti: self.id,
            iat: self.now.timestamp(),
            nbf: self.now.timestamp(),
            exp: self.expires.timestamp(),
        };
        let key = EncodingKey::from_secret(app.keys.token_secret());
        hs256::install();
        encode(&Header::default(), &claims, &key).or(Err(Error::Corrupt("token".into())))
    }
}

/// The transaction compares the password hash again: a change of the password during the check has
/// ended all sign-ins.
async fn begin(app: &App, found: &staff::Credentials) -> Result<String, SignInError> {
    let (staff, hash) = (found.staff.id, found.password_hash.clone());
    let new_session = NewSession::of(app, staff);
    let token = new_session.token(app)?;
    let work = move |tx: Tx| async move {
        staff::hold(&tx, staff, &hash).await?;
        new_session.write(&tx).await
    };
    changed(app.db.write(work).await)?;
    tracing::info!(staff = staff.0, "signed in");
    Ok(token)
}

/// A password that was changed meanwhile is a wrong one.
fn changed(done: Result<(), Error>) -> Result<(), SignInError> {
    done.map_err(|error| match error {
        Error::Missing => SignInError::Wrong,
        other => other.into(),
    })
}

/// The principal of this token, read from the database; none for a foreign token, after its end,
/// after signing out, and for a person who has left.
pub async fn principal(app: &App, token: &str) -> Result<Option<Principal>, Error> {
    let Some(claims) = read(app, token) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let found = app
        .db
        .read(move |conn| async move { session::person(&conn, claims.jti, now).await });
    match found.await {
        Ok(staff) if staff.id.0.to_string() == claims.sub => {
            let scope = Scope::of(&app.atlas().tree, staff.area);
            Ok(Some(Principal {
                staff,
                scope,
                session: claims.jti,
            }))
        }
        Ok(_) | Err(Error::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

/// One algorithm, and every claim required: a token without an end is no token. The app's clock
/// alone says whether it has begun and not ended, as it said when the token was made.
fn read(app: &App, token: &str) -> Option<Claims> {
    let mut validation = Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    // These two would go by the machine's clock.
    validation.validate_nbf = false;
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(app.keys.token_secret());
    hs256::install();
    let claims = decode::<Claims>(token, &key, &validation).ok()?.claims;
    let now = app.clock.now().timestamp();
    let begun = claims.nbf.max(claims.iat) <= now + LEEWAY_S;
    (begun && claims.exp > now).then_some(claims)
}

/// Ends the sign-in; its token is invalid on every node from now on.
pub async fn sign_out(app: &App, principal: &Principal) -> Result<(), Error> {
    let id = principal.session;
    let work = move |tx: Tx| async move { session::end(&tx, id).await };
    app.db.write(work).await
}

/// Replaces the password, ends all sign-ins of the person and begins a new one, in one transaction.
/// Wrong old passwords are limited per sign-in, so that an unlocked telephone is no way to guess.
pub async fn change_password(
    app: &App,
    principal: &Principal,
    old: String,
    new: String,
) -> Result<String, SignInError> {
    let length = new.chars().count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&length) || new == old {
        return Err(SignInError::Weak);
    }
    let key = TryKey::Session(principal.session);
    let limits = vec![(key, own_limit(&app.rules))];
    let charged = app.sign_in_throttle.charge(app, limits)?;
    let found = checked(app, &principal.staff.login, old, charged).await?;
    let (id, old) = (found.staff.id, found.password_hash);
    let hash = app.passwords.hash(new).await?;
    let new_session = NewSession::of(app, id);
    let token = new_session.token(app)?;
    let work = move |tx: Tx| async move {
        staff::hold(&tx, id, &old).await?;
        staff::set_password(&tx, id, hash, false).await?;
        session::end_all(&tx, id).await?;
        new_session.write(&tx).await
    };
    changed(app.db.write(work).await)?;
    Ok(token)
}
