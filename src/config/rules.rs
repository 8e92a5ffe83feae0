//! The settings that are the city's rules: how they are read, and what goes with what.

use std::time::Duration;

use chrono::TimeDelta;

use super::Reader;
use crate::domain::campaign::{Campaign, OPTIONAL, Wording};
use crate::domain::open_cases::FOLD_MIN;
use crate::domain::phone::AreaCode;
use crate::domain::rota::WorkingDay;
use crate::http_client::{self, BadAddress};
use crate::service::Rules;
use crate::service::triage::RETRY_MINUTES_MAX;

/// Offered pauses at most: a telephone shows no more at once.
const RETRIES_MAX: usize = 12;

impl Reader<'_> {
    fn address(&mut self) -> Option<String> {
        let address = self.text("public_address").trim_end_matches('/').to_owned();
        let host = address
            .strip_prefix("https://")
            .or_else(|| address.strip_prefix("http://"));
        let plain = self.parse("public_plain_http", "true or false")?;
        if host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', '?', '#'])) {
            if http_client::check(&address, plain) == Err(BadAddress::Plain) {
                self.mistakes.push(format!(
                    "public_address: beyond this machine {address:?} would send passwords in clear; use https, or set public_plain_http"
                ));
                return None;
            }
            return Some(address);
        }
        self.mistakes.push(format!(
            "public_address: {address:?} is not like https://example.org"
        ));
        None
    }

    fn area_code(&mut self) -> Option<AreaCode> {
        let text = self.text("phone_area_code");
        let code = AreaCode::read(&text);
        if code.is_none() && !text.is_empty() {
            self.mistakes.push(format!(
                "phone_area_code: {text:?} is no area code like 0513"
            ));
        }
        code
    }

    fn working_day(&mut self) -> Option<WorkingDay> {
        let starts = self.time("day_starts");
        let ends = self.end_time("day_ends");
        let night_due = self.time("night_due");
        let minutes = self.number("first_contact_minutes", 1..=1_440);
        let finish = self.number("finish_hours", 1..=720);
        let off_days_called = self.parse("off_days_called", "true or false");
        let day = WorkingDay {
            starts: starts?,
            ends: ends?,
            night_due: night_due?,
            first_contact: TimeDelta::minutes(i64::from(minutes?)),
            finish: TimeDelta::hours(i64::from(finish?)),
            off_days_called: off_days_called?,
        };
        if day.is_sound() {
            return Some(day);
        }
        self.mistakes
            .push("day_starts, night_due and day_ends must follow each other".to_owned());
        None
    }

    /// The choices, in the order of the setting.
    fn retries(&mut self) -> Vec<u32> {
        let text = self.text("retry_minutes");
        let known = text.split(',').map(|word| {
            let minutes = word.trim().parse().ok();
            minutes.filter(|minutes| (1..=RETRY_MINUTES_MAX).contains(minutes))
        });
        let known: Option<Vec<u32>> = known.collect();
        let few = known.filter(|known| known.len() <= RETRIES_MAX);
        if few.is_none() {
            self.mistakes.push(format!(
                "retry_minutes: {text:?} is not {RETRIES_MAX} numbers at most, like 30,60, from 1 to {RETRY_MINUTES_MAX}"
            ));
        }
        few.unwrap_or_default()
    }

    fn wording(&self, name: &str) -> Wording {
        Wording {
            zh: self.text(name),
            en: self.text(&format!("{name}_en")),
        }
    }

    fn campaign(&mut self) -> Campaign {
        let (starts, ends) = (self.day("campaign_starts"), self.day("campaign_ends"));
        let mut asked = Vec::new();
        for word in self.text("form_fields").split(',').map(str::trim) {
            match OPTIONAL.into_iter().find(|field| field.code() == word) {
                Some(field) => asked.push(field),
                None if word.is_empty() => {}
                None => self
                    .mistakes
                    .push(format!("form_fields: {word:?} is no optional field")),
            }
        }
        let campaign = Campaign {
            city: self.wording("city_short_name"),
            legal_basis: self.wording("legal_basis"),
            notice: self.wording("notice"),
            notice_version: self.text("notice_version"),
            asked,
            starts,
            ends,
        };
        if campaign
            .starts
            .zip(campaign.ends)
            .is_some_and(|(starts, ends)| ends < starts)
        {
            self.mistakes
                .push("campaign_ends is before campaign_starts".to_owned());
        }
        campaign
    }

    pub(super) fn rules(&mut self) -> Option<Rules> {
        let public_address = self.address();
        let upper_case_codes = self.parse("upper_case_codes", "true or false");
        let code_length = self.number("code_length", 5..=8);
        let unknown_codes_address = self.number("unknown_codes_address", 1..=1_000_000);
        let unknown_codes = self.number("unknown_codes", 1..=1_000_000);
        let phone_area_code = self.area_code();
        let working_day = self.working_day();
        let days_off = self.parse("days_off", "weekdays like Sat,Sun, and not all of them");
        let escalate = self.number("escalate_minutes", 1..=10_080);
        let grace = self.number("escalate_grace_minutes", 0..=1_440);
        let campaign = self.campaign();
        let site_checked = self.number("site_checked_days", 1..=3_650);
        let refusals_max = self.number("refusals_max", 0..=9);
        let status_tries = self.number("status_tries", 1..=100);
        let status_tries_address = self.number("status_tries_address", 1..=100_000);
        let window = self.number("status_window_minutes", 1..=1_440);
        let trusted_proxies = self.networks("trusted_proxies");
        let duplicate = self.number("duplicate_hours", 0..=720);
        let fewest = u32::try_from(FOLD_MIN).unwrap_or(u32::MAX);
        let fold = self.number("fold_reports", fewest..=100_000);
        let retries = self.retries();
        let undo = self.number("undo_seconds", 0..=600);
        let intake_queue_max = self.number("intake_queue_max", 1..=1_000_000);
        let intake_wait = self.number("intake_wait_ms", 0..=60_000);
        let intake_batch_max = self.number("intake_batch_max", 1..=1_000);
        let patience = self.number("webhook_timeout_seconds", 1..=60);
        let retry_max = self.number("webhook_retry_max_seconds", 1..=86_400);
        let plain_http = self.parse("webhook_plain_http", "true or false");
        let webhook_networks = self.networks("webhook_networks");
        let sign_in_tries = self.number("sign_in_tries", 1..=100);
        let sign_in_tries_address = self.number("sign_in_tries_address", 1..=100_000);
        let sign_in_tries_login = self.number("sign_in_tries_login", 1..=100_000);
        let sign_in_window = self.number("sign_in_window_minutes", 1..=1_440);
        let first_password = self.number("first_password_days", 1..=3_650);
        let hours = self.number("session_hours", 1..=720);
        let password_memory_kib = self.number("password_memory_kib", 8..=1_048_576);
        let password_rounds = self.number("password_rounds", 1..=100);
        Some(Rules {
            public_address: public_address?,
            upper_case_codes: upper_case_codes?,
            code_length: code_length? as usize,
            unknown_codes_address: unknown_codes_address?,
            unknown_codes: unknown_codes?,
            phone_area_code,
            working_day: working_day?,
            days_off: days_off?,
            escalate_after: TimeDelta::minutes(i64::from(escalate?)),
            escalate_grace: TimeDelta::minutes(i64::from(grace?)),
            campaign,
            site_checked_days: u64::from(site_checked?),
            refusals_max: u16::try_from(refusals_max?).unwrap_or(u16::MAX),
            status_tries: status_tries?,
            status_tries_address: status_tries_address?,
            status_window: TimeDelta::minutes(i64::from(window?)),
            trusted_proxies,
            duplicate: TimeDelta::hours(i64::from(duplicate?)),
            fold_from: fold? as usize,
            retries,
            undo: TimeDelta::seconds(i64::from(undo?)),
            intake_queue_max: intake_queue_max? as usize,
            intake_wait: Duration::from_millis(u64::from(intake_wait?)),
            intake_batch_max: intake_batch_max? as usize,
            webhook_patience: Duration::from_secs(u64::from(patience?)),
            webhook_retry_max: TimeDelta::seconds(i64::from(retry_max?)),
            webhook_plain_http: plain_http?,
            webhook_networks,
            sign_in_tries: sign_in_tries?,
            sign_in_tries_address: sign_in_tries_address?,
            sign_in_tries_login: sign_in_tries_login?,
            sign_in_window: TimeDelta::minutes(i64::from(sign_in_window?)),
            first_password: TimeDelta::days(i64::from(first_password?)),
            session: TimeDelta::hours(i64::from(hours?)),
            password_memory_kib: password_memory_kib?,
            password_rounds: password_rounds?,
        })
    }
}
