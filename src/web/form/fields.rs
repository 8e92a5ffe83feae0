//! The fields of a report's form and their values: one order for the placard's page, corrections,
//! the desk and the paper form.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::campaign::OPTIONAL;
use crate::domain::region::Gazetteer;
use crate::domain::report::{Answers, COMPANIONS_MAX, Direction, Field, Mistake, Refusal};
use crate::service::{App, Rules};
use crate::web::http::page_context::PageContext;
use crate::web::text::Words;

/// Days before and after today that the form offers.
const DAYS_OFFERED: u64 = 7;
/// The value of `only` when the telephone is enough.
const ONLY_PHONE: &str = "phone";

/// The answers of the form, sent as a form or as JSON.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Form {
    /// The key of the page. Programs leave it empty and send a key of their own as the header
    /// `Idempotency-Key`; without either, a resend is another report.
    pub(crate) key: String,
    /// The language of the page, `zh` or `en`.
    pub(crate) lang: String,
    /// `return` or `leave`.
    pub(crate) direction: String,
    /// Where from, or where to.
    pub(crate) region: String,
    /// The number of a region chosen from several.
    pub(crate) region_pick: String,
    /// The place name about which the page has asked already.
    pub(crate) region_asked: String,
    /// The day of travel, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// The same, where the page's tiles do not have the day and `day` is empty.
    pub(crate) other_day: String,
    /// The room.
    pub(crate) room: String,
    /// The name.
    pub(crate) name: String,
    /// The telephone.
    pub(crate) phone: String,
    /// Number of companions; empty means as many as are named.
    pub(crate) companions: String,
    /// Names of companions, parted by 、 or a comma; may be empty.
    pub(crate) companion_names: String,
    /// Resident identity number or passport; may be empty.
    pub(crate) identity: String,
    /// Number plate; may be empty.
    pub(crate) vehicle: String,
    /// A note; may be empty.
    pub(crate) note: String,
    /// Name of the person who reports for the traveller; may be empty.
    pub(crate) proxy: String,
    /// `phone` when the telephone is enough.
    pub(crate) only: String,
    /// The telephone of a resident who leaves nothing else; `phone` may be empty then.
    pub(crate) call: String,
}

impl Form {
    /// The answers, to be read by the domain.
    pub(crate) fn answers(&self) -> Answers<'_> {
        let phone_only = self.only == ONLY_PHONE || self.says_only_call();
        Answers {
            direction: &self.direction,
            region: &self.region,
            region_pick: &self.region_pick,
            region_asked: &self.region_asked,
            day: self.said_day(),
            room: &self.room,
            name: &self.name,
            phone: if phone_only && !is_blank(&self.call) {
                &self.call
            } else {
                &self.phone
            },
            companions: &self.companions,
            companion_names: &self.companion_names,
            identity: &self.identity,
            vehicle: &self.vehicle,
            note: &self.note,
            proxy: &self.proxy,
            phone_only,
        }
    }

    fn said_day(&self) -> &str {
        if is_blank(&self.day) {
            &self.other_day
        } else {
            &self.day
        }
    }

    /// Whether the telephone to call is all that was filled in: the Enter key sends the form by its
    /// first button, whichever field it is pressed in.
    fn says_only_call(&self) -> bool {
        let others = [
            &self.direction,
            &self.region,
            &self.room,
            &self.name,
            &self.phone,
        ];
        !is_blank(&self.call) && others.into_iter().all(|said| is_blank(said))
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The fields of the form, on every page that shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Fields {
    /// The directions in the city's words.
    pub(crate) directions: Vec<DirectionOption>,
    /// The days that can be chosen.
    pub(crate) days: Vec<DayOption>,
    /// Which of the optional fields are asked for.
    pub(crate) asked: Vec<&'static str>,
    /// What has to be corrected.
    pub(crate) mistakes: Vec<MistakeView>,
    /// Regions of the name that was given, where there are several.
    pub(crate) regions: Vec<RegionOption>,
    /// How many mistakes there are, in words.
    #[serde(skip)]
    pub(crate) mistakes_title: String,
    /// What the optional fields are, in one line.
    #[serde(skip)]
    pub(crate) optional: String,
    #[serde(skip)]
    pub(crate) form: Form,
    /// Whether residents fill in the form about themselves, so that their phone may complete it.
    #[serde(skip)]
    pub(crate) own: bool,
}

/// A direction that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DirectionOption {
    /// `return` or `leave`.
    pub(crate) value: &'static str,
    /// In words.
    pub(crate) label: String,
    /// The same in a longer form.
    pub(crate) hint: &'static str,
    /// Whether it is chosen.
    pub(crate) chosen: bool,
}

/// A day that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayOption {
    /// `YYYY-MM-DD`.
    pub(crate) value: String,
    /// In words.
    pub(crate) label: String,
    /// *Today*, *yesterday* or *tomorrow*; empty for other days.
    #[serde(skip)]
    pub(crate) name: &'static str,
    /// The date in words.
    #[serde(skip)]
    pub(crate) date: String,
    /// Whether it is chosen.
    pub(crate) chosen: bool,
}

/// A number of companions that can be chosen.
pub(crate) struct CompanionCount {
    pub(crate) count: u16,
    pub(crate) chosen: bool,
}

/// A region that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegionOption {
    /// Its number.
    pub(crate) id: i32,
    /// Its full name.
    pub(crate) name: String,
}

/// What is wrong with a field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MistakeView {
    /// The field.
    pub(crate) field: &'static str,
    /// The field in words.
    pub(crate) label: &'static str,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
}

impl Fields {
    /// The fields with these answers, and the days around today.
    pub(crate) fn of(app: &App, page: &PageContext, form: Form) -> Self {
        let (w, campaign) = (page.w, &app.rules.campaign);
        let directions = Direction::OFFERED.map(|way| DirectionOption {
            value: way.code(),
            label: w.direction(way, &campaign.city),
            hint: match way {
                Direction::Leave => w.form.go_hint,
                _ => w.form.come_hint,
            },
            chosen: form.direction == way.code(),
        });
        let asked = Field::ALL.into_iter();
        let asked: Vec<Field> = asked
            .filter(|field| OPTIONAL.contains(field) && campaign.asks(*field))
            .collect();
        // The number of companions stands for their names.
        let titled = asked.iter().filter(|field| {
            **field != Field::CompanionNames || !asked.contains(&Field::Companions)
        });
        let nouns: Vec<&str> = titled.map(|field| w.noun(*field)).collect();
        Self {
            directions: directions.into(),
            optional: w.form.optional.to_owned() + &page.lang.list(&nouns),
            asked: asked.into_iter().map(Field::code).collect(),
            days: days(app, page, form.said_day()),
            mistakes: Vec::new(),
            mistakes_title: String::new(),
            regions: Vec::new(),
            form,
            own: true,
        }
    }

    /// Adds the mistakes to their fields.
    pub(crate) fn point_out(
        &mut self,
        gazetteer: &Gazetteer,
        refusal: &Refusal,
        w: &'static Words,
        rules: &Rules,
    ) {
        for (field, mistake) in &refusal.mistakes {
            if let Mistake::Ambiguous(regions) = mistake {
                let known = regions.iter().filter_map(|id| gazetteer.get(*id));
                self.regions = known
                    .map(|region| RegionOption {
                        id: region.id.0,
                        name: gazetteer.written(Some(region.id), "", w.is_english()),
                    })
                    .collect();
                self.form.region_asked = self.form.region.trim().to_owned();
            }
            self.mistakes.push(mistake_view(*field, mistake, w, rules));
        }
        self.mistakes_title = w.mistakes(self.mistakes.len());
    }

    /// Whether the campaign asks for this field.
    pub(crate) fn asks(&self, field: &str) -> bool {
        self.asked.contains(&field)
    }

    /// The mistake of this field, if there is one. A telephone that is all there is has a field of
    /// its own, `call`.
    pub(crate) fn wrong(&self, field: &str) -> Option<&str> {
        let found = self
            .mistakes
            .iter()
            .find(|mistake| self.anchor(mistake) == field);
        found.map(|mistake| mistake.message.as_str())
    }

    /// The field on the page where this mistake is mended.
    pub(crate) fn anchor(&self, mistake: &MistakeView) -> &'static str {
        match mistake.field {
            "phone" if self.calls() => "call",
            field => field,
        }
    }

    /// Whether the resident leaves a telephone in the field that is for nothing else.
    pub(crate) fn calls(&self) -> bool {
        let form = &self.form;
        let there = !is_blank(&form.call) || is_blank(&form.phone);
        self.own && there && form.answers().phone_only
    }

    /// The class of a field that has a mistake.
    pub(crate) fn bad(&self, field: &str) -> &'static str {
        self.wrong(field).map_or("", |_| " bad")
    }

    /// Whether a field of the fold has a mistake.
    pub(crate) fn has_optional_mistake(&self) -> bool {
        let mut optional = OPTIONAL.iter();
        optional.any(|field| self.wrong(field.code()).is_some())
    }

    /// The days that have a name.
    pub(crate) fn near_days(&self) -> Vec<&DayOption> {
        let days = self.days.iter();
        days.filter(|day| !day.name.is_empty()).collect()
    }

    /// The other days.
    pub(crate) fn other_days(&self) -> Vec<&DayOption> {
        let days = self.days.iter();
        days.filter(|day| day.name.is_empty()).collect()
    }

    /// Whether a day without a name is chosen.
    pub(crate) fn is_other_day(&self) -> bool {
        !self.near_days().iter().any(|day| day.chosen)
    }

    /// The numbers of companions.
    pub(crate) fn companion_counts(&self) -> Vec<CompanionCount> {
        let chosen = self.form.companions.trim().parse();
        let count = |count| CompanionCount {
            count,
            chosen: chosen == Ok(count),
        };
        (0..=COMPANIONS_MAX).map(count).collect()
    }
}

fn mistake_view(field: Field, mistake: &Mistake, w: &Words, rules: &Rules) -> MistakeView {
    MistakeView {
        field: field.code(),
        label: w.noun(field),
        message: w.mistake(
            field,
            mistake,
            &rules.campaign.city,
            rules.phone_area_code.as_ref(),
        ),
    }
}

/// The days around today; today is chosen where none is said.
fn days(app: &App, page: &PageContext, said: &str) -> Vec<DayOption> {
    let (today, w) = (app.local_now().date(), &page.w.form);
    let first = today - Days::new(DAYS_OFFERED);
    let mut offered: Vec<NaiveDate> = (0..=DAYS_OFFERED * 2)
        .map(|ahead| first + Days::new(ahead))
        .collect();
    // A correction keeps its day, also where no new report is offered it.
    let kept = said.trim().parse::<NaiveDate>();
    offered.extend(kept.ok().filter(|day| !offered.contains(day)));
    offered.sort_unstable();
    let option = |day: NaiveDate| {
        let name = match (day - today).num_days() {
            -1 => w.yesterday,
            0 => w.today,
            1 => w.tomorrow,
            _ => "",
        };
        let (value, date) = (day.to_string(), page.lang.day(day));
        DayOption {
            label: format!("{name} {date}").trim().to_owned(),
            chosen: if is_blank(said) {
                day == today
            } else {
                said.trim() == value
            },
            name,
            date,
            value,
        }
    };
    offered.into_iter().map(option).collect()
}
