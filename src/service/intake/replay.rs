//! The idempotent replay check. A phone that lost the answer sends the same answers days later,
//! when the day of travel is too old, the campaign asks for fewer fields, or a place name has become
//! ambiguous. The report that was stored then still gets its receipt.

use super::{Attempt, Key, Receipt};
use crate::domain::campaign::Campaign;
use crate::domain::place::Place;
use crate::domain::region::Gazetteer;
use crate::domain::report::Draft;
use crate::service::App;
use crate::service::personal::Personal;
use crate::store::client_key::{self, KeyHash};
use crate::store::{Conn, Error, report};

/// The receipt of exactly these answers under this key at this place; none for other answers, also
/// when the key is known.
pub(super) async fn find(app: &App, attempt: &Attempt<'_>) -> Result<Option<Receipt>, Error> {
    let own = match &attempt.key {
        Key::Page(id) => Ok(*id),
        Key::Client(key) => Err(client_key(app, attempt.place, key)),
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
    let (gazetteer, city) = (Gazetteer::default(), app.rules.phone_area_code.as_ref());
    let Ok(draft) = Draft::read(&attempt.answers, &gazetteer, then, &campaign, city) else {
        return Ok(None);
    };
    let same = content_hash(app, attempt.place, &draft, &Personal::of(&draft).plain())[..]
        == known.content_hash;
    Ok(same.then_some(Receipt {
        report,
        number: known.number,
    }))
}

/// The hash of a client's own key at a place.
pub(super) fn client_key(app: &App, place: Place<'_>, key: &str) -> KeyHash {
    app.keys.client_key(place_number(place), key)
}

/// The number of the placard, or of the building at a desk, negated so that no building is taken for
/// a placard.
fn place_number(place: Place<'_>) -> i32 {
    place
        .placard
        .map_or(-place.building.id.0, |placard| placard.id.0)
}

/// The hash of all answers of a report and of its place. `personal` is what is sealed.
pub(super) fn content_hash(
    app: &App,
    place: Place<'_>,
    draft: &Draft,
    personal: &[u8],
) -> [u8; 16] {
    let content = (
        place_number(place),
        draft.direction.code(),
        draft.day,
        draft.persons,
    );
    // A JSON list ends where it ends, so no two contents are the same bytes.
    let content = serde_json::to_vec(&content).expect("answers are JSON");
    app.keys.content_hash(&[&content, personal])
}
