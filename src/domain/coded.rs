//! Codes: the words by which the database, addresses and JSON name the variants of an enum.
//! strum derives them from the variants, so none can be forgotten.

/// Gives an enum `ALL`, `code` and `from_code`. `listed` leaves out the last one, `written` the
/// first one too. The enum derives the traits of strum that the methods need.
macro_rules! coded {
    ($type:ty) => {
        coded!($type, listed);
        impl $type {
            /// The variant with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                code.parse().ok()
            }
        }
    };
    ($type:ty, listed) => {
        coded!($type, written);
        impl $type {
            /// Every variant, in the order of its declaration.
            pub const ALL: [Self; <Self as strum::EnumCount>::COUNT] =
                *<Self as strum::VariantArray>::VARIANTS
                    .as_array()
                    .expect("strum counts what it lists");
        }
    };
    ($type:ty, written) => {
        impl $type {
            /// The word that names the variant in the database, in addresses and in JSON.
            pub fn code(self) -> &'static str {
                self.into()
            }
        }
    };
}

pub(crate) use coded;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fmt::Debug;
    use std::str::FromStr;

    use strum::VariantArray;

    use crate::domain::audit::AuditEvent;
    use crate::domain::journal::Event;
    use crate::domain::report::{Channel, Direction, Field};
    use crate::domain::triage::{Outcome, Stage, Status};
    use crate::domain::{area, calendar, listing, place, queue, region, staff, webhook};

    fn words<T: VariantArray + Copy + Into<&'static str>>() -> Vec<&'static str> {
        T::VARIANTS
            .iter()
            .map(|variant| (*variant).into())
            .collect()
    }

    fn assert_read<T>(expected: &str)
    where
        T: VariantArray + Copy + Into<&'static str> + FromStr + PartialEq + Debug,
    {
        assert_eq!(words::<T>().join(" "), expected);
        let read: Vec<T> = words::<T>()
            .iter()
            .filter_map(|word| word.parse().ok())
            .collect();
        assert_eq!(read, T::VARIANTS);
        assert!("lost".parse::<T>().is_err());
    }

    #[test]
    fn stored_and_public_codes_never_change() {
        assert_read::<Event>(
            "submitted corrected withdrawn accepted assigned unreachable closed verified \
             invalidated reopened refused transferred arrived merged split noted revealed \
             escalated undone handed_over released",
        );
        assert_read::<AuditEvent>(
            "signed_in signed_out sign_ins_refused password_changed password_reset account_added \
             account_disabled account_enabled imported placards_issued placard_revoked \
             posters_drawn webhook_added webhook_paused webhook_resumed webhook_replayed \
             webhook_tested webhook_removed searched command_run",
        );
        assert_read::<Status>(
            "waiting accepted unreachable closed verified withdrawn duplicate invalid",
        );
        assert_read::<Outcome>("confirmed informed cancelled referred");
        assert_read::<Direction>("return leave unsaid");
        assert_read::<Channel>("page api desk");
        assert_read::<area::Level>("district subdistrict community grid micro_grid");
        assert_read::<queue::QueueKind>("community unrouted system");
        assert_read::<region::Level>("country province city county");
        assert_read::<calendar::DayKind>("off working");
        assert_read::<place::PlacardState>("active revoked replaced");
        assert_read::<staff::Role>("grid_worker community_lead duty_officer admin auditor");
        assert_read::<webhook::Kind>("generic wecom dingtalk");
        assert_read::<listing::Listing>(
            "overdue open mine waiting due_soon unrouted red escalated unreachable incomplete \
             duplicates closed_today",
        );
        assert_read::<listing::Order>("deadline building newest");
    }

    #[test]
    fn codes_that_are_only_written_never_change() {
        assert_eq!(words::<Stage>().join(" "), "waiting in_hand done aside");
        assert_eq!(
            words::<Field>().join(" "),
            "direction region day room name phone companions companion_names identity vehicle note \
             proxy"
        );
    }

    #[test]
    fn each_code_names_one_variant() {
        let codes = words::<Event>();
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
    }
}
