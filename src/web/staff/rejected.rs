//! A rejected step: the page shows it with its value, in words and as it was sent, so that one more
//! tap repeats it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::triage::Outcome;
use crate::store::{Conn, Error, report};
use crate::web::http::context::StaffContext;
use crate::web::staff::choice::{Target, duration};

/// A step, and the version of the report that the person saw.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepForm {
    pub(crate) version: i32,
    /// With `close`: `confirmed`, `informed`, `cancelled` or `referred`.
    #[serde(default)]
    pub(crate) outcome: String,
    /// The reason; required with `refuse`, `invalidate`, `reopen` and `note`.
    #[serde(default)]
    pub(crate) reason: String,
    /// With `unreachable`: in how many minutes to call again.
    pub(crate) retry_minutes: Option<u32>,
    /// With `transfer`: the id of the community.
    pub(crate) to: Option<i32>,
    /// With `assign`: the id of the colleague.
    pub(crate) staff: Option<i32>,
    /// With `merge`: the report that this one is a duplicate of.
    pub(crate) same_as: Option<Uuid>,
}

/// A step that was not made.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct RejectedStep {
    /// The step as addresses name it; empty if no step was rejected.
    pub(crate) step: String,
    /// The step with its value, in words.
    pub(crate) words: String,
    /// The outcome; empty if none was chosen.
    pub(crate) outcome: String,
    /// In how many minutes to call again.
    pub(crate) retry_minutes: Option<u32>,
    /// The id of the community.
    pub(crate) to: Option<i32>,
    /// The id of the colleague.
    pub(crate) staff: Option<i32>,
    /// The report that this one is a duplicate of.
    pub(crate) same_as: Option<Uuid>,
    /// The reason that the person wrote; the page keeps it in its field.
    #[serde(skip)]
    pub(crate) reason: String,
}

impl RejectedStep {
    /// A step without a value.
    pub(crate) fn plain(step: &str, words: &'static str, form: StepForm) -> Self {
        Self {
            step: step.to_owned(),
            words: words.to_owned(),
            reason: form.reason,
            ..Self::default()
        }
    }

    /// A step with the form that was sent. Its words name no colleague and no report that this
    /// person may not see.
    pub(crate) async fn of(
        context: &StaffContext,
        name: &str,
        form: StepForm,
        colleagues: &[Target],
    ) -> Result<Self, Error> {
        let step = context.page.w.step_of(name);
        let value = value(context, name, &form, colleagues).await?;
        Ok(Self {
            step: name.to_owned(),
            words: value.map_or_else(|| step.to_owned(), |value| format!("{step} · {value}")),
            outcome: form.outcome,
            retry_minutes: form.retry_minutes,
            to: form.to,
            staff: form.staff,
            same_as: form.same_as,
            reason: form.reason,
        })
    }

    /// Whether the report was to go to this community.
    pub(crate) fn is_to(&self, community: &Target) -> bool {
        self.to == Some(community.id)
    }

    /// Whether this colleague was to get the report.
    pub(crate) fn is_for(&self, colleague: &Target) -> bool {
        self.staff == Some(colleague.id)
    }
}

/// The value that belongs to this kind of step, in words.
async fn value(
    context: &StaffContext,
    name: &str,
    form: &StepForm,
    colleagues: &[Target],
) -> Result<Option<String>, Error> {
    let page = &context.page;
    Ok(match name {
        "close" => Outcome::from_code(&form.outcome).map(|one| page.w.outcome(one).to_owned()),
        "unreachable" => (form.retry_minutes).map(|minutes| duration(minutes, page.w)),
        "transfer" => {
            let atlas = context.app.atlas();
            let community = form.to.and_then(|to| atlas.tree.area_of(QueueId(to)));
            community.map(|area| area.name_in(page.lang.is_english()).to_owned())
        }
        "assign" => {
            let mut colleagues = colleagues.iter();
            let colleague = colleagues.find(|person| form.staff == Some(person.id));
            colleague.map(|person| person.name.clone())
        }
        "merge" => match form.same_as {
            Some(id) => number(context, ReportId(id)).await?,
            None => None,
        },
        _ => None,
    })
}

/// The number of a report within the scope.
async fn number(context: &StaffContext, id: ReportId) -> Result<Option<String>, Error> {
    let scope = context.principal.scope.clone();
    let work = move |conn: Conn| async move { report::among(&conn, &scope, &[id]).await };
    let found = context.app.db.read(work).await?.pop();
    Ok(found.map(|row| row.number))
}
