//! The scanned placard: an extractor that resolves the code in the address to a place.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::NaiveDate;

use crate::domain::area::AreaId;
use crate::domain::campaign::Standing;
use crate::domain::code::{Code, CodeError};
use crate::domain::place::{self, Atlas, PlacardId, PlacardState};
use crate::service::App;
use crate::web::http::problem::Problem;

/// A placard in use, resolved from memory.
#[derive(Debug)]
pub(crate) struct ScannedPlacard {
    atlas: Arc<Atlas>,
    code: Code,
}

impl ScannedPlacard {
    /// The place of the placard.
    pub(crate) fn place(&self) -> Result<place::PlacardPlace<'_>, Problem> {
        self.atlas.door(&self.code).ok_or(Problem::UnknownCode)
    }

    /// The atlas in which the placard was found. The page uses the same one throughout.
    pub(crate) fn atlas(&self) -> &Atlas {
        &self.atlas
    }
}

impl ScannedPlacard {
    /// `Ok` when the campaign takes reports today.
    pub(crate) fn takes(&self, app: &App) -> Result<(), Problem> {
        takes(app, &self.atlas, self.place()?.building.area)
    }

    /// The placard that a report came from, in use or not; none when it is unknown.
    pub(crate) fn behind(app: &App, placard: PlacardId) -> Option<Self> {
        let atlas = app.atlas();
        let code = atlas.door_of(placard)?.placard.code.clone();
        Some(Self { atlas, code })
    }
}

/// `Ok` when the campaign takes reports from this area today.
pub(crate) fn takes(app: &App, atlas: &Atlas, area: AreaId) -> Result<(), Problem> {
    match app.rules.campaign.standing(app.local_now().date()) {
        Standing::Open => Ok(()),
        Standing::NotYet(day) => Err(closed(atlas, area, false, day)),
        Standing::Over(day) => Err(closed(atlas, area, true, day)),
    }
}

/// The problem of a closed campaign, with the telephone of the area.
pub(crate) fn closed(atlas: &Atlas, area: AreaId, over: bool, day: NaiveDate) -> Problem {
    Problem::Closed {
        over,
        day,
        phone: atlas.tree.phone_of(area).unwrap_or_default().to_owned(),
    }
}

impl FromRequest for ScannedPlacard {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(open(request))
    }
}

fn open(request: &HttpRequest) -> Result<ScannedPlacard, Problem> {
    let app = request
        .app_data::<web::Data<App>>()
        .ok_or(Problem::Internal)?;
    let text = request.match_info().get("code").unwrap_or_default();
    let code = Code::read(text).map_err(|error| match error {
        CodeError::Check => Problem::MistypedCode,
        CodeError::Length | CodeError::Alphabet => Problem::UnknownCode,
    })?;
    let atlas = app.atlas();
    let door = atlas.door(&code).ok_or(Problem::UnknownCode)?;
    if door.placard.state != PlacardState::Active {
        let phone = atlas.tree.phone_of(door.building.area);
        let instead = atlas.hanging_instead(door.placard);
        return Err(Problem::RevokedCode {
            phone: phone.unwrap_or_default().to_owned(),
            instead: instead.map_or_else(String::new, |placard| format!("/q/{}", placard.code)),
        });
    }
    Ok(ScannedPlacard { atlas, code })
}
