//! Audit: the kinds of events in the system queue, which staff and operators bring about beside the
//! cases. What they do with a report is in the report's own journal.

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::coded::coded;

/// What can happen beside the cases: the kinds of entries of the system queue.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum AuditEvent {
    /// A person signed in.
    SignedIn,
    /// A person signed out.
    SignedOut,
    /// Sign-ins were refused, within about a minute.
    SignInsRefused,
    /// A person replaced their own password, which ended their other sign-ins.
    PasswordChanged,
    /// A person got a new one-time password, which ended their sign-ins.
    PasswordReset,
    /// An account was made.
    AccountAdded,
    /// An account was disabled, which ended its sign-ins.
    AccountDisabled,
    /// A disabled account was enabled again.
    AccountEnabled,
    /// A table was imported.
    Imported,
    /// Placards were issued.
    PlacardsIssued,
    /// A placard was taken out of use.
    PlacardRevoked,
    /// Posters of placards were drawn.
    PostersDrawn,
    /// A webhook was added.
    WebhookAdded,
    /// A webhook gets nothing for a while.
    WebhookPaused,
    /// A webhook gets its entries again.
    WebhookResumed,
    /// A webhook gets entries again that it had before, or skips some.
    WebhookReplayed,
    /// A test message was sent to a webhook.
    WebhookTested,
    /// A webhook was removed.
    WebhookRemoved,
    /// A person searched for reports.
    Searched,
    /// A command that only reads was run on the server.
    CommandRun,
}

coded!(AuditEvent);

impl AuditEvent {
    /// Whether the act happens even where its entry cannot be written: it ends a right, or only
    /// reads. It is not held up by the system queue.
    pub fn never_waits(self) -> bool {
        match self {
            Self::SignedOut
            | Self::AccountDisabled
            | Self::PlacardRevoked
            | Self::WebhookPaused
            | Self::WebhookRemoved
            | Self::CommandRun => true,
            Self::SignedIn
            | Self::SignInsRefused
            | Self::PasswordChanged
            | Self::PasswordReset
            | Self::AccountAdded
            | Self::AccountEnabled
            | Self::Imported
            | Self::PlacardsIssued
            | Self::PostersDrawn
            | Self::WebhookAdded
            | Self::WebhookResumed
            | Self::WebhookReplayed
            | Self::WebhookTested
            | Self::Searched => false,
        }
    }
}
