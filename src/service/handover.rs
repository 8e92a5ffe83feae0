//! Hand-over: somebody leaves, and everything that they have in hand goes to a colleague or back
//! to its queue, in the transaction in which they are let go. No report is ever left behind.

use std::collections::BTreeMap;

use super::App;
use super::change::{Transition, entry, moved};
use crate::domain::area::AreaId;
use crate::domain::staff::{Act, Scope, Staff};
use crate::domain::triage::{Move, Mover};
use crate::store::staff::Gone;
use crate::store::{Error, Tx, report, session, staff};

/// How often it is begun anew when somebody was faster with one of the reports.
const CONFLICT_TRIES_MAX: u32 = 5;

/// Why nobody was let go.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Nobody has this login.
    #[error("there is nobody with this login")]
    Nobody,
    /// The colleague is not there, works on no queue, or is the one who leaves.
    #[error("the colleague cannot take anything over")]
    Colleague,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What became of the reports that somebody had in hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// Those that a colleague has now.
    pub to_colleague: usize,
    /// Those that wait in their queue again.
    pub to_queue: usize,
}

/// Lets somebody go; all their sign-ins end. What they have in hand goes to the colleague, where
/// one is named and works in the report's queue, and waits in its queue otherwise. The lines of
/// history name whoever leaves; the clocks run on.
pub async fn let_go(
    app: &App,
    login: &str,
    colleague: Option<&str>,
) -> Result<HandedOver, Refused> {
    let plain = |login: &str| login.trim().to_lowercase();
    let (login, colleague) = (plain(login), colleague.map(plain));
    let mut tries = 1;
    loop {
        let (desk, login, colleague) = (Transition::of(app), login.clone(), colleague.clone());
        let work = move |tx: Tx| async move {
            let all = staff::list(&tx).await?;
            let named = |login: &str| all.iter().find(|person| person.login == login);
            let person = named(&login).ok_or(Refused::Nobody)?;
            let gone = staff::let_go(&tx, person.id).await?;
            session::end_all(&tx, person.id).await?;
            let heir = match colleague {
                Some(login) => Some(heir(&tx, named(&login)).await?),
                None => None,
            };
            let done = desk.pass_on(&tx, (person, &gone), heir.as_ref()).await?;
            Ok(done)
        };
        match app.db.write(work).await {
            Err(Refused::Store(Error::Conflict)) if tries < CONFLICT_TRIES_MAX => tries += 1,
            Err(refused) => return Err(refused),
            Ok((handed, reached)) => {
                for (queue, seq) in reached {
                    app.notifier.reached(queue, seq);
                }
                return Ok(handed);
            }
        }
    }
}

/// The colleague, who is there until the transaction ends and works on queues.
async fn heir(tx: &Tx, named: Option<&Staff>) -> Result<Staff, Refused> {
    let named = named.ok_or(Refused::Colleague)?;
    let heir = staff::at_work(tx, named.id).await;
    let heir = heir.map_err(|error| match error {
        Error::Missing => Refused::Colleague,
        other => other.into(),
    })?;
    let works = heir.role.may(Act::WorkQueue);
    works.then_some(heir).ok_or(Refused::Colleague)
}

impl Transition {
    async fn pass_on(
        &self,
        tx: &Tx,
        (person, gone): (&Staff, &Gone),
        heir: Option<&Staff>,
    ) -> Result<(HandedOver, BTreeMap<AreaId, i64>), Error> {
        let scope = heir.map(|heir| Scope::of(&self.atlas.tree, heir.area));
        let (mut handed, mut reached) = (HandedOver::default(), BTreeMap::new());
        for row in report::left_by(tx, gone).await? {
            let taken = scope
                .as_ref()
                .is_some_and(|scope| self.atlas.shows(scope, row.queue, row.building));
            let step = match taken {
                true => Move::HandOver,
                false => Move::Release,
            };
            let Ok(status) = self
                .standing(&row)
                .step(step, Mover::System, self.rules.refusals_max)
            else {
                continue;
            };
            let mut to = moved(&row, status, self.now);
            if let Some(heir) = heir.filter(|_| taken) {
                to.owner = Some(heir.id);
                handed.to_colleague += 1;
            } else {
                handed.to_queue += 1;
            }
            let line = entry(&row, step.event(), (self.now, Some(person.id), None));
            let done = self.write(tx, row, (&to, line)).await?;
            reached.extend(done.reached);
        }
        Ok((handed, reached))
    }
}
