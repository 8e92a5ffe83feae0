//! What the pages say. One struct and two values of it: a word that is missing in one language
//! does not compile.

mod case;
mod desk;
mod en;
mod listing;
mod night;
mod zh;

use crate::domain::report::{Direction, Field, Mistake};
use crate::domain::staff::Role;

use super::reply::Size;

pub(in crate::web) use case::CaseWords;
pub(in crate::web) use desk::DeskWords;
pub(super) use en::EN;
pub(in crate::web) use listing::ListingWords;
pub(in crate::web) use night::NightWords;
pub(super) use zh::ZH;

/// The words of one language.
#[derive(Debug)]
pub(in crate::web) struct Words {
    pub(in crate::web) name: &'static str,
    pub(in crate::web) other_language: &'static str,
    pub(in crate::web) form: FormWords,
    pub(in crate::web) receipt: ReceiptWords,
    pub(in crate::web) status: StatusWords,
    pub(in crate::web) sites: SiteWords,
    pub(in crate::web) staff: StaffWords,
    pub(in crate::web) case: CaseWords,
    pub(in crate::web) desk: DeskWords,
    pub(in crate::web) listing: ListingWords,
    pub(in crate::web) night: NightWords,
    pub(in crate::web) centre: CentreWords,
    pub(in crate::web) problem: ProblemWords,
}

/// The form behind a placard.
#[derive(Debug)]
pub(in crate::web) struct FormWords {
    pub(in crate::web) title: &'static str,
    pub(in crate::web) lead: &'static str,
    pub(in crate::web) check_word: &'static str,
    pub(in crate::web) never_asks: &'static str,
    pub(in crate::web) direction: &'static str,
    pub(in crate::web) come: &'static str,
    pub(in crate::web) come_hint: &'static str,
    pub(in crate::web) go: &'static str,
    pub(in crate::web) go_hint: &'static str,
    pub(in crate::web) region: &'static str,
    pub(in crate::web) region_hint: &'static str,
    pub(in crate::web) region_which: &'static str,
    pub(in crate::web) day: &'static str,
    pub(in crate::web) today: &'static str,
    pub(in crate::web) yesterday: &'static str,
    pub(in crate::web) tomorrow: &'static str,
    pub(in crate::web) room: &'static str,
    pub(in crate::web) room_hint: &'static str,
    pub(in crate::web) person: &'static str,
    pub(in crate::web) phone: &'static str,
    pub(in crate::web) phone_hint: &'static str,
    pub(in crate::web) more: &'static str,
    pub(in crate::web) companions: &'static str,
    pub(in crate::web) identity: &'static str,
    pub(in crate::web) vehicle: &'static str,
    pub(in crate::web) note: &'static str,
    pub(in crate::web) proxy: &'static str,
    pub(in crate::web) only_phone: &'static str,
    pub(in crate::web) incomplete: &'static str,
    pub(in crate::web) places: &'static str,
    pub(in crate::web) legal_basis: &'static str,
    pub(in crate::web) return_to: &'static str,
    pub(in crate::web) leave_from: &'static str,
    pub(in crate::web) send: &'static str,
    pub(in crate::web) save: &'static str,
    pub(in crate::web) mistakes: &'static str,
    pub(in crate::web) call: &'static str,
    pub(in crate::web) find_site: &'static str,
    pub(in crate::web) privacy: &'static str,
    pub(in crate::web) sent_before: &'static str,
    pub(in crate::web) sent_before_hint: &'static str,
    pub(in crate::web) send_again: &'static str,
    pub(in crate::web) busy: &'static str,
    pub(in crate::web) unsent: &'static str,
    pub(in crate::web) unsent_hint: &'static str,
    pub(in crate::web) retry: &'static str,
    pub(in crate::web) fill: &'static str,
    pub(in crate::web) forget: &'static str,
    pub(in crate::web) remember: &'static str,
}

/// Status by number.
#[derive(Debug)]
pub(in crate::web) struct StatusWords {
    pub(in crate::web) title: &'static str,
    pub(in crate::web) lead: &'static str,
    pub(in crate::web) digits: &'static str,
    pub(in crate::web) look: &'static str,
    pub(in crate::web) unknown: &'static str,
    pub(in crate::web) wait: &'static str,
}

/// The receipt.
#[derive(Debug)]
pub(in crate::web) struct ReceiptWords {
    pub(in crate::web) unreadable: &'static str,
    pub(in crate::web) unreadable_call: &'static str,
    pub(in crate::web) correct: &'static str,
    pub(in crate::web) too_late: &'static str,
    pub(in crate::web) site: &'static str,
    pub(in crate::web) withdraw: &'static str,
    pub(in crate::web) withdraw_hint: &'static str,
    pub(in crate::web) title: &'static str,
    pub(in crate::web) received: &'static str,
    pub(in crate::web) number: &'static str,
    pub(in crate::web) next: &'static str,
    pub(in crate::web) next_call: &'static str,
    pub(in crate::web) next_by: &'static str,
    pub(in crate::web) next_taken: &'static str,
    pub(in crate::web) next_closed: &'static str,
    pub(in crate::web) answers: &'static str,
    pub(in crate::web) history: &'static str,
    pub(in crate::web) keep: &'static str,
    pub(in crate::web) another: &'static str,
    pub(in crate::web) staff_member: &'static str,
}

/// Test sites.
#[derive(Debug)]
pub(in crate::web) struct SiteWords {
    pub(in crate::web) use_here: &'static str,
    pub(in crate::web) nowhere: &'static str,
    pub(in crate::web) lead_here: &'static str,
    pub(in crate::web) title: &'static str,
    pub(in crate::web) lead: &'static str,
    pub(in crate::web) open: &'static str,
    pub(in crate::web) until: &'static str,
    pub(in crate::web) always: &'static str,
    pub(in crate::web) closed: &'static str,
    pub(in crate::web) unknown: &'static str,
    pub(in crate::web) ask_first: &'static str,
    pub(in crate::web) opens: &'static str,
    pub(in crate::web) sample: &'static str,
    pub(in crate::web) checked: &'static str,
    pub(in crate::web) none: &'static str,
    pub(in crate::web) back: &'static str,
    pub(in crate::web) amap: &'static str,
    pub(in crate::web) tencent: &'static str,
    pub(in crate::web) baidu: &'static str,
}

/// Staff pages.
#[derive(Debug)]
pub(in crate::web) struct StaffWords {
    pub(in crate::web) sign_in: &'static str,
    pub(in crate::web) login: &'static str,
    pub(in crate::web) password: &'static str,
    pub(in crate::web) wrong: &'static str,
    pub(in crate::web) wrong_old: &'static str,
    pub(in crate::web) wait: &'static str,
    pub(in crate::web) new_password: &'static str,
    pub(in crate::web) new_password_lead: &'static str,
    pub(in crate::web) old_password: &'static str,
    pub(in crate::web) weak: &'static str,
    pub(in crate::web) save: &'static str,
    pub(in crate::web) sign_out: &'static str,
    pub(in crate::web) queue: &'static str,
    pub(in crate::web) empty: &'static str,
    pub(in crate::web) new_reports: &'static str,
    pub(in crate::web) lost: &'static str,
    pub(in crate::web) accept: &'static str,
    pub(in crate::web) close: &'static str,
    pub(in crate::web) reveal: &'static str,
    pub(in crate::web) reveal_hint: &'static str,
    pub(in crate::web) outcome: &'static str,
    pub(in crate::web) back: &'static str,
    pub(in crate::web) unrouted: &'static str,
    pub(in crate::web) overdue: &'static str,
    pub(in crate::web) due_soon: &'static str,
    pub(in crate::web) received: &'static str,
    pub(in crate::web) changed: &'static str,
    pub(in crate::web) more: &'static str,
    pub(in crate::web) keys: &'static str,
    pub(in crate::web) keys_help: &'static str,
    pub(in crate::web) sound: &'static str,
    pub(in crate::web) notice: &'static str,
    pub(in crate::web) settings: &'static str,
    pub(in crate::web) mute: &'static str,
    pub(in crate::web) title_count: &'static str,
    pub(in crate::web) signed_out: &'static str,
    pub(in crate::web) sign_in_again: &'static str,
    pub(in crate::web) marked: &'static str,
    pub(in crate::web) mark: &'static str,
    pub(in crate::web) mark_all: &'static str,
    pub(in crate::web) working: &'static str,
    pub(in crate::web) left: &'static str,
    pub(in crate::web) over: &'static str,
    pub(in crate::web) span_hours: &'static str,
    pub(in crate::web) span_minutes: &'static str,
    pub(in crate::web) undone: &'static str,
    pub(in crate::web) failed: &'static str,
    pub(in crate::web) bulk_done: &'static str,
    pub(in crate::web) notice_text: &'static str,
    pub(in crate::web) moved_away: &'static str,
}

/// The command centre.
#[derive(Debug)]
pub(in crate::web) struct CentreWords {
    pub(in crate::web) title: &'static str,
    pub(in crate::web) reports: &'static str,
    pub(in crate::web) persons: &'static str,
    pub(in crate::web) unrouted: &'static str,
    pub(in crate::web) by_queue: &'static str,
    pub(in crate::web) by_hour: &'static str,
    pub(in crate::web) queue: &'static str,
    pub(in crate::web) all: &'static str,
    pub(in crate::web) sum: &'static str,
    pub(in crate::web) definition: &'static str,
    pub(in crate::web) stopped: &'static str,
}

/// Pages of what went wrong.
#[derive(Debug)]
pub(in crate::web) struct ProblemWords {
    pub(in crate::web) over: &'static str,
    pub(in crate::web) not_yet: &'static str,
    pub(in crate::web) home_title: &'static str,
    pub(in crate::web) home_lead: &'static str,
    pub(in crate::web) code: &'static str,
    pub(in crate::web) open: &'static str,
    pub(in crate::web) unknown_code: &'static str,
    pub(in crate::web) mistyped_code: &'static str,
    pub(in crate::web) revoked_code: &'static str,
    pub(in crate::web) replaced_code: &'static str,
    pub(in crate::web) open_instead: &'static str,
    pub(in crate::web) phone_instead: &'static str,
    pub(in crate::web) missing: &'static str,
    pub(in crate::web) forbidden: &'static str,
    pub(in crate::web) malformed: &'static str,
    pub(in crate::web) wrong_method: &'static str,
    pub(in crate::web) too_large: &'static str,
    pub(in crate::web) busy: &'static str,
    pub(in crate::web) internal: &'static str,
    pub(in crate::web) conflict: &'static str,
    pub(in crate::web) illegal: &'static str,
    pub(in crate::web) cross_site: &'static str,
}

impl Words {
    /// Whether these are the English ones.
    fn english(&self) -> bool {
        std::ptr::eq(self, &raw const EN)
    }

    /// A direction in words.
    pub(in crate::web) fn direction(&self, direction: Direction) -> &'static str {
        match (direction, self.english()) {
            (Direction::Return, false) => "返程",
            (Direction::Return, true) => "Arriving",
            (Direction::Leave, false) => "离开",
            (Direction::Leave, true) => "Leaving",
        }
    }

    /// A size of letters, as its switch says it.
    pub(in crate::web) fn size(&self, size: Size) -> &'static str {
        match (size, self.english()) {
            (Size::Normal, false) => "标准字",
            (Size::Normal, true) => "Normal text",
            (Size::Large, false) => "大字",
            (Size::Large, true) => "Large text",
            (Size::Largest, false) => "特大字",
            (Size::Largest, true) => "Largest text",
        }
    }

    /// A role in words.
    pub(in crate::web) fn role(&self, role: Role) -> &'static str {
        match (role, self.english()) {
            (Role::GridWorker, false) => "网格员",
            (Role::GridWorker, true) => "Grid worker",
            (Role::CommunityLead, false) => "社区负责人",
            (Role::CommunityLead, true) => "Community lead",
            (Role::DutyOfficer, false) => "值班员",
            (Role::DutyOfficer, true) => "Duty officer",
            (Role::Admin, false) => "管理员",
            (Role::Admin, true) => "Administrator",
            (Role::Auditor, false) => "审计员",
            (Role::Auditor, true) => "Auditor",
        }
    }

    /// The label of a field.
    pub(in crate::web) fn field(&self, field: Field) -> &'static str {
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

    /// What is wrong with a field, and what would be right.
    pub(in crate::web) fn mistake(&self, field: Field, mistake: &Mistake) -> &'static str {
        if self.english() {
            en::mistake(field, mistake)
        } else {
            zh::mistake(field, mistake)
        }
    }
}
