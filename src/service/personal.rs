//! Personal data of a report. It leaves this process only sealed, or to a person who may see it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::App;
use crate::domain::person::{Name, Room};
use crate::domain::place::BuildingId;
use crate::domain::report::{Draft, ReportId};
use crate::seal::Keys;
use crate::store::{Error, report};

/// Reports that the log names until the next start: without the key no report can be opened, and
/// more names would say nothing new.
const NAMED_MAX: usize = 1_000;

/// Personal data of a report, sealed and opened as one piece.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Personal {
    /// The place travelled from or to, as the resident wrote it.
    pub region: String,
    /// The room.
    pub room: String,
    /// The name.
    pub name: String,
    /// The telephone, E.164.
    pub phone: String,
    /// Those who come along, as far as they are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companion_names: Vec<String>,
    /// The identity number, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Number plate, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<String>,
    /// A note, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The person who reports for the traveller, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

impl Personal {
    pub(super) fn of(draft: &Draft) -> Self {
        Self {
            region: draft.region_said.clone(),
            room: draft.room.as_ref().map_or("", Room::as_str).to_owned(),
            name: draft.name.as_ref().map_or("", Name::as_str).to_owned(),
            phone: draft.phone.as_str().to_owned(),
            companion_names: draft
                .companion_names
                .iter()
                .map(|name| name.as_str().to_owned())
                .collect(),
            identity: draft.identity.as_ref().map(|id| id.as_str().to_owned()),
            vehicle: draft.vehicle.clone(),
            note: draft.note.clone(),
            proxy: draft.proxy.clone(),
        }
    }

    /// The bytes that are sealed.
    pub(super) fn plain(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("answers are JSON"))
    }

    /// Seals it for this report.
    pub(super) fn seal(&self, keys: &Keys, id: ReportId) -> Result<Vec<u8>, Error> {
        let sealed = keys.seal(&sealed_place(id), &self.plain());
        sealed.or(Err(Error::Corrupt("a report cannot be sealed".into())))
    }

    /// Opens the sealed data. None where it is damaged or was sealed with another key; the log says
    /// so once for each report. Other reports are still shown.
    pub fn open(app: &App, row: &report::Row) -> Option<Self> {
        let plain = app.keys.open(&sealed_place(row.id), &row.sealed).ok();
        let opened = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        if opened.is_none() {
            app.unreadable.name(row);
        }
        opened
    }
}

/// The reports that cannot be opened and that the log has named.
#[derive(Debug, Default)]
pub(super) struct Unreadable(Mutex<HashSet<ReportId>>);

impl Unreadable {
    fn name(&self, row: &report::Row) {
        let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if named.len() >= NAMED_MAX || !named.insert(row.id) {
            return;
        }
        tracing::error!(report = %row.id.0, number = row.number, "a report cannot be opened");
        if named.len() == NAMED_MAX {
            tracing::error!("further reports that cannot be opened are not named");
        }
    }
}

/// The place to which the seal binds a report's personal data.
pub(super) fn sealed_place(id: ReportId) -> String {
    format!("report.sealed.{}", id.0)
}

/// The tag that two reports of one room and direction share; none without a room. The unit is part
/// of it, because each unit has a room 101.
pub(super) fn room_tag(
    keys: &Keys,
    building: BuildingId,
    unit: &str,
    draft: &Draft,
) -> Option<[u8; 16]> {
    let room = draft.room.as_ref()?;
    let building = building.0.to_be_bytes();
    let words = [draft.direction.code(), unit, room.as_str()].join("\n");
    Some(keys.room_tag(&[&building, words.as_bytes()]))
}
