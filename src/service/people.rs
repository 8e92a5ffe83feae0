//! People: taking staff on, new passwords, and the names of staff. Letting go is in `handover`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::App;
use super::audit::{Actor, AuditAct, Recorder};
use super::passwords::{ClientClass, PasswordError};
use crate::domain::area::AreaId;
use crate::domain::audit::AuditEvent;
use crate::domain::person::Text;
use crate::domain::plain_text::key;
use crate::domain::staff::{Role, Staff, StaffId};
use crate::store::report::Row;
use crate::store::staff::NewPassword;
use crate::store::{Conn, Db, Error, Tx, session, staff};

/// Characters of a printed password: no two look alike.
const PASSWORD_ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// Length of a printed password; 31^14 is more than 2^69.
const PASSWORD_CHARS: usize = 14;

/// Adds a person and returns a one-time password, which works until they choose their own.
pub async fn take_on(
    app: &App,
    login: &str,
    name: &str,
    role: Role,
    area: AreaId,
) -> Result<String, Error> {
    let password = one_time_password();
    let new = staff::NewStaff {
        login: key(login),
        name: Text::visible(name),
        role,
        area,
        password_hash: app.passwords.hash(password.clone()).await?,
        created_at: app.clock.now(),
    };
    let atlas = app.atlas();
    let area = atlas.tree.get(area).map(|area| area.code.as_str());
    let facts = json!({ "login": new.login, "role": role.code(), "area": area });
    let added = by_operator(AuditEvent::AccountAdded, facts);
    let recorder = Recorder::of(app);
    let work = move |tx: Tx| async move {
        staff::insert(&tx, new).await?;
        recorder.write(&tx, [added]).await
    };
    app.db.write(work).await?;
    Ok(password)
}

/// Gives a person a new one-time password and ends all their sign-ins.
pub async fn reset_password(app: &App, login: &str) -> Result<String, Error> {
    let password = one_time_password();
    let hash = app.passwords.hash(password.clone()).await?;
    let (login, recorder, at) = (key(login), Recorder::of(app), app.clock.now());
    let work = move |tx: Tx| async move {
        let found = staff::credentials(&tx, &login).await?;
        staff::set_password(
            &tx,
            found.staff.id,
            NewPassword {
                hash,
                once: true,
                at,
            },
        )
        .await?;
        let ended = session::end_all(&tx, found.staff.id).await?;
        let facts = json!({ "login": login, "ended": ended });
        let reset = by_operator(AuditEvent::PasswordReset, facts);
        recorder.write(&tx, [reset]).await
    };
    app.db.write(work).await?;
    Ok(password)
}

/// Whether this is still the person's one-time password. A password that they chose themselves is
/// none, nor is one that has expired, and neither is that of a person who was let go.
pub async fn one_time_password_works(
    app: &App,
    login: &str,
    password: &str,
) -> Result<bool, PasswordError> {
    let login = key(login);
    let work = move |conn: Conn| async move { staff::credentials(&conn, &login).await };
    let found = match app.db.read(work).await {
        Err(Error::Missing) => return Ok(false),
        found => found?,
    };
    if !found.staff.password_once || app.clock.now() - found.password_at > app.rules.first_password
    {
        return Ok(false);
    }
    let (password, hash) = (password.to_owned(), Some(found.password_hash));
    app.passwords
        .verify(password, hash, ClientClass::Known)
        .await
}

/// Takes a person back who was let go.
pub async fn take_back(app: &App, login: &str) -> Result<(), Error> {
    let (login, recorder) = (key(login), Recorder::of(app));
    let work = move |tx: Tx| async move {
        let all = staff::list(&tx).await?;
        let person = all.into_iter().find(|person| person.login == login);
        staff::take_back(&tx, person.ok_or(Error::Missing)?.id).await?;
        let enabled = by_operator(AuditEvent::AccountEnabled, json!({ "login": login }));
        recorder.write(&tx, [enabled]).await
    };
    app.db.write(work).await
}

/// Accounts are made and changed on the command line.
fn by_operator(event: AuditEvent, facts: Value) -> AuditAct {
    AuditAct::of(Actor::Operator, event, facts)
}

/// All staff, also those who were let go.
pub async fn list(app: &App) -> Result<Vec<Staff>, Error> {
    let work = move |conn: Conn| async move { staff::list(&conn).await };
    app.db.read(work).await
}

/// Names of staff who own reports, read when first needed. A name never changes, so the cache stays
/// right on every node.
#[derive(Debug, Default)]
pub struct Names(RwLock<HashMap<StaffId, String>>);

impl Names {
    /// Reads the names of the owners of these reports where they are not known yet.
    pub async fn learn(&self, db: &Db, rows: impl IntoIterator<Item = &Row>) -> Result<(), Error> {
        let unknown: Vec<StaffId> = {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let owners: BTreeSet<_> = rows.into_iter().filter_map(|row| row.owner).collect();
            let unknown = owners.into_iter().filter(|id| !known.contains_key(id));
            unknown.collect()
        };
        if unknown.is_empty() {
            return Ok(());
        }
        let work = move |conn: Conn| async move { staff::names(&conn, &unknown).await };
        let names = db.read(work).await?;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(names);
        Ok(())
    }

    /// The name; empty where [`Names::learn`] has not read it yet.
    pub fn of(&self, id: StaffId) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).cloned().unwrap_or_default()
    }
}

fn one_time_password() -> String {
    let mut rng = rand::rng();
    (0..PASSWORD_CHARS)
        .filter_map(|_| PASSWORD_ALPHABET.choose(&mut rng))
        .map(|sign| char::from(*sign))
        .collect()
}
