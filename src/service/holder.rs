//! The holder of a receipt changes the report: withdraws or amends it.

use std::sync::Arc;

use super::change::{Transition, TransitionError, Written, make, transact};
use super::personal::{Personal, room_tag};
use super::{App, chain};
use crate::domain::journal::{Event, TURNED_RED};
use crate::domain::report::{Draft, Holder};
use crate::domain::totals::Count;
use crate::domain::triage::{Move, Mover};
use crate::seal::Keys;
use crate::store::report::{Row, Said};
use crate::store::{Error, Tx, report, tally};

/// Withdraws the report.
pub async fn withdraw(app: &App, holder: Holder) -> Result<Row, TransitionError> {
    make(app, || {
        move |transition: Transition| async move { transition.withdraw(holder).await }
    })
    .await
}

/// Replaces what the report says, while no staff member has accepted it. Its number, its queue
/// and its deadlines stay, unless an urgent rule makes it more pressing.
pub async fn correct(app: &App, holder: Holder, draft: &Draft) -> Result<Row, TransitionError> {
    let rule = app
        .atlas()
        .red(draft.direction, draft.region)
        .map(str::to_owned);
    let said = Said {
        direction: draft.direction,
        persons: i16::try_from(draft.persons).unwrap_or(i16::MAX),
        region: draft.region,
        travel_day: draft.day,
        incomplete: draft.is_incomplete(),
        sealed: Personal::of(draft).seal(&app.keys, holder.report())?,
        phone_tag: app.keys.phone_tag(draft.phone.as_str()),
        room_tag: None,
        urgent: None,
    };
    let amendment = Amendment {
        holder,
        said,
        rule,
        draft: draft.clone(),
        keys: Arc::clone(&app.keys),
    };
    let work = move |transition: Transition| async move { transition.amend(amendment).await };
    transact(app, work).await
}

/// What the report says from now on.
struct Amendment {
    holder: Holder,
    said: Said,
    /// The urgent rule that applies to it.
    rule: Option<String>,
    draft: Draft,
    keys: Arc<Keys>,
}

impl Transition {
    async fn withdraw(&self, holder: Holder) -> Result<Written<Row>, TransitionError> {
        let row = report::by_link(&self.tx, holder).await?;
        let status = self.status_after(&row, Move::Withdraw, Mover::Resident)?;
        let to = self.state_after(&row, status);
        let entry = self.entry(&row, Event::Withdrawn, None, None);
        Ok(self.write(row, &to, entry).await?)
    }

    async fn amend(&self, amendment: Amendment) -> Result<Written<Row>, TransitionError> {
        let row = report::by_link(&self.tx, amendment.holder).await?;
        self.status_after(&row, Move::Correct, Mover::Resident)?;
        let room_tag = self.room_tag(&row, &amendment);
        let mut said = amendment.said;
        let due = |rule| (rule, self.now + self.first_contact(&row));
        said.urgent = amendment.rule.map(due);
        said.room_tag = room_tag;
        let turns = row.urgent.is_none() && said.urgent.is_some();
        let detail = turns.then(|| TURNED_RED.to_owned());
        let entry = self.entry(&row, Event::Corrected, None, detail);
        let heads = chain::append(&self.tx, &self.keys, vec![entry]).await?;
        let amended = report::amend(&self.tx, &row, said).await?;
        recount(&self.tx, &row, &amended).await?;
        Ok(Written {
            value: amended,
            heads,
        })
    }

    fn room_tag(&self, row: &Row, amendment: &Amendment) -> Option<[u8; 16]> {
        let door = row.placard.and_then(|placard| self.atlas.door_of(placard));
        let unit = door.map_or("", |door| &door.placard.unit);
        room_tag(&amendment.keys, row.building?, unit, &amendment.draft)
    }
}

/// Moves the report from its old tally to its new one. Two statements: in one statement the same
/// tally could occur twice.
async fn recount(tx: &Tx, before: &Row, after: &Row) -> Result<(), Error> {
    for (row, sign) in [(before, -1), (after, 1)] {
        let count = Count {
            reports: sign,
            persons: sign * i64::from(row.persons),
        };
        let key = (row.tally.0, row.tally_key(row.queue, row.status));
        tally::add(tx, [(key, count)]).await?;
    }
    Ok(())
}
