//! The table of all settings: names, defaults and meanings, and never how they are read.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What holds where nothing is said.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    setting(
        "listen",
        "127.0.0.1:8080",
        "address and port that the server listens on",
    ),
    setting(
        "public_address",
        "http://localhost:8080",
        "where residents and staff reach it; stands on placards",
    ),
    setting(
        "database",
        "sqlite:data/mashang.db",
        "`sqlite:<file>` or `postgres://user:password@host/name`",
    ),
    setting(
        "key_file",
        "data/master.key",
        "32 random bytes as hex; made when missing and the database is new",
    ),
    setting(
        "time_zone",
        "Asia/Shanghai",
        "the city's time zone, a name of the IANA list",
    ),
    setting(
        "upper_case_codes",
        "true",
        "upper-case addresses on placards, which make the smaller QR code",
    ),
    setting(
        "code_length",
        "5",
        "signs of a placard's code, check character included, 5 to 8",
    ),
    setting("day_starts", "07:30", "when calls may begin"),
    setting("day_ends", "22:00", "when quiet hours begin"),
    setting(
        "night_due",
        "09:00",
        "by when the night's reports have been called",
    ),
    setting(
        "first_contact_minutes",
        "120",
        "how long a report of the day may wait for the first call",
    ),
    setting(
        "finish_hours",
        "24",
        "how long a case may take from receipt to its end, days off not counted",
    ),
    setting(
        "days_off",
        "",
        "weekdays that are off, like `Sat,Sun`; holidays are imported",
    ),
    setting(
        "off_days_called",
        "false",
        "whether people are called on days off as on any other",
    ),
    setting(
        "escalate_minutes",
        "60",
        "how long a level that was told of an overdue report has before the next one is told",
    ),
    setting(
        "city_short_name",
        "",
        "what people call the city: `通` makes 返通 and 离通",
    ),
    setting("city_short_name_en", "", "the same in English pages"),
    setting(
        "campaign_starts",
        "",
        "first day on which reports are taken, `2022-09-01`; empty: at once",
    ),
    setting(
        "campaign_ends",
        "",
        "last day on which reports are taken; empty: no end",
    ),
    setting(
        "form_fields",
        "companions,proxy,identity,vehicle,note",
        "optional fields that are asked for, separated by commas",
    ),
    setting(
        "legal_basis",
        "",
        "the law or order that the campaign rests on, shown on the form",
    ),
    setting("legal_basis_en", "", "the same in English"),
    setting(
        "notice",
        "",
        "what people are told of their data, instead of the words of the program",
    ),
    setting("notice_en", "", "the same in English"),
    setting(
        "notice_version",
        "1",
        "edition of the notice, stored with each report",
    ),
    setting(
        "refusals_max",
        "2",
        "how often communities may refuse a report before the centre's ruling stands",
    ),
    setting(
        "status_tries",
        "5",
        "wrong tries at one receipt number within the window",
    ),
    setting(
        "status_tries_address",
        "60",
        "wrong tries from one address within the window",
    ),
    setting(
        "status_window_minutes",
        "15",
        "how long wrong tries at receipt numbers are remembered",
    ),
    setting(
        "trusted_proxies",
        "",
        "addresses of proxies, separated by commas, whose X-Forwarded-For is believed; this machine's own always is",
    ),
    setting(
        "duplicate_hours",
        "48",
        "how far apart two reports of one room and direction are probably the same",
    ),
    setting(
        "retry_minutes",
        "30,60,120,240,720,1440",
        "after how many minutes an unanswered call may be tried again, as the case offers it, separated by commas",
    ),
    setting(
        "undo_seconds",
        "10",
        "how long somebody may take their own last step back",
    ),
    setting(
        "intake_queue_max",
        "4096",
        "reports that may wait for the writer before the answer is 503",
    ),
    setting(
        "intake_batch_max",
        "512",
        "reports of one transaction at most; 1 means one transaction per report",
    ),
    setting(
        "database_connections_max",
        "4",
        "connections for reading (SQLite) or for everything (PostgreSQL)",
    ),
    setting(
        "busy_after_ms",
        "3000",
        "how long to wait for a lock or a connection before the answer is 503",
    ),
    setting(
        "workers",
        "0",
        "HTTP worker threads; 0 means one per processor",
    ),
    setting(
        "webhook_timeout_seconds",
        "10",
        "how long a webhook may take to answer",
    ),
    setting(
        "webhook_retry_max_seconds",
        "900",
        "the longest pause after failures of a webhook",
    ),
    setting(
        "webhook_plain_http",
        "false",
        "whether webhooks beyond this machine may do without TLS",
    ),
    setting(
        "sign_in_tries",
        "5",
        "wrong passwords for one account from one address within the window",
    ),
    setting(
        "sign_in_tries_address",
        "100",
        "wrong passwords from one address within the window, for all accounts that have not signed in from it before",
    ),
    setting(
        "sign_in_tries_login",
        "30",
        "wrong passwords for one account within five minutes, from all addresses that it has not signed in from before",
    ),
    setting(
        "sign_in_window_minutes",
        "15",
        "how long wrong passwords are remembered",
    ),
    setting("session_hours", "12", "how long a sign-in lasts"),
    setting(
        "password_memory_kib",
        "19456",
        "memory of one Argon2id hash",
    ),
    setting("password_rounds", "2", "rounds of one Argon2id hash"),
    setting(
        "metrics_token",
        "",
        "bearer token for /metrics; without one only this machine is answered",
    ),
    setting(
        "log",
        "info",
        "what is logged, as tracing's EnvFilter reads it",
    ),
    setting("log_format", "json", "`json` or `text`"),
];

const fn setting(name: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting {
        name,
        default,
        meaning,
    }
}
