//! Access: signing in, limits for wrong passwords, and the principal of each request.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::audit::{Actor, AuditAct, Recorder, record_after};
use super::device::Device;
use super::passwords::{ClientClass, PasswordError};
use super::sign_in_throttle::{Throttled, Try};
use super::{App, Principal, hs256};
use crate::domain::audit::AuditEvent;
use crate::domain::password::{self, PASSWORD_CHARS_MAX, WeakPassword};
use crate::domain::plain_text::key;
use crate::domain::staff::{Scope, Staff, StaffId};
use crate::store::staff::NewPassword;
use crate::store::{Error, Tx, session, staff};

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
    /// The new password is the old one.
    #[error("the new password is the old one")]
    Same,
    /// The new password is too easy to guess.
    #[error("the new password cannot be taken")]
    Weak(WeakPassword),
    /// The one-time password is right, and too old.
    #[error("the one-time password has expired")]
    Expired,
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

impl From<Throttled> for SignInError {
    fn from(throttled: Throttled) -> Self {
        match throttled {
            Throttled::Wait { retry_after_s } => Self::Wait { retry_after_s },
            Throttled::Busy => Self::Busy,
        }
    }
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

/// Begins a sign-in.
pub async fn sign_in(
    app: &App,
    login: &str,
    password: String,
    client: Client<'_>,
) -> Result<Begun, SignInError> {
    let login = key(login);
    let mut device = client
        .device
        .and_then(Device::read)
        .unwrap_or_else(Device::new);
    let throttle = &app.sign_in_throttle;
    let (class, charged) = if device.knows(&app.keys, &login) {
        (ClientClass::Known, throttle.known(app, &login, &device))
    } else {
        let charged = throttle.unknown(app, &login, client.address).await;
        (ClientClass::Unknown, charged)
    };
    let charged = charged.inspect_err(|_| app.refused_sign_ins.throttled(&login, class))?;
    let found = checked(app, &login, password, charged).await?;
    if found.staff.password_once && app.clock.now() - found.password_at > app.rules.first_password {
        tracing::warn!(staff = found.staff.id.0, "a one-time password has expired");
        return Err(SignInError::Expired);
    }
    throttle.forgive(&login, &device);
    device.remember(&app.keys, &login);
    let token = begin(app, &found, class).await?;
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
    let class = charged.class;
    let found = matching(app, login, password, class).await;
    if !matches!(found, Ok(None)) {
        app.sign_in_throttle.give_back(&charged);
    }
    found?.ok_or_else(|| {
        tracing::warn!("a password was refused");
        app.refused_sign_ins.wrong(login, class);
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
async fn begin(
    app: &App,
    found: &staff::Credentials,
    class: ClientClass,
) -> Result<String, SignInError> {
    let (staff, hash) = (found.staff.id, found.password_hash.clone());
    let new_session = NewSession::of(app, staff);
    let token = new_session.token(app)?;
    let facts = json!({ "device": class.code() });
    let signed_in = AuditAct::of(Actor::Staff(staff), AuditEvent::SignedIn, facts);
    let recorder = Recorder::of(app);
    let work = move |tx: Tx| async move {
        staff::hold(&tx, staff, &hash).await?;
        new_session.write(&tx).await?;
        recorder.write(&tx, [signed_in]).await
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

/// Ends the sign-in; its token is invalid on every node from now on. The audit entry follows.
pub async fn sign_out(app: &App, principal: &Principal) -> Result<(), Error> {
    let id = principal.session;
    let work = move |tx: Tx| async move { session::end(&tx, id).await };
    app.db.write::<_, Error, _, _>(work).await?;
    let actor = Actor::Staff(principal.staff.id);
    record_after(app, AuditAct::of(actor, AuditEvent::SignedOut, json!({})));
    Ok(())
}

/// Replaces the password, ends all sign-ins of the person and begins a new one, in one transaction.
/// Wrong old passwords are limited per sign-in, so that an unlocked telephone is no way to guess. A
/// one-time password need not be given again: a sign-in with it can do nothing but replace it.
pub async fn change_password(
    app: &App,
    principal: &Principal,
    old: String,
    new: String,
) -> Result<String, SignInError> {
    if new == old {
        return Err(SignInError::Same);
    }
    password::check(&new, &own_names(app, &principal.staff)).map_err(SignInError::Weak)?;
    let found = match principal.staff.password_once && old.is_empty() {
        true => used_once(app, principal, &new).await?,
        false => checked_again(app, principal, old).await?,
    };
    let (id, old) = (found.staff.id, found.password_hash);
    let hash = app.passwords.hash(new).await?;
    let new_session = NewSession::of(app, id);
    let token = new_session.token(app)?;
    let (recorder, at) = (Recorder::of(app), app.clock.now());
    let work = move |tx: Tx| async move {
        staff::hold(&tx, id, &old).await?;
        staff::set_password(
            &tx,
            id,
            NewPassword {
                hash,
                once: false,
                at,
            },
        )
        .await?;
        let ended = session::end_all(&tx, id).await?;
        new_session.write(&tx).await?;
        let facts = json!({ "ended": ended });
        let act = AuditAct::of(Actor::Staff(id), AuditEvent::PasswordChanged, facts);
        recorder.write(&tx, [act]).await
    };
    changed(app.db.write(work).await)?;
    Ok(token)
}

/// The names that stand around a person, and in none of their passwords.
fn own_names(app: &App, staff: &Staff) -> Vec<String> {
    let atlas = app.atlas();
    let areas = atlas.tree.upward(staff.area);
    let offices = areas.flat_map(password::names_of);
    offices.chain([staff.login.clone()]).collect()
}

/// The account of a person whose password is the one that they have now, as its owner proves.
async fn checked_again(
    app: &App,
    principal: &Principal,
    old: String,
) -> Result<staff::Credentials, SignInError> {
    let (login, refused) = (&principal.staff.login, &app.refused_sign_ins);
    let charged = app.sign_in_throttle.session(app, principal.session);
    let charged = charged.inspect_err(|_| refused.throttled(login, ClientClass::Known))?;
    checked(app, login, old, charged).await
}

/// The account of a person who has signed in with a one-time password, which the new one is not.
async fn used_once(
    app: &App,
    principal: &Principal,
    new: &str,
) -> Result<staff::Credentials, SignInError> {
    let login = principal.staff.login.clone();
    let found = app
        .db
        .read(move |conn| async move { staff::credentials(&conn, &login).await });
    let found: staff::Credentials = found.await?;
    if !found.staff.password_once {
        // It was replaced in the meantime.
        return Err(SignInError::Wrong);
    }
    let hash = Some(found.password_hash.clone());
    let same = app
        .passwords
        .verify(new.to_owned(), hash, ClientClass::Known);
    if same.await? {
        return Err(SignInError::Same);
    }
    Ok(found)
}
