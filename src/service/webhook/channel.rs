//! Channels: which entries a webhook gets at this hour, and how far it has got them.

use chrono::NaiveDateTime;

use crate::domain::place::Atlas;
use crate::service::Rules;
use crate::store::webhook::{Told, Webhook};

/// What a webhook is told at this hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryChannel {
    /// Everything that it was not told yet.
    All,
    /// What a red rule marked; the rest waits for the morning.
    Red,
}

/// Everything by day, and by night for receivers that are not silent then.
pub(super) fn channel(
    rules: &Rules,
    atlas: &Atlas,
    webhook: &Webhook,
    local: NaiveDateTime,
) -> DeliveryChannel {
    let quiet = || rules.rota(atlas, webhook.area).is_quiet(local);
    if !webhook.at_night && quiet() {
        DeliveryChannel::Red
    } else {
        DeliveryChannel::All
    }
}

impl DeliveryChannel {
    /// How far it was told of what is told at this hour.
    pub(super) fn reached(self, told: Told) -> i64 {
        match self {
            Self::All => told.all,
            Self::Red => told.red(),
        }
    }

    pub(super) fn reach(self, told: &mut Told, seq: i64) {
        match self {
            Self::All => told.all = seq,
            Self::Red => told.red = seq,
        }
    }

    /// Whether an entry behind [`DeliveryChannel::reached`] is told now: what is red neither waits for the
    /// morning nor is told again in it.
    pub(super) fn takes(self, told: Told, seq: i64, red: bool) -> bool {
        match self {
            Self::All => !red || seq > told.red,
            Self::Red => red,
        }
    }
}
