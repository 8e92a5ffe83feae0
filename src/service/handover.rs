//! Hand-over: a person leaves. In the same transaction all reports that they own go to a colleague
//! or back to their queues, so that no report keeps an owner who has left.

use std::collections::BTreeMap;

use serde_json::json;

use super::App;
use super::audit::{Actor, AuditAct, record_after};
use super::change::{Transition, Written, transact};
use crate::domain::audit::AuditEvent;
use crate::domain::plain_text::key;
use crate::domain::staff::{Act, Scope, Staff, StaffId};
use crate::domain::triage::{Move, Mover};
use crate::store::report::Row;
use crate::store::{Error, report, session, staff};

/// Tries of one hand-over, the first one included, when another node changes one of the reports.
const TRIES_MAX: u32 = 5;

/// Why a person was not let go.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// No person has this login.
    #[error("no staff member has this login")]
    UnknownLogin,
    /// The colleague does not exist, does not work in queues, or is the person who leaves.
    #[error("the colleague cannot take anything over")]
    Colleague,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Where the reports of the person went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// Reports that the colleague owns now.
    pub to_colleague: usize,
    /// Reports that wait in their queue again.
    pub to_queue: usize,
}

/// Lets a person go and ends all their sign-ins. A report that they own goes to the colleague,
/// where one is named and may see it; otherwise it waits in its queue again. The journal names the
/// person who leaves; deadlines do not change. The audit entry follows.
pub async fn let_go(
    app: &App,
    login: &str,
    colleague: Option<&str>,
) -> Result<HandedOver, HandoverError> {
    let (login, colleague) = (key(login), colleague.map(key));
    let mut tries = 1;
    let handed = loop {
        let (login, colleague) = (login.clone(), colleague.clone());
        let work = move |transition: Transition| async move {
            transition.let_go(&login, colleague.as_deref()).await
        };
        match transact(app, work).await {
            Err(HandoverError::Store(Error::Conflict)) if tries < TRIES_MAX => tries += 1,
            done => break done?,
        }
    };
    let facts = json!({
        "login": login, "to_colleague": handed.to_colleague, "to_queue": handed.to_queue,
    });
    record_after(
        app,
        AuditAct::of(Actor::Operator, AuditEvent::AccountDisabled, facts),
    );
    Ok(handed)
}

/// The colleague who takes over.
struct Heir {
    id: StaffId,
    scope: Scope,
}

impl Transition {
    async fn let_go(
        &self,
        login: &str,
        colleague: Option<&str>,
    ) -> Result<Written<HandedOver>, HandoverError> {
        let all = staff::list(&self.tx).await?;
        let named = |login: &str| all.iter().find(|person| person.login == login);
        let person = named(login).ok_or(HandoverError::UnknownLogin)?;
        let gone = staff::let_go(&self.tx, person.id).await?;
        session::end_all(&self.tx, person.id).await?;
        let heir = match colleague {
            Some(login) => Some(self.heir(named(login)).await?),
            None => None,
        };
        let mut handed = Written {
            value: HandedOver::default(),
            heads: BTreeMap::new(),
        };
        for row in report::left_by(&self.tx, &gone).await? {
            self.pass_on(row, person, heir.as_ref(), &mut handed)
                .await?;
        }
        Ok(handed)
    }

    /// The colleague, who stays active until the transaction ends and works in queues.
    async fn heir(&self, named: Option<&Staff>) -> Result<Heir, HandoverError> {
        let named = named.ok_or(HandoverError::Colleague)?;
        let heir = staff::at_work(&self.tx, named.id).await;
        let heir = heir.map_err(|error| match error {
            Error::Missing => HandoverError::Colleague,
            other => other.into(),
        })?;
        if !heir.role.may(Act::WorkQueue) {
            return Err(HandoverError::Colleague);
        }
        Ok(Heir {
            id: heir.id,
            scope: Scope::of(&self.atlas.tree, heir.area),
        })
    }

    async fn pass_on(
        &self,
        row: Row,
        person: &Staff,
        heir: Option<&Heir>,
        handed: &mut Written<HandedOver>,
    ) -> Result<(), Error> {
        let heir = heir.filter(|heir| self.atlas.shows(&heir.scope, row.queue, row.building));
        let step = match heir {
            Some(_) => Move::HandOver,
            None => Move::Release,
        };
        let Ok(status) = self.status_after(&row, step, Mover::System) else {
            return Ok(());
        };
        let mut to = self.state_after(&row, status);
        if let Some(heir) = heir {
            to.owner = Some(heir.id);
            handed.value.to_colleague += 1;
        } else {
            handed.value.to_queue += 1;
        }
        let entry = self.entry(&row, step.event(), Some(person.id), None);
        let written = self.write(row, &to, entry).await?;
        handed.heads.extend(written.heads);
        Ok(())
    }
}
