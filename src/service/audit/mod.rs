//! Audit: what staff and operators do beside the cases. Each act leaves an entry in the system
//! queue, in the transaction of the act: where the entry cannot be written, the act does not happen.
//! What ends a right does not wait for its entry. No entry holds personal data of residents.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{App, chain};
use crate::domain::audit::AuditEvent;
use crate::domain::staff::StaffId;
use crate::seal::Keys;
use crate::store::journal::StoredEntry;
use crate::store::{Conn, Db, Error, Tx, audit, staff};

pub mod refused_sign_ins;
pub mod words;

/// Tries to write the entry of an act that has happened.
const TRIES_MAX: u32 = 3;
/// The pause between two of them.
const TRY_PAUSE: Duration = Duration::from_millis(500);
/// The fact of an entry that names the operator.
const OPERATOR: &str = "operator";

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in staff member.
    Staff(StaffId),
    /// The user of the operating system who runs this process: with a command, or with the server.
    Operator,
    /// The program by itself.
    Program,
}

/// What is entered: who does what, and the facts.
#[derive(Clone, Debug)]
pub struct AuditAct {
    actor: Actor,
    event: AuditEvent,
    facts: Map<String, Value>,
}

impl AuditAct {
    /// An act with these facts, a JSON object. No fact is about a resident.
    pub fn of(actor: Actor, event: AuditEvent, facts: Value) -> Self {
        let facts = match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        Self {
            actor,
            event,
            facts,
        }
    }
}

/// Writes audit entries at one time.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    keys: Arc<Keys>,
    operator: Arc<str>,
    now: DateTime<Utc>,
}

impl Recorder {
    pub(super) fn of(app: &App) -> Self {
        Self {
            keys: Arc::clone(&app.keys),
            operator: Arc::clone(&app.operator),
            now: app.clock.now(),
        }
    }

    /// Appends the entries of these acts. It locks the head of the system queue until the
    /// transaction ends, so it is the last thing that a transaction does.
    pub(super) async fn write(
        &self,
        tx: &Tx,
        acts: impl IntoIterator<Item = AuditAct>,
    ) -> Result<(), Error> {
        let entries: Vec<StoredEntry> = acts.into_iter().map(|act| self.entry(act)).collect();
        if !entries.is_empty() {
            chain::append(tx, &self.keys, entries).await?;
        }
        Ok(())
    }

    fn entry(&self, act: AuditAct) -> StoredEntry {
        let mut facts = act.facts;
        let staff = match act.actor {
            Actor::Staff(staff) => Some(staff),
            Actor::Operator => {
                facts.insert(OPERATOR.to_owned(), Value::from(&*self.operator));
                None
            }
            Actor::Program => None,
        };
        audit::entry(act.event, self.now, staff, Value::Object(facts).to_string())
    }
}

/// Enters an act that has no other transaction, before it happens.
pub async fn record(app: &App, act: AuditAct) -> Result<(), Error> {
    let recorder = Recorder::of(app);
    let work = move |tx: Tx| async move { recorder.write(&tx, [act]).await };
    app.db.write(work).await
}

/// Enters an act that has happened and never waits: the caller goes on at once, and closing the
/// database waits for the entry. An entry that cannot be written is logged.
pub fn record_after(app: &App, act: AuditAct) {
    debug_assert!(act.event.never_waits(), "{:?}", act.event);
    let (recorder, db) = (Recorder::of(app), app.db.clone());
    app.db.spawn(keep_trying(db, recorder, act));
}

async fn keep_trying(db: Db, recorder: Recorder, act: AuditAct) {
    let mut tries = 1;
    loop {
        let (recorder, entered) = (recorder.clone(), act.clone());
        let work = move |tx: Tx| async move { recorder.write(&tx, [entered]).await };
        match db.write::<_, Error, _, _>(work).await {
            Ok(()) => return,
            Err(_) if tries < TRIES_MAX => tries += 1,
            Err(error) => {
                let facts = Value::Object(act.facts);
                tracing::error!(
                    target: "mashang::audit",
                    ?error,
                    event = act.event.code(),
                    actor = ?act.actor,
                    %facts,
                    "an audit entry could not be written"
                );
                return;
            }
        }
        tokio::time::sleep(TRY_PAUSE).await;
    }
}

/// Enters that an operator ran a command that only reads.
pub fn command_run(app: &App, command: &str) {
    let facts = serde_json::json!({ "command": command });
    record_after(
        app,
        AuditAct::of(Actor::Operator, AuditEvent::CommandRun, facts),
    );
}

/// Enters that so many posters are drawn.
pub async fn posters_drawn(app: &App, actor: Actor, placards: usize) -> Result<(), Error> {
    let facts = serde_json::json!({ "placards": placards });
    record(app, AuditAct::of(actor, AuditEvent::PostersDrawn, facts)).await
}

/// An audit entry, to be read.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its number in the system queue, from 1.
    pub seq: i64,
    /// The word for what happened.
    pub kind: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub by: By,
    /// The facts; none where they cannot be read.
    pub facts: Map<String, Value>,
}

/// Who did what an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A staff member.
    Staff {
        /// Their login.
        login: String,
        /// Their name.
        name: String,
    },
    /// A user of the operating system.
    Operator(String),
    /// The program.
    Program,
}

/// The audit entries after `seq` and since this time, oldest first, at most `limit`.
pub async fn page(
    app: &App,
    seq: i64,
    since: Option<DateTime<Utc>>,
    limit: u64,
) -> Result<Vec<AuditEntry>, Error> {
    let work = move |conn: Conn| async move {
        let rows = audit::after(&conn, seq, since, limit).await?;
        Ok::<_, Error>((rows, staff::list(&conn).await?))
    };
    let (rows, staff) = app.db.read(work).await?;
    let staff = staff.into_iter();
    let people: HashMap<StaffId, _> = staff.map(|person| (person.id, person)).collect();
    let read = |row: audit::AuditRow| {
        let facts = row.detail.as_deref().map(serde_json::from_str);
        let facts: Map<String, Value> = facts.and_then(Result::ok).unwrap_or_default();
        let operator = facts.get(OPERATOR).and_then(Value::as_str);
        let by = match (row.actor, operator) {
            (Some(id), _) => By::Staff {
                login: people
                    .get(&id)
                    .map_or_else(|| id.0.to_string(), |one| one.login.clone()),
                name: people
                    .get(&id)
                    .map(|one| one.name.clone())
                    .unwrap_or_default(),
            },
            (None, Some(operator)) => By::Operator(operator.to_owned()),
            (None, None) => By::Program,
        };
        AuditEntry {
            seq: row.seq,
            kind: row.kind,
            at: row.at,
            by,
            facts,
        }
    };
    Ok(rows.into_iter().map(read).collect())
}
