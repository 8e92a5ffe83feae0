//! Webhooks: their kinds, the entries they subscribe to, and the pause after a failure.

use chrono::TimeDelta;
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::coded::coded;
use super::journal::Event;

/// The shortest time between two messages of a robot: both platforms take twenty a minute.
pub const ROBOT_PAUSE: TimeDelta = TimeDelta::milliseconds(3_100);

/// Our number of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WebhookId(pub i32);

/// The form of a webhook's messages.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Signed JSON, one message for each entry.
    Generic,
    /// 企业微信 group robot: text, one message for several entries.
    #[strum(serialize = "wecom")]
    WeCom,
    /// 钉钉 group robot, likewise.
    #[strum(serialize = "dingtalk")]
    DingTalk,
}

coded!(Kind);

impl Kind {
    /// Whether people read the messages. People sleep at night.
    pub fn is_robot(self) -> bool {
        self != Self::Generic
    }

    /// Whether a webhook of this kind with these `events` gets the entry. A robot that gets new
    /// reports also gets the correction that makes a report urgent.
    pub fn subscribes_to(self, events: &Events, event: Event, turned_urgent: bool) -> bool {
        let alarm = turned_urgent && self.is_robot() && events.wants(Event::Submitted);
        events.wants(event) || alarm
    }

    /// The entries of a webhook for which the administrator names none: robots get what is new.
    pub fn events(self) -> Events {
        match self {
            Self::Generic => Events(Vec::new()),
            Self::WeCom | Self::DingTalk => {
                Events(vec![Event::Submitted, Event::Arrived, Event::Escalated])
            }
        }
    }
}

/// The kinds of entries that a webhook gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events(Vec<Event>);

impl Events {
    /// The kinds of this list, their words with commas; empty for all. None for an unknown word.
    pub fn read(text: &str) -> Option<Self> {
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        words.map(Event::from_code).collect::<Option<_>>().map(Self)
    }

    /// Whether the list contains this kind.
    pub fn wants(&self, event: Event) -> bool {
        self.0.is_empty() || self.0.contains(&event)
    }

    /// The list, as [`Events::read`] takes it.
    pub fn code(&self) -> String {
        let words: Vec<_> = self.0.iter().map(|event| event.code()).collect();
        words.join(",")
    }
}

/// How long to wait after so many failures in a row: a second, then twice as long each time.
pub fn pause(failures: u32, longest: TimeDelta) -> TimeDelta {
    let doubled = 1_i32.checked_shl(failures.saturating_sub(1).min(30));
    TimeDelta::seconds(i64::from(doubled.unwrap_or(i32::MAX))).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_events_is_read_as_it_was_written() {
        for kind in Kind::ALL {
            assert_eq!(Events::read(&kind.events().code()), Some(kind.events()));
        }
        assert_eq!(Events::read("submitted,lost"), None);
    }

    #[test]
    fn an_empty_list_wants_everything_and_another_what_it_names() {
        let all = Events::read(" , ").unwrap();
        assert!(Event::ALL.iter().all(|event| all.wants(*event)));
        let some = Events::read("submitted, closed").unwrap();
        assert!(some.wants(Event::Closed) && !some.wants(Event::Noted));
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let longest = TimeDelta::minutes(15);
        let seconds = |failures| pause(failures, longest).num_seconds();
        let pauses: Vec<_> = (1..=11).map(seconds).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
        assert_eq!(seconds(u32::MAX), 900);
    }
}
