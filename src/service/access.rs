//! Access: signing in, limits for wrong passwords, and the principal of each request.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::passwords::PasswordError;
use super::rate_limit::{Exhausted, Limit, RateLimiter, network};
use super::{App, Principal, Rules, hs256};
use crate::domain::staff::{Scope, Staff, StaffId};
use crate::store::{Error, Tx, session, staff};

/// Length of a password at least, in characters.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Length of a password at most, in characters: hashing a long one would be a way to overload the
/// server.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// A window of wrong passwords for one login from one address at most, unless the setting is longer.
const WINDOW_MAX: TimeDelta = TimeDelta::hours(1);
/// The window of wrong passwords for one login from any address. It is short, because the owner of
/// the login also waits for its end when they sign in from a new address.
const LOGIN_WINDOW: TimeDelta = TimeDelta::minutes(5);
/// Characters of a login that its rate limit counts by.
const LOGIN_CHARS_COUNTED: usize = 64;
/// For how long a login's address is remembered.
const KNOWN_FOR: TimeDelta = TimeDelta::days(7);
/// Logins with their addresses that are remembered at most.
const KNOWN_MAX: usize = 10_000;
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
    Here(Place),
    Address(IpAddr),
    Login(String),
    /// A sign-in that changes its password.
    Session(Uuid),
}

/// A login at an address.
type Place = (String, IpAddr);

/// Limits for wrong passwords, on each node for itself. Wrong passwords are limited for each address
/// and for each login. They do not lock the owner of a login out: at an address where the login was
/// used before, only wrong passwords for this login from this address count.
#[derive(Debug, Default)]
pub(super) struct SignInThrottle {
    limiter: RateLimiter<TryKey>,
    known: Mutex<HashMap<Place, DateTime<Utc>>>,
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
    /// The limits that a try counts against.
    fn limits(
        &self,
        rules: &Rules,
        login: &str,
        from: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Vec<(TryKey, Limit)> {
        let (window, address) = (rules.sign_in_window, rules.sign_in_tries_address);
        let here = from.map(|from| place(login, from));
        let known = here.as_ref().is_some_and(|here| self.knows(here, now));
        let mut limits = Vec::new();
        if !known {
            let login = TryKey::Login(counted(login));
            let tries = rules.sign_in_tries_login;
            limits.push((login, limit(tries, LOGIN_WINDOW, LOGIN_WINDOW)));
            // Many people share one address: its window does not grow.
            let from = here.as_ref().map(|(_, from)| TryKey::Address(*from));
            limits.extend(from.map(|from| (from, limit(address, window, window))));
        }
        let tries = limit(rules.sign_in_tries, window, WINDOW_MAX);
        limits.extend(here.map(|here| (TryKey::Here(here), tries)));
        limits
    }

    fn knows(&self, here: &Place, now: DateTime<Utc>) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(here).is_some_and(|until| *until > now)
    }

    /// Remembers the address of a right password, and refills its bucket.
    fn learn(&self, here: Place, now: DateTime<Utc>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.retain(|_, until| *until > now);
        }
        if known.len() < KNOWN_MAX {
            known.insert(here.clone(), now + KNOWN_FOR);
        }
        self.limiter.refill(&TryKey::Here(here));
    }
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

fn place(login: &str, from: IpAddr) -> Place {
    (counted(login), network(from))
}

/// Begins a sign-in and returns its token.
pub async fn sign_in(
    app: &App,
    login: &str,
    password: String,
    from: Option<IpAddr>,
) -> Result<(Staff, String), SignInError> {
    let login = login.trim().to_lowercase();
    let now = app.clock.now();
    let limits = app.sign_in_throttle.limits(&app.rules, &login, from, now);
    let found = checked(app, &login, password, &limits).await?;
    if let Some(from) = from {
        app.sign_in_throttle.learn(place(&login, from), now);
    }
    let token = begin(app, &found).await?;
    Ok((found.staff, token))
}

/// The person with this login and password. The try counts before the password is checked, so that
/// concurrent tries cannot exceed the limit.
async fn checked(
    app: &App,
    login: &str,
    password: String,
    limits: &[(TryKey, Limit)],
) -> Result<staff::Credentials, SignInError> {
    let charged = (app.sign_in_throttle.limiter).take(limits, app.clock.now());
    charged.map_err(|Exhausted { retry_after_s }| SignInError::Wait { retry_after_s })?;
    let found = matching(app, login, password).await;
    if !matches!(found, Ok(None)) {
        app.sign_in_throttle.limiter.give_back(limits);
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
        && app.passwords.verify(password, hash).await?;
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
    let rules = &app.rules;
    let tries = limit(rules.sign_in_tries, rules.sign_in_window, WINDOW_MAX);
    let key = TryKey::Session(principal.session);
    let found = checked(app, &principal.staff.login, old, &[(key, tries)]).await?;
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
