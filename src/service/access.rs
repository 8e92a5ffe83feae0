//! Access: sign-ins, what a wrong one costs, and who somebody is on the next request.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::passwords::Crowded;
use super::rate_limit::{Allowance, RateLimiter, network};
use super::{App, Principal, Rules, hs256};
use crate::domain::staff::{Scope, Staff, StaffId};
use crate::store::{Error, Tx, session, staff};

/// Length of a password at least, in characters.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Length of a password at most, in characters; hashing must not become a way to tire the house.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// A window of wrong passwords for one login from one address at most, unless the setting is longer.
const WINDOW_MAX: TimeDelta = TimeDelta::hours(1);
/// The window of wrong passwords for one login from wherever: short, since whoever signs in from a
/// new address waits for its end with those who guess.
const LOGIN_WINDOW: TimeDelta = TimeDelta::minutes(5);
/// Signs of a login by which tries are told apart.
const LOGIN_CHARS_COUNTED: usize = 64;
/// For how long it is remembered from where somebody signed in.
const KNOWN_FOR: TimeDelta = TimeDelta::days(7);
/// Logins and addresses that are remembered so.
const KNOWN_MAX: usize = 10_000;
/// Who issues the tokens, and for whom.
const ISSUER: &str = "mashang";
/// How far the clocks of two nodes may be apart, in seconds.
const LEEWAY_S: i64 = 5;

/// Why somebody may not go on.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
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
    #[error(transparent)]
    Crowded(#[from] Crowded),
    /// The new password is too short, too long or the old one.
    #[error("the new password cannot be taken")]
    Weak,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What a wrong password is charged to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Account {
    Here(Place),
    Address(IpAddr),
    Login(String),
    /// Of a sign-in under which somebody wants to change the password.
    Session(Uuid),
}

/// A login at an address.
type Place = (String, IpAddr);

/// Wrong passwords, and from where the right ones came; of each node for itself. Whoever guesses
/// is slowed down at one address and over all of them, and locks nobody out with it: somebody who
/// has signed in from where they are is held up by wrong passwords for their own login from there
/// alone. Anybody else waits for the end of a window with those who guess.
#[derive(Debug, Default)]
pub(super) struct SignInThrottle {
    budget: RateLimiter<Account>,
    known: Mutex<HashMap<Place, DateTime<Utc>>>,
}

/// What a staff token says. Everything else is looked up, so that it holds within a request.
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
    /// What a try costs, before it is known whether it is right.
    fn accounts(
        &self,
        rules: &Rules,
        (login, from): (&str, Option<IpAddr>),
        now: DateTime<Utc>,
    ) -> Vec<(Account, Allowance)> {
        let (window, address) = (rules.sign_in_window, rules.sign_in_tries_address);
        let here = from.map(|from| place(login, from));
        let known = here.as_ref().is_some_and(|here| self.knows(here, now));
        let mut accounts = Vec::new();
        if !known {
            let login = Account::Login(counted(login));
            let tries = rules.sign_in_tries_login;
            accounts.push((login, allowed(tries, LOGIN_WINDOW, LOGIN_WINDOW)));
            // An office or a whole quarter is behind one address: its window grows no longer.
            let from = here.as_ref().map(|(_, from)| Account::Address(*from));
            accounts.extend(from.map(|from| (from, allowed(address, window, window))));
        }
        let tries = allowed(rules.sign_in_tries, window, WINDOW_MAX);
        accounts.extend(here.map(|here| (Account::Here(here), tries)));
        accounts
    }

    fn knows(&self, here: &Place, now: DateTime<Utc>) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(here).is_some_and(|until| *until > now)
    }

    /// Remembers from where a right password came, and forgets the wrong ones before it.
    fn learn(&self, here: Place, now: DateTime<Utc>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.retain(|_, until| *until > now);
        }
        if known.len() < KNOWN_MAX {
            known.insert(here.clone(), now + KNOWN_FOR);
        }
        self.budget.forget(&Account::Here(here));
    }
}

fn allowed(tries: u32, window: TimeDelta, window_max: TimeDelta) -> Allowance {
    Allowance {
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
    (login, password): (&str, String),
    from: Option<IpAddr>,
) -> Result<(Staff, String), Denied> {
    let login = login.trim().to_lowercase();
    let now = app.clock.now();
    let accounts = (app.guesses).accounts(&app.rules, (&login, from), now);
    let found = checked(app, (&login, password), &accounts).await?;
    if let Some(from) = from {
        app.guesses.learn(place(&login, from), now);
    }
    let token = begin(app, &found).await?;
    Ok((found.staff, token))
}

/// The person with this login, whose password this is. Tries are charged before the password is
/// looked at, so that many at once are no more than the budget.
async fn checked(
    app: &App,
    (login, password): (&str, String),
    accounts: &[(Account, Allowance)],
) -> Result<staff::Credentials, Denied> {
    let charged = (app.guesses.budget).take(accounts, app.clock.now());
    charged.map_err(|retry_after_s| Denied::Wait { retry_after_s })?;
    let found = matching(app, login, password).await;
    if !matches!(found, Ok(None)) {
        app.guesses.budget.give_back(accounts);
    }
    found?.ok_or_else(|| {
        tracing::warn!("a password was refused");
        Denied::Wrong
    })
}

/// The person with this login, if the password is theirs.
async fn matching(
    app: &App,
    login: &str,
    password: String,
) -> Result<Option<staff::Credentials>, Denied> {
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
        && app.passwords.verify(password, hash).await??;
    Ok(found.filter(|_| right))
}

/// A sign-in that is about to begin.
struct Beginning {
    id: Uuid,
    staff: StaffId,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
}

impl Beginning {
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

    /// The token of the sign-in, once that was written.
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

/// The password is looked at once more in the transaction: it may have been changed while it was
/// checked, which has ended every sign-in that it had begun.
async fn begin(app: &App, found: &staff::Credentials) -> Result<String, Denied> {
    let (staff, hash) = (found.staff.id, found.password_hash.clone());
    let beginning = Beginning::of(app, staff);
    let token = beginning.token(app)?;
    let work = move |tx: Tx| async move {
        staff::hold(&tx, staff, &hash).await?;
        beginning.write(&tx).await
    };
    changed(app.db.write(work).await)?;
    tracing::info!(staff = staff.0, "signed in");
    Ok(token)
}

/// A password that is not the person's any more is a wrong one.
fn changed(done: Result<(), Error>) -> Result<(), Denied> {
    done.map_err(|error| match error {
        Error::Missing => Denied::Wrong,
        other => other.into(),
    })
}

/// Who shows this token, as they are at this moment; none for a token that is not ours, has
/// ended, was signed out, or whose person was disabled.
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

/// One algorithm, and every claim required: a token without an end is no token. The house's clock
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

/// Ends the sign-in; its token is worth nothing from now on, on every node.
pub async fn sign_out(app: &App, principal: &Principal) -> Result<(), Error> {
    let id = principal.session;
    let work = move |tx: Tx| async move { session::end(&tx, id).await };
    app.db.write(work).await
}

/// Replaces the password, ends every other sign-in of the person and begins a new one, all of it or
/// nothing. A wrong old
/// one costs a budget of the sign-in: whoever finds a telephone unlocked is no nearer to it.
pub async fn change_password(
    app: &App,
    principal: &Principal,
    (old, new): (String, String),
) -> Result<String, Denied> {
    let length = new.chars().count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&length) || new == old {
        return Err(Denied::Weak);
    }
    let rules = &app.rules;
    let tries = allowed(rules.sign_in_tries, rules.sign_in_window, WINDOW_MAX);
    let account = Account::Session(principal.session);
    let found = checked(app, (&principal.staff.login, old), &[(account, tries)]).await?;
    let (id, old) = (found.staff.id, found.password_hash);
    let hash = app.passwords.hash(new).await?;
    let beginning = Beginning::of(app, id);
    let token = beginning.token(app)?;
    let work = move |tx: Tx| async move {
        staff::hold(&tx, id, &old).await?;
        staff::set_password(&tx, id, hash, false).await?;
        session::end_all(&tx, id).await?;
        beginning.write(&tx).await
    };
    changed(app.db.write(work).await)?;
    Ok(token)
}
