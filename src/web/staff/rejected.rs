//! What somebody wanted to do when the house said no: with its value, in words and as they sent it,
//! so that one more tap does it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::area::AreaId;
use crate::domain::report::ReportId;
use crate::domain::triage::Outcome;
use crate::service::{App, Principal};
use crate::store::{Conn, Error, report};
use crate::web::http::page_context::PageContext;
use crate::web::staff::choice::{Target, span};

/// A step, upon the version that the person saw.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepForm {
    pub(crate) version: i32,
    /// With `close`: `confirmed`, `informed`, `cancelled` or `referred`.
    #[serde(default)]
    pub(crate) outcome: String,
    /// Why; owed with `refuse`, `invalidate`, `reopen` and `note`.
    #[serde(default)]
    pub(crate) reason: String,
    /// With `unreachable`: in how many minutes to call again.
    pub(crate) retry_minutes: Option<u32>,
    /// With `transfer`: our number of the community.
    pub(crate) to: Option<i32>,
    /// With `assign`: our number of the colleague.
    pub(crate) staff: Option<i32>,
    /// With `merge`: the report that says the same.
    pub(crate) same_as: Option<Uuid>,
}

/// A step that was not made.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct RejectedStep {
    /// The step as addresses say it; empty where nothing was refused.
    pub(crate) step: String,
    /// The step with its value, in words.
    pub(crate) words: String,
    /// The outcome; empty where none was named.
    pub(crate) outcome: String,
    /// In how many minutes to call again.
    pub(crate) retry_minutes: Option<u32>,
    /// Our number of the community.
    pub(crate) to: Option<i32>,
    /// Our number of the colleague.
    pub(crate) staff: Option<i32>,
    /// The report that says the same.
    pub(crate) same_as: Option<Uuid>,
    /// The reason that was written, to be kept.
    #[serde(skip)]
    pub(crate) reason: String,
}

impl RejectedStep {
    /// A step without any value.
    pub(crate) fn plain(step: &str, words: &'static str) -> Self {
        Self {
            step: step.to_owned(),
            words: words.to_owned(),
            ..Self::default()
        }
    }

    /// A step with what was sent for it. What it names is said in words as far as this person may
    /// know it: the name of no colleague and no number of a report that they do not see.
    pub(crate) async fn of(
        (app, principal): (&App, &Principal),
        (name, form): (&str, StepForm),
        (colleagues, chrome): (&[Target], &PageContext),
    ) -> Result<Self, Error> {
        let w = chrome.w;
        let english = chrome.lang.is_english();
        let outcome =
            Outcome::from_code(&form.outcome).map(|outcome| w.outcome(outcome).to_owned());
        let minutes = form.retry_minutes.map(|minutes| span(minutes, w));
        let atlas = app.atlas();
        let community = form.to.and_then(|to| atlas.tree.get(AreaId(to)));
        let community = community.map(|area| area.name_in(english).to_owned());
        let colleague = |id| colleagues.iter().find(|person| person.id == id);
        let colleague = form.staff.and_then(colleague);
        let colleague = colleague.map(|person| person.name.clone());
        let twin = match form.same_as {
            Some(id) => number(app, principal, ReportId(id)).await?,
            None => None,
        };
        let value = match name {
            "close" => outcome,
            "unreachable" => minutes,
            "transfer" => community,
            "assign" => colleague,
            "merge" => twin,
            _ => None,
        };
        let step = w.step_of(name).to_owned();
        Ok(Self {
            step: name.to_owned(),
            words: match value {
                Some(value) => format!("{step} · {value}"),
                None => step,
            },
            outcome: form.outcome,
            retry_minutes: form.retry_minutes,
            to: form.to,
            staff: form.staff,
            same_as: form.same_as,
            reason: form.reason,
        })
    }

    /// Whether it was to go to this community.
    pub(crate) fn is_to(&self, community: &Target) -> bool {
        self.to == Some(community.id)
    }

    /// Whether it was for this colleague.
    pub(crate) fn is_for(&self, colleague: &Target) -> bool {
        self.staff == Some(colleague.id)
    }
}

/// The number of a report within the scope.
async fn number(app: &App, principal: &Principal, id: ReportId) -> Result<Option<String>, Error> {
    let scope = principal.scope.clone();
    let work = move |conn: Conn| async move { report::among(&conn, &scope, &[id]).await };
    let found = app.db.read(work).await?.pop();
    Ok(found.map(|row| row.number))
}
