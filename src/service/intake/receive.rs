//! The decision about one submission: closed, invalid, stored, replayed, conflict or busy.

use chrono::NaiveDate;

use super::{Answer, Attempt, Key, Receipt, Slot, replay, write};
use crate::domain::campaign::Standing;
use crate::domain::report::{Draft, Refusal};
use crate::service::App;
use crate::store::{Conn, Error, report};

/// The outcome of an attempt.
#[derive(Debug)]
pub enum Outcome {
    /// The report was stored just now.
    Stored(Receipt),
    /// The same report was stored before under the same key; nothing was counted twice.
    Replayed(Receipt),
    /// Nothing was stored.
    Rejected(Rejection),
}

/// Why nothing was stored.
#[derive(Debug)]
pub enum Rejection {
    /// The campaign takes no reports today.
    Closed {
        /// Whether the campaign is over; otherwise it has not begun.
        over: bool,
        /// The last day, or the first day.
        day: NaiveDate,
    },
    /// Some answers are wrong.
    Invalid(Refusal),
    /// The key was used before for other content. The earlier receipt is there only for a page's
    /// key, which the server made: two clients may choose the same key of their own.
    Conflict(Option<Receipt>),
    /// The client may send the same attempt again.
    Busy,
}

/// Decides about an attempt and stores its report. The same key with the same content gets the
/// same receipt on every node and after every restart, also when today's rules, today's date or a
/// closed campaign would refuse the content. Without a slot a new report is refused as *busy*.
pub async fn receive(
    app: &App,
    slot: Option<Slot>,
    attempt: Attempt<'_>,
) -> Result<Outcome, Error> {
    let campaign = &app.rules.campaign;
    let today = app.local_now().date();
    let closed = match campaign.standing(today) {
        Standing::Open => None,
        Standing::NotYet(day) => Some(Rejection::Closed { over: false, day }),
        Standing::Over(day) => Some(Rejection::Closed { over: true, day }),
    };
    if let Some(closed) = closed {
        // Nothing is written, so the room is another report's.
        drop(slot);
        let stored = stored(app, &attempt.key).await?;
        return Ok(stored.map_or(Outcome::Rejected(closed), Outcome::Replayed));
    }
    let city = app.rules.phone_area_code.as_ref();
    match Draft::read(&attempt.answers, attempt.gazetteer, today, campaign, city) {
        Ok(draft) => store(app, slot, attempt, &draft).await,
        Err(refusal) if refusal.may_have_been_right() => {
            drop(slot);
            let same = replay::find(app, &attempt).await?;
            let invalid = || Outcome::Rejected(Rejection::Invalid(refusal));
            Ok(same.map_or_else(invalid, Outcome::Replayed))
        }
        Err(refusal) => Ok(Outcome::Rejected(Rejection::Invalid(refusal))),
    }
}

async fn store(
    app: &App,
    slot: Option<Slot>,
    attempt: Attempt<'_>,
    draft: &Draft,
) -> Result<Outcome, Error> {
    let Some(slot) = slot else {
        return Ok(Outcome::Rejected(Rejection::Busy));
    };
    Ok(match write(app, slot, &attempt, draft).await {
        Ok(Answer::Stored(receipt)) => Outcome::Stored(receipt),
        Ok(Answer::Replayed(receipt)) => Outcome::Replayed(receipt),
        Ok(Answer::Differs(earlier)) => match replay::find(app, &attempt).await? {
            Some(same) => Outcome::Replayed(same),
            None => {
                let earlier = Some(earlier).filter(|_| attempt.key.is_of_page());
                Outcome::Rejected(Rejection::Conflict(earlier))
            }
        },
        // The writer has logged the reason.
        Err(_) => Outcome::Rejected(Rejection::Busy),
    })
}

/// The receipt that was stored under a page's key, if there is one. A client's own key alone
/// proves nothing: another client may choose the same one.
pub async fn stored(app: &App, key: &Key) -> Result<Option<Receipt>, Error> {
    let Key::Page(id) = *key else {
        return Ok(None);
    };
    let work = move |conn: Conn| async move { report::known(&conn, &[id]).await };
    let known = app.db.read(work).await?.remove(&id);
    Ok(known.map(|known| Receipt {
        report: id,
        number: known.number,
    }))
}
