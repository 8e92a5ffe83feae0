//! Access: passwords, sign-ins, and who somebody is on the next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Acting, House};
use crate::domain::staff::{Scope, Staff};
use crate::store::{Conn, Error, session, staff};

/// Length of a password at least, in characters.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Length of a password at most, in characters; hashing must not become a way to tire the house.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Wrong passwords before the next try of the same login has to wait.
const FREE_TRIES: u32 = 3;
/// The longest that a login waits after wrong passwords, in seconds.
const DELAY_S_MAX: i64 = 300;
/// Logins whose wrong tries are remembered.
const LOGINS_REMEMBERED_MAX: usize = 10_000;
/// Passwords that are hashed at the same time; each takes tens of MiB.
const HASHES_AT_ONCE: usize = 2;
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
    /// The new password is too short, too long or the old one.
    #[error("the new password cannot be taken")]
    Weak,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Checks and makes passwords, a few at a time.
#[derive(Debug)]
pub struct Passwords {
    params: Option<Params>,
    turn: Semaphore,
    wrong: Mutex<HashMap<String, (u32, DateTime<Utc>)>>,
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

impl Passwords {
    pub(super) fn new(memory_kib: u32, rounds: u32) -> Self {
        Self {
            params: Params::new(memory_kib, rounds, 1, None).ok(),
            turn: Semaphore::new(HASHES_AT_ONCE),
            wrong: Mutex::default(),
        }
    }

    /// The Argon2id hash of a password (RFC 9106), in PHC form.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        let hasher = self.hasher();
        self.blocking(move || {
            let hash = hasher.hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).ok()
        })
        .await?
        .ok_or_else(|| Error::Corrupt("password parameters".into()))
    }

    /// Whether the password belongs to the hash. A missing hash takes as long as a wrong one, so
    /// that nobody learns which logins exist.
    async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        let hasher = self.hasher();
        self.blocking(move || {
            let Some(hash) = hash else {
                let _ = hasher.hash_password(password.as_bytes());
                return false;
            };
            PasswordHash::new(&hash)
                .is_ok_and(|hash| hasher.verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    fn hasher(&self) -> Argon2<'static> {
        let params = self.params.clone().unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let _turn = self.turn.acquire().await;
        let done = tokio::task::spawn_blocking(work).await;
        done.or(Err(Error::Corrupt("a password task ended early".into())))
    }

    /// How many seconds this login has to wait.
    fn wait_s(&self, login: &str, now: DateTime<Utc>) -> i64 {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong
            .get(login)
            .map_or(0, |(_, until)| (*until - now).num_seconds().max(0))
    }

    /// Remembers a wrong try: after a few free ones each makes the next wait twice as long. The
    /// wait belongs to the login, is short, and ends by itself: no colleague is locked out.
    fn remember(&self, login: &str, now: DateTime<Utc>) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= LOGINS_REMEMBERED_MAX {
            wrong.retain(|_, (_, until)| *until > now);
        }
        let (tries, until) = wrong.entry(login.to_owned()).or_insert((0, now));
        *tries += 1;
        if *tries > FREE_TRIES {
            let delay = 1_i64 << (*tries - FREE_TRIES).min(16);
            *until = now + TimeDelta::seconds(delay.min(DELAY_S_MAX));
        }
    }

    fn forget(&self, login: &str) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.remove(login);
    }
}

/// Begins a sign-in and returns its token.
pub async fn sign_in(
    house: &House,
    login: &str,
    password: String,
) -> Result<(Staff, String), Denied> {
    let login = login.trim().to_lowercase();
    let now = house.clock.now();
    let retry_after_s = house.passwords.wait_s(&login, now);
    if retry_after_s > 0 {
        return Err(Denied::Wait { retry_after_s });
    }
    let wanted = login.clone();
    let found = house.db.run(move |conn| async move {
        match staff::credentials(&conn, &wanted).await {
            Err(Error::Missing) => Ok(None),
            found => found.map(Some),
        }
    });
    let found: Option<staff::Credentials> = found.await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let right = password.chars().count() <= PASSWORD_CHARS_MAX
        && house.passwords.verify(password, hash).await?;
    let Some(found) = found.filter(|_| right) else {
        house.passwords.remember(&login, now);
        tracing::warn!("a sign-in was refused");
        return Err(Denied::Wrong);
    };
    house.passwords.forget(&login);
    let token = begin(house, &found.staff).await?;
    Ok((found.staff, token))
}

async fn begin(house: &House, person: &Staff) -> Result<String, Error> {
    let id = Uuid::new_v4();
    let now = house.clock.now();
    let expires = now + house.rules.session;
    let staff = person.id;
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        session::insert(&tx, id, staff, (now, expires)).await?;
        tx.commit().await
    };
    house.db.run(work).await?;
    tracing::info!(staff = staff.0, "signed in");
    let claims = Claims {
        iss: ISSUER.into(),
        aud: ISSUER.into(),
        sub: staff.0.to_string(),
        jti: id,
        iat: now.timestamp(),
        nbf: now.timestamp(),
        exp: expires.timestamp(),
    };
    let key = EncodingKey::from_secret(house.keys.token_secret());
    encode(&Header::default(), &claims, &key).or(Err(Error::Corrupt("token".into())))
}

/// Who shows this token, as they are at this moment; none for a token that is not ours, has
/// ended, was signed out, or whose person was disabled.
pub async fn acting(house: &House, token: &str) -> Result<Option<Acting>, Error> {
    let Some(claims) = read(house, token) else {
        return Ok(None);
    };
    let now = house.clock.now();
    let found = house
        .db
        .run(move |conn| async move { session::person(&conn, claims.jti, now).await });
    match found.await {
        Ok(staff) if staff.id.0.to_string() == claims.sub => {
            let scope = Scope::of(&house.atlas().tree, staff.area);
            Ok(Some(Acting {
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
fn read(house: &House, token: &str) -> Option<Claims> {
    let mut validation = Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    // These two would go by the machine's clock.
    validation.validate_nbf = false;
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(house.keys.token_secret());
    let claims = decode::<Claims>(token, &key, &validation).ok()?.claims;
    let now = house.clock.now().timestamp();
    let begun = claims.nbf.max(claims.iat) <= now + LEEWAY_S;
    (begun && claims.exp > now).then_some(claims)
}

/// Ends the sign-in; its token is worth nothing from now on, on every node.
pub async fn sign_out(house: &House, acting: &Acting) -> Result<(), Error> {
    let id = acting.session;
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        session::end(&tx, id).await?;
        tx.commit().await
    };
    house.db.run(work).await
}

/// Replaces the password, ends every other sign-in of the person and begins a new one.
pub async fn change_password(
    house: &House,
    acting: &Acting,
    (old, new): (String, String),
) -> Result<String, Denied> {
    let length = new.chars().count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&length) || new == old {
        return Err(Denied::Weak);
    }
    let login = Arc::new(acting.staff.login.clone());
    let wanted = Arc::clone(&login);
    let work = move |conn: Conn| async move { staff::credentials(&conn, &wanted).await };
    let found: staff::Credentials = house.db.run(work).await?;
    if !house
        .passwords
        .verify(old, Some(found.password_hash))
        .await?
    {
        return Err(Denied::Wrong);
    }
    let hash = house.passwords.hash(new).await?;
    let id = acting.staff.id;
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        staff::set_password(&tx, id, hash, false).await?;
        session::end_all(&tx, id).await?;
        tx.commit().await
    };
    house.db.run::<_, Error, _, _>(work).await?;
    Ok(begin(house, &acting.staff).await?)
}
