//! What somebody wanted to do when the house said no: with its value, in words and as they sent it,
//! so that one more tap does it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::case::{CaseView, Target, span};
use super::reply::Chrome;
use super::step::StepForm;
use crate::domain::area::AreaId;
use crate::domain::report::ReportId;
use crate::domain::triage::Outcome;
use crate::service::{Acting, House};
use crate::store::{Conn, Error, report};

/// A step that was not made.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(super) struct Wanted {
    /// The step as addresses say it; empty where nothing was refused.
    pub(super) step: String,
    /// The step with its value, in words.
    pub(super) words: String,
    /// The outcome; empty where none was named.
    pub(super) outcome: String,
    /// In how many minutes to call again.
    pub(super) retry_minutes: Option<u32>,
    /// Our number of the community.
    pub(super) to: Option<i32>,
    /// Our number of the colleague.
    pub(super) staff: Option<i32>,
    /// The report that says the same.
    pub(super) same_as: Option<Uuid>,
    /// The reason that was written, to be kept.
    #[serde(skip)]
    pub(super) reason: String,
}

impl Wanted {
    /// A step without any value.
    pub(super) fn plain(step: &str, words: &'static str) -> Self {
        Self {
            step: step.to_owned(),
            words: words.to_owned(),
            ..Self::default()
        }
    }

    /// A step with what was sent for it. What it names is said in words as far as this person may
    /// know it: the name of no colleague and no number of a report that they do not see.
    pub(super) async fn of(
        (house, acting): (&House, &Acting),
        (name, form): (&str, StepForm),
        (view, chrome): (&CaseView, &Chrome),
    ) -> Result<Self, Error> {
        let w = chrome.w;
        let english = chrome.lang.is_english();
        let outcome =
            Outcome::from_code(&form.outcome).map(|outcome| w.outcome(outcome).to_owned());
        let minutes = form.retry_minutes.map(|minutes| span(minutes, w));
        let atlas = house.atlas();
        let community = form.to.and_then(|to| atlas.tree.get(AreaId(to)));
        let community = community.map(|area| area.name_in(english).to_owned());
        let colleague = |id| view.colleagues.iter().find(|person| person.id == id);
        let colleague = form.staff.and_then(colleague);
        let colleague = colleague.map(|person| person.name.clone());
        let twin = match form.same_as {
            Some(id) => number(house, acting, ReportId(id)).await?,
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
    pub(super) fn is_to(&self, community: &Target) -> bool {
        self.to == Some(community.id)
    }

    /// Whether it was for this colleague.
    pub(super) fn is_for(&self, colleague: &Target) -> bool {
        self.staff == Some(colleague.id)
    }
}

/// The number of a report within the scope.
async fn number(house: &House, acting: &Acting, id: ReportId) -> Result<Option<String>, Error> {
    let scope = acting.scope.clone();
    let work = move |conn: Conn| async move { report::among(&conn, &scope, &[id]).await };
    let found = house.db.run::<_, Error, _, _>(work).await?.pop();
    Ok(found.map(|row| row.number))
}
