//! Use cases: one function, one transaction. And [`App`], the state that every request needs.

use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use ipnet::IpNet;
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::area::{Area, AreaId};
use crate::domain::calendar::DaysOff;
use crate::domain::campaign::Campaign;
use crate::domain::phone::AreaCode;
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::rota::{Rota, WorkingDay};
use crate::domain::staff::{Scope, Staff};
use crate::http_client::HttpClient;
use crate::notifier::Notifier;
use crate::seal::Keys;
use crate::store::Db;

pub mod access;
pub mod announcements;
pub mod audit;
pub mod background;
pub mod case;
pub mod chain;
mod change;
pub mod cleanup;
pub mod code_guesses;
pub mod device;
pub mod digest;
mod duplicates;
pub mod escalation;
pub mod handover;
pub mod holder;
mod hs256;
pub mod import;
pub mod intake;
pub mod listing;
pub mod open_cases;
pub mod passwords;
pub mod people;
pub mod personal;
pub mod places;
pub mod poller;
pub mod proxies;
pub mod rate_limit;
pub mod search;
mod sign_in_throttle;
pub mod status;
pub mod stream_sessions;
pub mod tasks;
pub mod triage;
pub mod undo;
pub mod unrouted;
pub mod webhook;

/// The rules of a city.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The public address of this server, `https://host`, without a slash at the end. Links and
    /// posters are made from it and never from a request's headers.
    pub public_address: String,
    /// Whether placards carry upper-case addresses, which make smaller QR codes.
    pub upper_case_codes: bool,
    /// Length of a placard's code, check character included.
    pub code_length: usize,
    /// Unknown codes from one address in ten minutes that are answered at once.
    pub unknown_codes_address: u32,
    /// Unknown codes from all addresses in ten minutes that are answered at once.
    pub unknown_codes: u32,
    /// The area code that a landline of the city gets where none was typed.
    pub phone_area_code: Option<AreaCode>,
    /// The hours in which staff call people, for subdistricts without hours of their own.
    pub working_day: WorkingDay,
    /// The days of the week that are off.
    pub days_off: DaysOff,
    /// How long an ordinary report is overdue before the first level is notified.
    pub escalate_grace: TimeDelta,
    /// The time that a level has for an escalated report before the report goes to the next one.
    pub escalate_after: TimeDelta,
    /// What residents are asked, and for how long.
    pub campaign: Campaign,
    /// How often communities may refuse a report before the centre's ruling stands.
    pub refusals_max: u16,
    /// Days after its last check from which a test site is shown with a warning.
    pub site_checked_days: u64,
    /// Wrong tries at one receipt number within the window.
    pub status_tries: u32,
    /// Wrong tries from one address within the window.
    pub status_tries_address: u32,
    /// How long wrong tries are remembered.
    pub status_window: TimeDelta,
    /// Networks of proxies whose forwarding headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Two reports of one room and direction within this time are probably duplicates.
    pub duplicate: TimeDelta,
    /// So many open reports of one telephone in one queue stand as one line of a list.
    pub fold_from: usize,
    /// The offered pauses before an unanswered call is tried again, in minutes.
    pub retries: Vec<u32>,
    /// How long staff may take their own last step back.
    pub undo: TimeDelta,
    /// Reports that may wait for the writer.
    pub intake_queue_max: usize,
    /// How long a report waits for room in the queue before it is refused as *busy*.
    pub intake_wait: std::time::Duration,
    /// Reports of one transaction at most.
    pub intake_batch_max: usize,
    /// How long a webhook may take to answer.
    pub webhook_patience: std::time::Duration,
    /// The longest pause after failures of a webhook.
    pub webhook_retry_max: TimeDelta,
    /// Whether webhooks beyond this machine may do without TLS.
    pub webhook_plain_http: bool,
    /// Closed networks into which webhooks may go all the same.
    pub webhook_networks: Vec<IpNet>,
    /// Wrong passwords within the window on a device on which the login has signed in before.
    pub sign_in_tries: u32,
    /// Wrong passwords from one address in an hour, on devices that are not known.
    pub sign_in_tries_address: u32,
    /// Wrong passwords for one login in an hour, on devices that are not known.
    pub sign_in_tries_login: u32,
    /// The window of wrong passwords on known devices.
    pub sign_in_window: TimeDelta,
    /// How long a one-time password works.
    pub first_password: TimeDelta,
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
    /// This process. A test checks it before it acts, so that it never harms another process.
    pub instance: Uuid,
    /// The database.
    pub db: Db,
    /// Publishes the journal heads of queues.
    pub notifier: Arc<Notifier>,
    /// Sends requests to other operators.
    pub http: HttpClient,
    /// The keys that seal.
    pub keys: Arc<Keys>,
    /// The clock.
    pub clock: Clock,
    /// The city's rules.
    pub rules: Arc<Rules>,
    /// The user of the operating system who runs this process.
    pub operator: Arc<str>,
    /// The queue before the writer.
    pub intake: intake::Intake,
    /// The open cases, for lists and counts.
    pub open_cases: open_cases::CaseProjection,
    /// The open streams and their principals.
    pub stream_sessions: stream_sessions::StreamSessions,
    /// Webhooks to which this node delivers at the moment.
    pub deliveries: webhook::dispatcher::Deliveries,
    /// Checks passwords.
    pub passwords: passwords::Passwords,
    /// Names of staff.
    pub names: people::Names,
    /// Wrong tries at receipt numbers.
    status_tries: rate_limit::RateLimiter<status::TryKey>,
    /// What is doubtful about proxies.
    proxy_doubts: proxies::ProxyDoubts,
    /// Codes of placards that do not exist.
    code_guesses: code_guesses::CodeGuesses,
    /// Wrong tries at passwords.
    sign_in_throttle: sign_in_throttle::SignInThrottle,
    /// Refused sign-ins that are in no audit entry yet.
    refused_sign_ins: audit::refused_sign_ins::RefusedSignIns,
    unreadable: personal::Unreadable,
    atlas: ArcSwap<Atlas>,
    /// Lets one load of the atlas run at a time.
    loading: tokio::sync::Mutex<()>,
}

/// A signed-in staff member, their scope and their sign-in.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The staff member.
    pub staff: Staff,
    /// The areas that they may see.
    pub scope: Scope,
    /// The sign-in.
    pub session: Uuid,
}

impl Rules {
    /// The working hours of this area's subdistrict: its own where they are consistent, otherwise
    /// the city's.
    pub fn rota<'a>(&self, atlas: &'a Atlas, area: AreaId) -> Rota<'a> {
        self.rota_in(atlas, atlas.tree.subdistrict_of(area))
    }

    /// The working hours of the subdistrict of this queue.
    pub fn rota_of_queue<'a>(&self, atlas: &'a Atlas, queue: QueueId) -> Rota<'a> {
        let area = atlas.tree.area_of(queue);
        self.rota_in(
            atlas,
            area.and_then(|area| atlas.tree.subdistrict_of(area.id)),
        )
    }

    fn rota_in<'a>(&self, atlas: &'a Atlas, subdistrict: Option<&Area>) -> Rota<'a> {
        let own = subdistrict.map(|area| area.hours);
        Rota {
            day: self.working_day.fitted(&own.unwrap_or_default()),
            week: self.days_off,
            calendar: &atlas.calendar,
        }
    }
}

impl App {
    /// The state of an application, with an empty atlas until [`places::reload`].
    pub fn new(db: Db, keys: Keys, clock: Clock, rules: Rules, operator: &str) -> Self {
        let (notifier, keys) = (Arc::new(Notifier::default()), Arc::new(keys));
        Self {
            instance: Uuid::new_v4(),
            http: HttpClient::within(&rules.webhook_networks),
            intake: intake::Intake::open(&db, &notifier, &keys, &rules),
            open_cases: open_cases::CaseProjection::new(rules.duplicate),
            stream_sessions: stream_sessions::StreamSessions::default(),
            deliveries: webhook::dispatcher::Deliveries::default(),
            passwords: passwords::Passwords::new(rules.password_memory_kib, rules.password_rounds),
            names: people::Names::default(),
            status_tries: rate_limit::RateLimiter::default(),
            proxy_doubts: proxies::ProxyDoubts::default(),
            code_guesses: code_guesses::CodeGuesses::default(),
            sign_in_throttle: sign_in_throttle::SignInThrottle::default(),
            refused_sign_ins: audit::refused_sign_ins::RefusedSignIns::default(),
            unreadable: personal::Unreadable::default(),
            atlas: ArcSwap::default(),
            loading: tokio::sync::Mutex::default(),
            db,
            notifier,
            keys,
            clock,
            rules: Arc::new(rules),
            operator: operator.into(),
        }
    }

    /// All places. A page uses one atlas from its first line to its last.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.atlas.load_full()
    }

    /// The city's local time.
    pub fn local_now(&self) -> NaiveDateTime {
        self.clock.local(self.clock.now())
    }

    /// The id of a new report.
    pub fn fresh_report(&self) -> ReportId {
        ReportId(Uuid::now_v7())
    }

    /// The address on a placard.
    pub fn placard_address(&self, code: &str) -> String {
        let address = format!("{}/q/{code}", self.rules.public_address);
        if self.rules.upper_case_codes {
            address.to_uppercase()
        } else {
            address.to_lowercase()
        }
    }

    /// The deadlines for the first call and for closing the case. For urgent reports nights and days
    /// off count as working time.
    fn deadlines(
        &self,
        atlas: &Atlas,
        queue: QueueId,
        received: DateTime<Utc>,
        urgent: bool,
    ) -> (DateTime<Utc>, DateTime<Utc>) {
        let rota = self.rules.rota_of_queue(atlas, queue);
        if urgent {
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
