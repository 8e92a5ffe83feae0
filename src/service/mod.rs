//! Use cases: one function, one transaction. And the house, which every request may need.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::area::AreaId;
use crate::domain::calendar::DaysOff;
use crate::domain::campaign::Campaign;
use crate::domain::place::Atlas;
use crate::domain::report::ReportId;
use crate::domain::rota::{Rota, WorkingDay};
use crate::domain::staff::{Scope, Staff};
use crate::http_client::HttpClient;
use crate::notifier::Notifier;
use crate::seal::Keys;
use crate::store::Db;

pub mod access;
mod calendar;
pub mod case;
mod change;
pub mod cleanup;
pub mod digest;
mod duplicates;
pub mod escalation;
pub mod handover;
pub mod holder;
mod hs256;
pub mod intake;
pub mod listing;
pub mod open_cases;
pub mod passwords;
pub mod people;
pub mod personal;
pub mod places;
mod rate_limit;
pub mod search;
pub mod status;
pub mod stream_sessions;
pub mod triage;
pub mod undo;
pub mod webhook;

/// What a city may want otherwise.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Where residents and staff reach this house, `https://host`, without a slash at the end.
    /// Links and posters are made from it and never from what a request says.
    pub public_address: String,
    /// Whether placards carry upper-case addresses, which make the smaller code.
    pub upper_case_codes: bool,
    /// Length of a placard's code, check character included.
    pub code_length: usize,
    /// The hours in which people are called, where a subdistrict has none of its own.
    pub working_day: WorkingDay,
    /// The weekdays that are off.
    pub days_off: DaysOff,
    /// How long a level that was told of an overdue report has before the next one is told.
    pub escalate_after: TimeDelta,
    /// What residents are asked, and for how long.
    pub campaign: Campaign,
    /// How often communities may refuse a report before the centre's ruling stands.
    pub refusals_max: u16,
    /// Wrong tries at one receipt number within the window.
    pub status_tries: u32,
    /// Wrong tries from one address within the window.
    pub status_tries_address: u32,
    /// How long wrong tries are remembered.
    pub status_window: TimeDelta,
    /// Proxies that are believed when they say who asks.
    pub trusted_proxies: Vec<IpAddr>,
    /// How far apart two reports of one room and direction are probably the same.
    pub duplicate: TimeDelta,
    /// After how many minutes an unanswered call may be tried again, as it is offered.
    pub retries: Vec<u32>,
    /// How long somebody may take their own last step back.
    pub undo: TimeDelta,
    /// Reports that may wait for the writer before the house says *busy*.
    pub intake_queue_max: usize,
    /// Reports of one transaction at most.
    pub intake_batch_max: usize,
    /// How long a webhook may take to answer.
    pub webhook_patience: std::time::Duration,
    /// The longest pause after failures of a webhook.
    pub webhook_retry_max: TimeDelta,
    /// Whether webhooks beyond this machine may do without TLS.
    pub webhook_plain_http: bool,
    /// Wrong passwords for one login from one address within the window.
    pub sign_in_tries: u32,
    /// Wrong passwords from one address within the window, whatever the login.
    pub sign_in_tries_address: u32,
    /// Wrong passwords for one login within a few minutes, from wherever.
    pub sign_in_tries_login: u32,
    /// How long wrong passwords are remembered.
    pub sign_in_window: TimeDelta,
    /// How long a sign-in lasts.
    pub session: TimeDelta,
    /// Memory of one password hash, in KiB.
    pub password_memory_kib: u32,
    /// Rounds of one password hash.
    pub password_rounds: u32,
}

/// Everything that a request may need. One per process, shared by all.
#[derive(Debug)]
pub struct App {
    /// This process; a test asks before it acts, so that it never hurts another house.
    pub instance: Uuid,
    /// The database.
    pub db: Db,
    /// Who follows which queue.
    pub notifier: Arc<Notifier>,
    /// Sends requests to other operators.
    pub http: HttpClient,
    /// What seals.
    pub keys: Arc<Keys>,
    /// What time it is.
    pub clock: Clock,
    /// What the city wants.
    pub rules: Rules,
    /// Takes reports.
    pub intake: intake::Intake,
    /// What is open, for lists and counts.
    pub open_cases: open_cases::CaseProjection,
    /// Who follows a stream.
    pub stream_sessions: stream_sessions::StreamSessions,
    /// Checks passwords.
    pub passwords: passwords::Passwords,
    /// What colleagues call each other.
    pub names: people::Names,
    /// Wrong tries at receipt numbers.
    tries: rate_limit::RateLimiter<status::Account>,
    /// Wrong tries at passwords.
    guesses: access::SignInThrottle,
    unreadable: personal::Unreadable,
    atlas: ArcSwap<Atlas>,
    /// Held by whoever draws the atlas anew, from the first look at the database on.
    drawing: tokio::sync::Mutex<()>,
}

/// Somebody at work: a person, what they may see, and by which sign-in.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Who.
    pub staff: Staff,
    /// What they may see.
    pub scope: Scope,
    /// The sign-in.
    pub session: Uuid,
}

impl Rules {
    /// When the subdistrict of this area works: its own hours where they fit, or the city's.
    pub fn rota<'a>(&self, atlas: &'a Atlas, area: AreaId) -> Rota<'a> {
        let own = atlas.tree.subdistrict_of(area).map(|area| area.hours);
        Rota {
            day: self.working_day.fitted(&own.unwrap_or_default()),
            week: self.days_off,
            calendar: &atlas.calendar,
        }
    }
}

impl App {
    /// A house around these parts, with an empty atlas until [`places::reload`].
    pub fn new(db: Db, keys: Keys, clock: Clock, rules: Rules) -> Self {
        let (notifier, keys) = (Arc::new(Notifier::default()), Arc::new(keys));
        Self {
            instance: Uuid::new_v4(),
            http: HttpClient::default(),
            intake: intake::Intake::open(&db, &notifier, &keys, &rules),
            open_cases: open_cases::CaseProjection::default(),
            stream_sessions: stream_sessions::StreamSessions::default(),
            passwords: passwords::Passwords::new(rules.password_memory_kib, rules.password_rounds),
            names: people::Names::default(),
            tries: rate_limit::RateLimiter::default(),
            guesses: access::SignInThrottle::default(),
            unreadable: personal::Unreadable::default(),
            atlas: ArcSwap::default(),
            drawing: tokio::sync::Mutex::default(),
            db,
            notifier,
            keys,
            clock,
            rules,
        }
    }

    /// All places as they are now; a page keeps one atlas from its first line to its last.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.atlas.load_full()
    }

    /// What the clocks of the city show.
    pub fn local_now(&self) -> NaiveDateTime {
        self.clock.local(self.clock.now())
    }

    /// A number for a report that is yet to be written.
    pub fn fresh_report(&self) -> ReportId {
        ReportId(Uuid::now_v7())
    }

    /// The address that stands on a placard.
    pub fn placard_address(&self, code: &str) -> String {
        let address = format!("{}/q/{code}", self.rules.public_address);
        if self.rules.upper_case_codes {
            address.to_uppercase()
        } else {
            address.to_lowercase()
        }
    }

    /// By when somebody is to call, and by when the case is to be ended, for a report that comes
    /// into this queue now. What is red knows no night and no day off.
    fn deadlines(
        &self,
        (atlas, queue): (&Atlas, AreaId),
        received: DateTime<Utc>,
        red: bool,
    ) -> (DateTime<Utc>, DateTime<Utc>) {
        let rota = self.rules.rota(atlas, queue);
        if red {
            let contact = received + rota.day.first_contact;
            return (contact, contact.max(received + rota.day.finish));
        }
        let local = self.clock.local(received);
        (
            self.clock.instant(rota.contact_due(local)),
            self.clock.instant(rota.finish_due(local)),
        )
    }
}
