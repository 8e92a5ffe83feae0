//! The fields of a report's form and their values: one order for the placard's page, corrections,
//! the desk and the paper form.

use chrono::Days;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::campaign::OPTIONAL;
use crate::domain::region::Gazetteer;
use crate::domain::report::{Answers, Direction, Mistake, Refusal};
use crate::service::App;
use crate::web::http::page_context::PageContext;
use crate::web::text::Words;

/// Days before and after today that the form offers.
const DAYS_OFFERED: u64 = 7;
/// The value of `only` when the direction and the telephone are enough.
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
    /// The room.
    pub(crate) room: String,
    /// The name.
    pub(crate) name: String,
    /// The telephone.
    pub(crate) phone: String,
    /// Number of companions; empty means none.
    pub(crate) companions: String,
    /// Resident identity number or passport; may be empty.
    pub(crate) identity: String,
    /// Number plate; may be empty.
    pub(crate) vehicle: String,
    /// A note; may be empty.
    pub(crate) note: String,
    /// Name of the person who reports for the traveller; may be empty.
    pub(crate) proxy: String,
    /// `phone` when the direction and the telephone are enough.
    pub(crate) only: String,
}

impl Form {
    /// The answers, to be read by the domain.
    pub(crate) fn answers(&self) -> Answers<'_> {
        Answers {
            direction: &self.direction,
            region: &self.region,
            region_pick: &self.region_pick,
            region_asked: &self.region_asked,
            day: &self.day,
            room: &self.room,
            name: &self.name,
            phone: &self.phone,
            companions: &self.companions,
            identity: &self.identity,
            vehicle: &self.vehicle,
            note: &self.note,
            proxy: &self.proxy,
            phone_only: self.only == ONLY_PHONE,
        }
    }
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
    /// Whether it is chosen.
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
    pub(crate) message: &'static str,
}

/// A direction in the city's words if the campaign sets the city's short name: 返通, 离通.
pub(crate) fn direction(app: &App, page: &PageContext, way: Direction) -> String {
    let w = &page.w.form;
    let city = app.rules.campaign.city.in_english(page.lang.is_english());
    match way {
        Direction::Return if city.is_empty() => w.come.to_owned(),
        Direction::Leave if city.is_empty() => w.go.to_owned(),
        Direction::Return => format!("{}{city}", w.return_to),
        Direction::Leave => format!("{}{city}", w.leave_from),
    }
}

impl Fields {
    /// The fields with these answers, and the days around today.
    pub(crate) fn of(app: &App, page: &PageContext, form: Form) -> Self {
        let today = app.local_now().date();
        let w = page.w;
        let days = (0..=DAYS_OFFERED * 2).map(|ahead| {
            let day = today - Days::new(DAYS_OFFERED) + Days::new(ahead);
            let name = match ahead.cmp(&DAYS_OFFERED) {
                std::cmp::Ordering::Equal => w.form.today,
                _ if ahead + 1 == DAYS_OFFERED => w.form.yesterday,
                _ if ahead == DAYS_OFFERED + 1 => w.form.tomorrow,
                _ => "",
            };
            let value = day.to_string();
            DayOption {
                label: format!("{name} {}", page.lang.day(day)).trim().to_owned(),
                chosen: if form.day.is_empty() {
                    day == today
                } else {
                    form.day == value
                },
                value,
            }
        });
        let directions = Direction::ALL.map(|way| DirectionOption {
            value: way.code(),
            label: direction(app, page, way),
            hint: match way {
                Direction::Return => w.form.come_hint,
                Direction::Leave => w.form.go_hint,
            },
            chosen: form.direction == way.code(),
        });
        let asked = OPTIONAL
            .iter()
            .filter(|field| app.rules.campaign.asks(**field));
        Self {
            directions: directions.into(),
            asked: asked.map(|field| field.code()).collect(),
            days: days.collect(),
            mistakes: Vec::new(),
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
    ) {
        for (field, mistake) in &refusal.mistakes {
            if let Mistake::Ambiguous(regions) = mistake {
                let known = regions.iter().filter_map(|id| gazetteer.get(*id));
                self.regions = known
                    .map(|region| RegionOption {
                        id: region.id.0,
                        name: region.full_name.clone(),
                    })
                    .collect();
                self.form.region_asked = self.form.region.trim().to_owned();
            }
            self.mistakes.push(MistakeView {
                field: field.code(),
                label: w.field(*field),
                message: w.mistake(*field, mistake),
            });
        }
    }

    /// Whether the campaign asks for this field.
    pub(crate) fn asks(&self, field: &str) -> bool {
        self.asked.contains(&field)
    }

    /// The mistake of this field, if there is one.
    pub(crate) fn wrong(&self, field: &str) -> Option<&'static str> {
        let found = self.mistakes.iter().find(|mistake| mistake.field == field);
        found.map(|mistake| mistake.message)
    }
}
