//! The texts of the pages. Each label stands once, in Chinese and in English: a text that is missing
//! in one language does not compile.

/// Defines a struct of labels, and its values in Chinese and in English. Labels behind `with` are
/// structs of their own.
macro_rules! labels {
    (
        $(#[$doc:meta])*
        $name:ident { $($label:ident: $zh:literal, $en:literal;)* }
        $(with { $($inner:ident: $kind:ident;)* })?
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name {
            $(pub(crate) $label: &'static str,)*
            $($(pub(crate) $inner: $kind,)*)?
        }

        impl $name {
            pub(super) const ZH: Self = Self { $($label: $zh,)* $($($inner: $kind::ZH,)*)? };
            pub(super) const EN: Self = Self { $($label: $en,)* $($($inner: $kind::EN,)*)? };
        }
    };
}

mod case;
mod desk;
mod listing;
mod night;
mod resident;
mod staff;

use crate::domain::campaign::Wording;
use crate::domain::report::{Direction, Field};
use crate::domain::staff::{Act, Role};

use case::CaseLabels;
use desk::DeskLabels;
use listing::ListingLabels;
use night::NightLabels;
use resident::{FormLabels, ReceiptLabels, SiteLabels, StatusLabels};
use staff::{CentreLabels, ProblemLabels, StaffLabels};

/// The labels of one language.
#[derive(Debug)]
pub(crate) struct Words {
    english: bool,
    pub(crate) name: &'static str,
    pub(crate) other_language: &'static str,
    pub(crate) form: FormLabels,
    pub(crate) receipt: ReceiptLabels,
    pub(crate) status: StatusLabels,
    pub(crate) sites: SiteLabels,
    pub(crate) staff: StaffLabels,
    pub(crate) case: CaseLabels,
    pub(crate) desk: DeskLabels,
    pub(crate) listing: ListingLabels,
    pub(crate) night: NightLabels,
    pub(crate) centre: CentreLabels,
    pub(crate) problem: ProblemLabels,
}

/// 中文
pub(crate) static ZH: Words = Words {
    english: false,
    name: "码上报备",
    other_language: "English",
    form: FormLabels::ZH,
    receipt: ReceiptLabels::ZH,
    status: StatusLabels::ZH,
    sites: SiteLabels::ZH,
    staff: StaffLabels::ZH,
    case: CaseLabels::ZH,
    desk: DeskLabels::ZH,
    listing: ListingLabels::ZH,
    night: NightLabels::ZH,
    centre: CentreLabels::ZH,
    problem: ProblemLabels::ZH,
};

/// English
pub(crate) static EN: Words = Words {
    english: true,
    name: "Mashang",
    other_language: "中文",
    form: FormLabels::EN,
    receipt: ReceiptLabels::EN,
    status: StatusLabels::EN,
    sites: SiteLabels::EN,
    staff: StaffLabels::EN,
    case: CaseLabels::EN,
    desk: DeskLabels::EN,
    listing: ListingLabels::EN,
    night: NightLabels::EN,
    centre: CentreLabels::EN,
    problem: ProblemLabels::EN,
};

impl Words {
    /// Whether these labels are English.
    pub(crate) fn is_english(&self) -> bool {
        self.english
    }

    /// The text in the language of these labels.
    pub(super) fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        if self.english { en } else { zh }
    }

    /// A direction in the city's words, from the poster to the queue: 返通 and 离通 where the city
    /// has a short name, otherwise 返程 and 离开.
    pub(crate) fn direction(&self, direction: Direction, city: &Wording) -> String {
        let city = city.in_english(self.english);
        match (direction, city) {
            (Direction::Unsaid, _) => self.say("未说明方向", "Direction not said").to_owned(),
            (Direction::Return, "") => self.say("返程", "Arriving").to_owned(),
            (Direction::Leave, "") => self.say("离开", "Leaving").to_owned(),
            (Direction::Return, _) => format!("{}{city}", self.say("返", "Arriving in ")),
            (Direction::Leave, _) => format!("{}{city}", self.say("离", "Leaving ")),
        }
    }

    /// Who can see what residents write: where the people of the roles work that may open reports.
    pub(crate) fn readers(&self) -> String {
        let mut offices: Vec<&str> = Vec::new();
        for role in Role::ALL
            .into_iter()
            .filter(|role| role.may(Act::WorkQueue))
        {
            let office = self.office(role);
            if !offices.contains(&office) {
                offices.push(office);
            }
        }
        offices.join(self.say("和", " and "))
    }

    /// Where people of this role work.
    fn office(&self, role: Role) -> &'static str {
        match role {
            Role::GridWorker | Role::CommunityLead => self.say("社区", "your community"),
            Role::DutyOfficer => self.say("街道指挥中心", "the subdistrict's command centre"),
            Role::Admin | Role::Auditor => self.say("管理部门", "the administration"),
        }
    }

    /// The privacy notice that comes with the program.
    pub(crate) fn privacy(&self) -> String {
        let notice = self.say(
            "姓名、电话、房号等加密保存，只有{}的工作人员能查看；每次查看联系方式，您的回执上都有记录。",
            "Names, phone and room numbers are kept encrypted. Only the staff of {} can open them, and your receipt shows each look at your contact details.",
        );
        notice.replace("{}", &self.readers())
    }

    /// A role in words.
    pub(crate) fn role(&self, role: Role) -> &'static str {
        match role {
            Role::GridWorker => self.say("网格员", "Grid worker"),
            Role::CommunityLead => self.say("社区负责人", "Community lead"),
            Role::DutyOfficer => self.say("值班员", "Duty officer"),
            Role::Admin => self.say("管理员", "Administrator"),
            Role::Auditor => self.say("审计员", "Auditor"),
        }
    }

    /// The label of a field for this direction; for both where none is said.
    pub(crate) fn field(&self, field: Field, way: Direction) -> String {
        let form = &self.form;
        let (back, away) = match field {
            Field::Region => (form.from, form.to),
            Field::Day => (form.day_back, form.day_away),
            other => return self.label(other).to_owned(),
        };
        match way {
            Direction::Return => back.to_owned(),
            Direction::Leave => away.to_owned(),
            Direction::Unsaid => format!("{back} / {away}"),
        }
    }

    /// What a field is about, in a sentence about it.
    pub(crate) fn noun(&self, field: Field) -> &'static str {
        match field {
            Field::Direction => self.say("方向", "Direction"),
            Field::Region => self.say("地名", "Place"),
            Field::Companions => self.say("同行人数", "Companions"),
            Field::Identity => self.say("证件号码", "ID number"),
            Field::Proxy => self.say("代报人姓名", "Reporter's name"),
            other => self.label(other),
        }
    }

    fn label(&self, field: Field) -> &'static str {
        let form = &self.form;
        match field {
            Field::Direction => form.direction,
            Field::Region => form.from,
            Field::Day => form.day,
            Field::Room => form.room,
            Field::Name => form.person,
            Field::Phone => form.phone,
            Field::Companions => form.companions,
            Field::CompanionNames => form.companion_names,
            Field::Identity => form.identity,
            Field::Vehicle => form.vehicle,
            Field::Note => form.note,
            Field::Proxy => form.proxy,
        }
    }
}
