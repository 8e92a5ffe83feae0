//! The door: what the code in an address leads to. Naming it in a handler makes it required.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

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
    /// Where it leads.
    pub(crate) fn place(&self) -> Result<place::PlacardPlace<'_>, Problem> {
        self.atlas.door(&self.code).ok_or(Problem::UnknownCode)
    }

    /// The atlas in which it was found; the page keeps to it.
    pub(crate) fn atlas(&self) -> &Atlas {
        &self.atlas
    }
}

impl ScannedPlacard {
    /// Nothing where the campaign takes reports today; else the answer that says so.
    pub(crate) fn takes(&self, app: &App) -> Result<(), Problem> {
        takes(app, (&self.atlas, self.place()?.building.area))
    }

    /// The placard that a report came from, in use or not; none where it is not known any more.
    pub(crate) fn behind(app: &App, placard: PlacardId) -> Option<Self> {
        let atlas = app.atlas();
        let code = atlas.door_of(placard)?.placard.code.clone();
        Some(Self { atlas, code })
    }
}

/// Nothing where the campaign takes reports from this area today; else the answer that says so.
pub(crate) fn takes(app: &App, (atlas, area): (&Atlas, AreaId)) -> Result<(), Problem> {
    let (over, day) = match app.rules.campaign.standing(app.local_now().date()) {
        Standing::Open => return Ok(()),
        Standing::NotYet(day) => (false, day),
        Standing::Over(day) => (true, day),
    };
    let phone = atlas.tree.phone_of(area);
    Err(Problem::Closed {
        over,
        day,
        phone: phone.unwrap_or_default().to_owned(),
    })
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
