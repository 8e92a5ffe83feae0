//! Places: the atlas in memory, placards for every unit, posters.

use std::collections::HashSet;

use serde_json::json;

use super::App;
use super::audit::{Actor, AuditAct, Recorder, record_after};
use crate::domain::audit::AuditEvent;
use crate::domain::code::{CODE_CHARS_MAX, Code};
use crate::domain::place::{Atlas, BuildingId, PlacardPlace, PlacardState};
use crate::domain::plain_text::key;
use crate::poster::Poster;
use crate::store::place::PlacardRow;
use crate::store::{Conn, Error, Tx, all_places, cache_version, place};

/// Tries to find a code that no placard has yet.
const CODE_TRIES_MAX: u32 = 20;
/// Characters of the check word: common, written with few strokes, none offensive in any pair.
const CHECK_CHARACTERS: &str =
    "山水木石田禾竹云风雨星月江河湖海春夏秋冬东西南北金玉花草鸟鱼马羊牛松柏梅兰菊桃李";

/// Loads the atlas from the database and returns its cache version. Loads run one after the other:
/// otherwise a load that began before a change could replace a newer atlas.
pub async fn reload(app: &App) -> Result<i64, Error> {
    let _loading = app.loading.lock().await;
    let work = |conn: Conn| async move {
        // The version first: a change between the two reads is loaded the next time.
        let seen = cache_version::reached(&conn, cache_version::PLACES).await?;
        Ok::<_, Error>((seen, all_places::take(&conn).await?))
    };
    let (seen, all_places) = app.db.read(work).await?;
    let mut atlas = Atlas::new(all_places);
    atlas.cache_version = seen;
    for area in atlas.tree.areas() {
        if !app.rules.working_day.with(&area.hours).is_sound() {
            tracing::warn!(
                area = area.code,
                "its hours no longer fit the city's, which hold"
            );
        }
    }
    app.atlas.store(std::sync::Arc::new(atlas));
    Ok(seen)
}

/// Issues a placard for every unit without an active one; returns how many were issued.
pub async fn issue_placards(app: &App, batch: &str) -> Result<usize, Error> {
    let (length, at, batch) = (app.rules.code_length, app.clock.now(), batch.to_owned());
    let atlas = app.atlas();
    let mut taken: HashSet<Code> = atlas
        .placards()
        .map(|placard| placard.code.clone())
        .collect();
    let mut rows = Vec::new();
    for (building, unit) in bare_units(&atlas) {
        rows.push(PlacardRow {
            building,
            unit,
            check_word: check_word(),
            code: fresh_code(length, &mut taken)?,
            batch: batch.clone(),
            issued_at: at,
        });
    }
    let issued = rows.len();
    let facts = json!({ "placards": issued, "batch": batch });
    let entered = AuditAct::of(Actor::Operator, AuditEvent::PlacardsIssued, facts);
    let recorder = Recorder::of(app);
    let work = move |tx: Tx| async move {
        place::insert_placards(&tx, rows).await?;
        cache_version::bump(&tx, cache_version::PLACES).await?;
        recorder.write(&tx, [entered]).await
    };
    app.db.write(work).await?;
    reload(app).await?;
    Ok(issued)
}

/// Units without a placard in use, in the order of their buildings.
fn bare_units(atlas: &Atlas) -> Vec<(BuildingId, String)> {
    // Units that differ in width or blanks alone are one.
    let hanging: HashSet<(BuildingId, String)> = atlas
        .placards()
        .filter(|placard| placard.state == PlacardState::Active)
        .map(|placard| (placard.building, key(&placard.unit)))
        .collect();
    let mut buildings: Vec<_> = atlas.buildings().collect();
    buildings.sort_by_key(|building| building.id.0);
    let whole = [String::new()];
    buildings
        .into_iter()
        .flat_map(|building| {
            let units = if building.units.is_empty() {
                &whole[..]
            } else {
                &building.units
            };
            units.iter().map(|unit| (building.id, unit.clone()))
        })
        .filter(|(building, unit)| !hanging.contains(&(*building, key(unit))))
        .collect()
}

fn fresh_code(length: usize, taken: &mut HashSet<Code>) -> Result<Code, Error> {
    for _ in 0..CODE_TRIES_MAX {
        let code = Code::from_payload(&rand::random::<[u8; CODE_CHARS_MAX]>(), length);
        if taken.insert(code.clone()) {
            return Ok(code);
        }
    }
    Err(Error::Conflict)
}

fn check_word() -> String {
    let characters: Vec<char> = CHECK_CHARACTERS.chars().collect();
    let one = || characters[usize::from(rand::random::<u16>()) % characters.len()];
    [one(), one()].into_iter().collect()
}

/// Revokes one placard; all other placards stay valid.
pub async fn revoke_placard(app: &App, code: Code) -> Result<(), Error> {
    let at = app.clock.now();
    let facts = json!({ "code": code.as_str() });
    let work = move |tx: Tx| async move {
        place::revoke_placard(&tx, &code, at).await?;
        cache_version::bump(&tx, cache_version::PLACES).await
    };
    app.db.write(work).await?;
    record_after(
        app,
        AuditAct::of(Actor::Operator, AuditEvent::PlacardRevoked, facts),
    );
    reload(app).await?;
    Ok(())
}

/// The text of a placard's poster.
pub fn poster_of(app: &App, atlas: &Atlas, door: &PlacardPlace<'_>) -> Poster {
    Poster {
        address: app.placard_address(door.placard.code.as_str()),
        code: door.placard.code.to_string(),
        check_word: door.placard.check_word.clone(),
        city: atlas
            .tree
            .upward(door.building.area)
            .last()
            .map(|top| top.short_name.clone())
            .unwrap_or_default(),
        place_zh: door.place(false),
        place_en: door.place(true),
        office_zh: door.subdistrict.name.clone(),
        office_en: door.subdistrict.name_en.clone(),
        phone: atlas
            .tree
            .phone_of(door.building.area)
            .unwrap_or_default()
            .to_owned(),
        batch: door.placard.batch.clone(),
        print_date: app.local_now().date().to_string(),
    }
}
