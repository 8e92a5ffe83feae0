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

use crate::domain::report::{Direction, Field};
use crate::domain::staff::Role;

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
    /// The text in the language of these labels.
    pub(super) fn say(&self, zh: &'static str, en: &'static str) -> &'static str {
        if self.english { en } else { zh }
    }

    /// A direction in words.
    pub(crate) fn direction(&self, direction: Direction) -> &'static str {
        match direction {
            Direction::Return => self.say("返程", "Arriving"),
            Direction::Leave => self.say("离开", "Leaving"),
        }
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

    /// The label of a field.
    pub(crate) fn field(&self, field: Field) -> &'static str {
        let form = &self.form;
        match field {
            Field::Direction => form.direction,
            Field::Region => form.region,
            Field::Day => form.day,
            Field::Room => form.room,
            Field::Name => form.person,
            Field::Phone => form.phone,
            Field::Companions => form.companions,
            Field::Identity => form.identity,
            Field::Vehicle => form.vehicle,
            Field::Note => form.note,
            Field::Proxy => form.proxy,
        }
    }
}
