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

pub(crate) use case::CaseWords;
pub(crate) use desk::DeskWords;
pub(crate) use en::EN;
pub(crate) use listing::ListingWords;
pub(crate) use night::NightWords;
pub(crate) use zh::ZH;

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) name: &'static str,
    pub(crate) other_language: &'static str,
    pub(crate) form: FormWords,
    pub(crate) receipt: ReceiptWords,
    pub(crate) status: StatusWords,
    pub(crate) sites: SiteWords,
    pub(crate) staff: StaffWords,
    pub(crate) case: CaseWords,
    pub(crate) desk: DeskWords,
    pub(crate) listing: ListingWords,
    pub(crate) night: NightWords,
    pub(crate) centre: CentreWords,
    pub(crate) problem: ProblemWords,
}

/// The form behind a placard.
#[derive(Debug)]
pub(crate) struct FormWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) check_word: &'static str,
    pub(crate) never_asks: &'static str,
    pub(crate) direction: &'static str,
    pub(crate) come: &'static str,
    pub(crate) come_hint: &'static str,
    pub(crate) go: &'static str,
    pub(crate) go_hint: &'static str,
    pub(crate) region: &'static str,
    pub(crate) region_hint: &'static str,
    pub(crate) region_which: &'static str,
    pub(crate) day: &'static str,
    pub(crate) today: &'static str,
    pub(crate) yesterday: &'static str,
    pub(crate) tomorrow: &'static str,
    pub(crate) room: &'static str,
    pub(crate) room_hint: &'static str,
    pub(crate) person: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) phone_hint: &'static str,
    pub(crate) more: &'static str,
    pub(crate) companions: &'static str,
    pub(crate) identity: &'static str,
    pub(crate) vehicle: &'static str,
    pub(crate) note: &'static str,
    pub(crate) proxy: &'static str,
    pub(crate) only_phone: &'static str,
    pub(crate) incomplete: &'static str,
    pub(crate) places: &'static str,
    pub(crate) legal_basis: &'static str,
    pub(crate) return_to: &'static str,
    pub(crate) leave_from: &'static str,
    pub(crate) send: &'static str,
    pub(crate) save: &'static str,
    pub(crate) mistakes: &'static str,
    pub(crate) call: &'static str,
    pub(crate) find_site: &'static str,
    pub(crate) privacy: &'static str,
    pub(crate) sent_before: &'static str,
    pub(crate) sent_before_hint: &'static str,
    pub(crate) send_again: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) unsent: &'static str,
    pub(crate) unsent_hint: &'static str,
    pub(crate) retry: &'static str,
    pub(crate) fill: &'static str,
    pub(crate) forget: &'static str,
    pub(crate) remember: &'static str,
}

/// Status by number.
#[derive(Debug)]
pub(crate) struct StatusWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) digits: &'static str,
    pub(crate) look: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) wait: &'static str,
}

/// The receipt.
#[derive(Debug)]
pub(crate) struct ReceiptWords {
    pub(crate) unreadable: &'static str,
    pub(crate) unreadable_call: &'static str,
    pub(crate) correct: &'static str,
    pub(crate) too_late: &'static str,
    pub(crate) site: &'static str,
    pub(crate) withdraw: &'static str,
    pub(crate) withdraw_hint: &'static str,
    pub(crate) title: &'static str,
    pub(crate) received: &'static str,
    pub(crate) number: &'static str,
    pub(crate) next: &'static str,
    pub(crate) next_call: &'static str,
    pub(crate) next_by: &'static str,
    pub(crate) next_taken: &'static str,
    pub(crate) next_closed: &'static str,
    pub(crate) answers: &'static str,
    pub(crate) history: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) another: &'static str,
    pub(crate) staff_member: &'static str,
}

/// Test sites.
#[derive(Debug)]
pub(crate) struct SiteWords {
    pub(crate) use_here: &'static str,
    pub(crate) nowhere: &'static str,
    pub(crate) lead_here: &'static str,
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) open: &'static str,
    pub(crate) until: &'static str,
    pub(crate) always: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) ask_first: &'static str,
    pub(crate) opens: &'static str,
    pub(crate) sample: &'static str,
    pub(crate) checked: &'static str,
    pub(crate) none: &'static str,
    pub(crate) back: &'static str,
    pub(crate) amap: &'static str,
    pub(crate) tencent: &'static str,
    pub(crate) baidu: &'static str,
}

/// Staff pages.
#[derive(Debug)]
pub(crate) struct StaffWords {
    pub(crate) sign_in: &'static str,
    pub(crate) login: &'static str,
    pub(crate) password: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) wrong_old: &'static str,
    pub(crate) wait: &'static str,
    pub(crate) new_password: &'static str,
    pub(crate) new_password_lead: &'static str,
    pub(crate) old_password: &'static str,
    pub(crate) weak: &'static str,
    pub(crate) save: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) new_reports: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) accept: &'static str,
    pub(crate) close: &'static str,
    pub(crate) reveal: &'static str,
    pub(crate) reveal_hint: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) back: &'static str,
    pub(crate) unrouted: &'static str,
    pub(crate) overdue: &'static str,
    pub(crate) due_soon: &'static str,
    pub(crate) received: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) more: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) keys_help: &'static str,
    pub(crate) sound: &'static str,
    pub(crate) notice: &'static str,
    pub(crate) settings: &'static str,
    pub(crate) mute: &'static str,
    pub(crate) title_count: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) sign_in_again: &'static str,
    pub(crate) marked: &'static str,
    pub(crate) mark: &'static str,
    pub(crate) mark_all: &'static str,
    pub(crate) working: &'static str,
    pub(crate) left: &'static str,
    pub(crate) over: &'static str,
    pub(crate) span_hours: &'static str,
    pub(crate) span_minutes: &'static str,
    pub(crate) undone: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) bulk_done: &'static str,
    pub(crate) notice_text: &'static str,
    pub(crate) moved_away: &'static str,
}

/// The command centre.
#[derive(Debug)]
pub(crate) struct CentreWords {
    pub(crate) title: &'static str,
    pub(crate) reports: &'static str,
    pub(crate) persons: &'static str,
    pub(crate) unrouted: &'static str,
    pub(crate) by_queue: &'static str,
    pub(crate) by_hour: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) all: &'static str,
    pub(crate) sum: &'static str,
    pub(crate) definition: &'static str,
    pub(crate) stopped: &'static str,
}

/// Pages of what went wrong.
#[derive(Debug)]
pub(crate) struct ProblemWords {
    pub(crate) over: &'static str,
    pub(crate) not_yet: &'static str,
    pub(crate) home_title: &'static str,
    pub(crate) home_lead: &'static str,
    pub(crate) code: &'static str,
    pub(crate) open: &'static str,
    pub(crate) unknown_code: &'static str,
    pub(crate) mistyped_code: &'static str,
    pub(crate) revoked_code: &'static str,
    pub(crate) replaced_code: &'static str,
    pub(crate) open_instead: &'static str,
    pub(crate) phone_instead: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) forbidden: &'static str,
    pub(crate) malformed: &'static str,
    pub(crate) wrong_method: &'static str,
    pub(crate) too_large: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) internal: &'static str,
    pub(crate) conflict: &'static str,
    pub(crate) illegal: &'static str,
    pub(crate) cross_site: &'static str,
}

impl Words {
    /// Whether these are the English ones.
    fn english(&self) -> bool {
        std::ptr::eq(self, &raw const EN)
    }

    /// A direction in words.
    pub(crate) fn direction(&self, direction: Direction) -> &'static str {
        match (direction, self.english()) {
            (Direction::Return, false) => "返程",
            (Direction::Return, true) => "Arriving",
            (Direction::Leave, false) => "离开",
            (Direction::Leave, true) => "Leaving",
        }
    }

    /// A role in words.
    pub(crate) fn role(&self, role: Role) -> &'static str {
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

    /// What is wrong with a field, and what would be right.
    pub(crate) fn mistake(&self, field: Field, mistake: &Mistake) -> &'static str {
        if self.english() {
            en::mistake(field, mistake)
        } else {
            zh::mistake(field, mistake)
        }
    }
}
