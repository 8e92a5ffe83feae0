//! What whoever holds a receipt does with the report: mend it, take it back.

use std::sync::Arc;

use super::App;
use super::change::{Done, Transition, announce, entry, moved, write_entries};
use super::personal::{Personal, room_tag};
use super::triage::{Refused, make};
use crate::domain::journal::{Event, TURNED_RED};
use crate::domain::report::{Draft, Holder};
use crate::domain::totals::Count;
use crate::domain::triage::{Move, Mover};
use crate::store::report::Row;
use crate::store::{Tx, report, tally};

/// Takes the report back on behalf of whoever holds it.
pub async fn withdraw(app: &App, holder: Holder) -> Result<Row, Refused> {
    make(app, || {
        let desk = Transition::of(app);
        move |tx: Tx| async move {
            let row = report::held(&tx, holder).await?;
            let standing = desk.standing(&row);
            let step = standing.step(Move::Withdraw, Mover::Resident, desk.rules.refusals_max);
            let Ok(status) = step else {
                return Err(Refused::Illegal(Box::new(row)));
            };
            let to = moved(&row, status, desk.now);
            let line = entry(&row, Event::Withdrawn, (desk.now, None, None));
            let done = desk.write(&tx, row, (&to, line)).await?;
            Ok(done)
        }
    })
    .await
}

/// Mends what was said, on behalf of whoever holds the report and for as long as nobody has taken
/// it. Its number, its queue and its deadline stay, unless a red rule makes it more pressing.
pub async fn correct(app: &App, holder: Holder, draft: &Draft) -> Result<Row, Refused> {
    let desk = Transition::of(app);
    let red = app
        .atlas()
        .red(draft.direction, draft.region)
        .map(str::to_owned);
    let mut said = report::Said {
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
    let (keys, atlas, draft) = (Arc::clone(&app.keys), app.atlas(), draft.clone());
    let work = move |tx: Tx| async move {
        let row = report::held(&tx, holder).await?;
        let standing = desk.standing(&row);
        let step = standing.step(Move::Correct, Mover::Resident, desk.rules.refusals_max);
        if step.is_err() {
            return Err(Refused::Illegal(Box::new(row)));
        }
        said.urgent = red.map(|rule| (rule, desk.now + desk.first_contact(&row)));
        said.room_tag = row.building.and_then(|building| {
            let door = row.placard.and_then(|placard| atlas.door_of(placard));
            let unit = door.map_or("", |door| &door.placard.unit);
            room_tag(&keys, (building, unit), &draft)
        });
        let turns = row.urgent.is_none() && said.urgent.is_some();
        let detail = turns.then(|| TURNED_RED.to_owned());
        let line = entry(&row, Event::Corrected, (desk.now, None, detail));
        let reached = write_entries(&tx, vec![line]).await?;
        let mended = report::mend(&tx, &row, said).await?;
        let counted = |row: &Row, sign: i64| {
            let persons = sign * i64::from(row.persons);
            let count = Count {
                reports: sign,
                persons,
            };
            ((row.tally.0, row.tally_key(row.queue, row.status)), count)
        };
        // Two statements: one would have the same drawer twice where only the persons changed.
        tally::add(&tx, [counted(&row, -1)]).await?;
        tally::add(&tx, [counted(&mended, 1)]).await?;
        let row = mended;
        Ok(Done { row, reached })
    };
    Ok(announce(app, app.db.write(work).await?))
}
