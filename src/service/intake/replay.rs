//! The idempotent replay check. A phone that lost the answer sends the same answers days later,
//! when the day of travel is too old, the campaign asks for fewer fields, or a place name has become
//! ambiguous. The report that was stored then still gets its receipt.

use zeroize::Zeroizing;

use super::{Attempt, Key, Receipt};
use crate::domain::campaign::Campaign;
use crate::domain::place::Place;
use crate::domain::region::Gazetteer;
use crate::domain::report::Draft;
use crate::service::App;
use crate::service::personal::Personal;
use crate::store::{Conn, Error, client_key, report};

/// The receipt of exactly these answers under this key at this place; none for other answers, also
/// when the key is known.
pub(super) async fn find(app: &App, attempt: &Attempt<'_>) -> Result<Option<Receipt>, Error> {
    let own = match &attempt.key {
        Key::Page(id) => Ok(*id),
        Key::Client(key) => Err(app.keys.client_key(key)),
    };
    let work = move |conn: Conn| async move {
        let id = match own {
            Ok(id) => Some(id),
            Err(hash) => client_key::known(&conn, &[hash]).await?.remove(&hash),
        };
        let Some(id) = id else {
            return Ok(None);
        };
        let known = report::known(&conn, &[id]).await?.remove(&id);
        Ok::<_, Error>(known.map(|known| (id, known)))
    };
    let Some((report, known)) = app.db.read(work).await? else {
        return Ok(None);
    };
    let then = app.clock.local(known.received_at).date();
    // The hash covers the words of the answers, not the region that they mean.
    let campaign = Campaign::asking_for_all();
    let Ok(draft) = Draft::read(&attempt.answers, &Gazetteer::default(), then, &campaign) else {
        return Ok(None);
    };
    let same = content_hash(app, attempt.place, &draft)[..] == known.content_hash;
    Ok(same.then_some(Receipt {
        report,
        number: known.number,
    }))
}

/// The hash of all answers of a report and of its place.
pub(super) fn content_hash(app: &App, place: Place<'_>, draft: &Draft) -> [u8; 32] {
    let content = (
        // Building ids are negated, so that no building is taken for a placard.
        place
            .placard
            .map_or(-place.building.id.0, |placard| placard.id.0),
        draft.direction.code(),
        draft.day,
        draft.persons,
        &Personal::of(draft),
    );
    let content = Zeroizing::new(serde_json::to_vec(&content).expect("answers are JSON"));
    app.keys.content_hash(&content)
}
