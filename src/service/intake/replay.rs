//! Once more: what was taken has its receipt though today it would be refused. A phone that lost
//! the answer sends the same words days later, when their day of travel has become too old, the
//! campaign asks for less, or a place has got a namesake.

use zeroize::Zeroizing;

use super::{Key, Receipt};
use crate::domain::campaign::Campaign;
use crate::domain::place::Place;
use crate::domain::region::Gazetteer;
use crate::domain::report::{Answers, Draft};
use crate::service::App;
use crate::service::personal::Personal;
use crate::store::{Conn, Error, client_key, report};

/// The receipt of these words, where exactly they were taken under this key at this place; none
/// for any others, whoever chose the key.
pub async fn again(
    app: &App,
    place: Place<'_>,
    (answers, key): (&Answers<'_>, &Key),
) -> Result<Option<Receipt>, Error> {
    let own = match key {
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
    // What is compared are words: which place they mean is no part of them.
    let terms = (then, &Campaign::asking_for_all());
    let Ok(draft) = Draft::read(answers, &Gazetteer::default(), terms) else {
        return Ok(None);
    };
    let same = content_hash(app, place, &draft)[..] == known.content_hash;
    Ok(same.then_some(Receipt {
        report,
        number: known.number,
    }))
}

/// The hash of everything that a report says, and of where it says it.
pub(super) fn content_hash(app: &App, place: Place<'_>, draft: &Draft) -> [u8; 32] {
    let content = (
        // Buildings count downwards, so that none is ever taken for a placard.
        place
            .placard
            .map_or(-place.building.id.0, |placard| placard.id.0),
        draft.direction.code(),
        draft.day,
        draft.persons,
        &Personal::of(draft),
    );
    let content = Zeroizing::new(serde_json::to_vec(&content).unwrap_or_default());
    app.keys.content_hash(&content)
}
