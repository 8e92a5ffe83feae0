//! What of a report is personal. It leaves this process only sealed, or in front of somebody who
//! may see it.

use serde::{Deserialize, Serialize};

use crate::domain::person::{Name, Room};
use crate::domain::place::BuildingId;
use crate::domain::report::{Draft, ReportId};
use crate::seal::Keys;
use crate::store::{Error, report};

/// What of a report is personal: sealed as one piece, opened as one piece.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Personal {
    /// The place travelled from or to, in the resident's words.
    pub region: String,
    /// The room.
    pub room: String,
    /// Who.
    pub name: String,
    /// How to reach them, E.164.
    pub phone: String,
    /// Papers, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Number plate, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<String>,
    /// Anything else, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who reports for somebody else, where somebody does.
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
            identity: draft.identity.as_ref().map(|id| id.as_str().to_owned()),
            vehicle: draft.vehicle.clone(),
            note: draft.note.clone(),
            proxy: draft.proxy.clone(),
        }
    }

    /// Seals it for this report.
    pub(super) fn seal(&self, keys: &Keys, id: ReportId) -> Result<Vec<u8>, Error> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(self).unwrap_or_default());
        let sealed = keys.seal(&sealed_place(id), &plain);
        sealed.or(Err(Error::Corrupt("a report cannot be sealed".into())))
    }

    /// Opens what the intake sealed.
    pub fn open(keys: &Keys, row: &report::Row) -> Result<Self, Error> {
        let broken = || Error::Corrupt("report.sealed cannot be opened".into());
        let plain = keys.open(&sealed_place(row.id), &row.sealed);
        let plain = plain.or(Err(broken()))?;
        serde_json::from_slice(&plain).or(Err(broken()))
    }
}

/// Where the personal part of a report is sealed.
pub(super) fn sealed_place(id: ReportId) -> String {
    format!("report.sealed.{}", id.0)
}

/// By what two reports of one room and direction are recognised; none where no room was said. A
/// unit is part of it: each of them has a room 101.
pub(super) fn room_tag(
    keys: &Keys,
    (building, unit): (BuildingId, &str),
    draft: &Draft,
) -> Option<[u8; 16]> {
    let room = draft.room.as_ref()?;
    let building = building.0.to_be_bytes();
    let words = [draft.direction.code(), unit, room.as_str()].join("\n");
    Some(keys.room_tag(&[&building, words.as_bytes()]))
}
