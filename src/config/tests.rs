//! Settings: what is read, and every mistake.

use super::*;

fn of(said: &[(&str, &str)]) -> Result<Config, Mistakes> {
    let said = said
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    Config::of(&said, Vec::new())
}

#[test]
fn every_default_is_right() {
    let config = of(&[]).unwrap();
    assert_eq!(config.rules.public_address, "http://localhost:8080");
}

#[test]
fn every_mistake_is_named_at_once() {
    let Mistakes(mistakes) = of(&[
        ("listen", "nowhere"),
        ("listne", "127.0.0.1:1"),
        ("code_length", "4"),
        ("day_starts", "7"),
        ("database", "mysql://secret"),
        ("public_address", "example.org"),
        ("campaign_ends", "tomorrow"),
        ("form_fields", "note,name"),
        ("retry_minutes", "30,soon"),
        ("fold_reports", "2"),
        ("escalate_grace_minutes", "later"),
    ])
    .unwrap_err();
    assert_eq!(mistakes.len(), 11, "{mistakes:?}");
    assert!(!mistakes.iter().any(|mistake| mistake.contains("secret")));
}

#[test]
fn a_file_holds_each_setting_as_one_value() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let said = |text: &str| {
        std::fs::write(file.path(), text).unwrap();
        from_file(file.path())
    };
    let text = "a = \"words\"\nb = 1_000\nc = true\nd = 07:30:00\ne = 2026-11-01\nf = 0.5";
    let found = said(text).unwrap();
    let values: Vec<&str> = found.values().map(String::as_str).collect();
    assert_eq!(
        values,
        ["words", "1000", "true", "07:30:00", "2026-11-01", "0.5"]
    );
    assert!(said("a = [1]").is_err());
    assert!(said("[a]\nb = 1").is_err());
    assert!(said("a").is_err());
}

#[test]
fn a_day_that_ends_before_it_begins_is_a_mistake() {
    assert!(of(&[("day_starts", "22:00"), ("day_ends", "07:00")]).is_err());
    let ends = |ends: &str| of(&[("day_ends", ends)]).is_ok();
    assert!(ends("24:00") && ends("02:00") && ends("00:00"));
    assert!(!ends("08:00") && !ends("25:00") && !ends("07:30"));
    let never_sleeps = [
        ("day_starts", "00:00"),
        ("night_due", "00:00"),
        ("day_ends", "24:00"),
    ];
    assert!(of(&never_sleeps).is_ok());
}

/// guarantee: Metrics leave this machine only with a token
#[test]
fn metrics_beyond_this_machine_need_a_token() {
    let metrics = |listen: &str, token: &str| {
        of(&[("metrics_listen", listen), ("metrics_token", token)]).is_ok()
    };
    let token = "t".repeat(TOKEN_CHARS_MIN);
    assert!(metrics("", "") && metrics("127.0.0.1:0", "") && metrics("[::1]:9180", ""));
    assert!(metrics("0.0.0.0:9180", &token) && !metrics("0.0.0.0:9180", ""));
    assert!(!metrics("10.0.0.1:9180", "") && !metrics("9180", "") && !metrics("", "short"));
}

#[test]
fn proxies_are_addresses_and_networks() {
    let proxies = |text: &str| of(&[("trusted_proxies", text)]).is_ok();
    assert!(proxies("") && proxies("10.0.0.1, 10.1.0.0/16,fd00::/8 ,2001:db8::1"));
    for wrong in [
        "0.0.0.0/0",
        "::/0",
        "10.0.0.0/33",
        "proxy",
        "10.0.0",
        "10.0.0.1:80",
    ] {
        assert!(!proxies(wrong), "{wrong}");
    }
}

/// guarantee: Beyond this machine pages need HTTPS, unless a setting allows them without
#[test]
fn plain_http_beyond_this_machine_is_a_mistake() {
    let public = |address: &str, plain: &str| {
        of(&[("public_address", address), ("public_plain_http", plain)]).is_ok()
    };
    assert!(public("http://localhost:8080", "false") && public("http://127.0.0.1", "false"));
    assert!(public("https://example.org", "false"));
    assert!(!public("http://10.0.0.9:8080", "false") && public("http://10.0.0.9:8080", "true"));
}

#[test]
fn an_area_code_is_one_of_a_city() {
    let code = |code: &str| of(&[("phone_area_code", code)]).is_ok();
    assert!(code("") && code("0513") && code("10"));
    assert!(!code("12") && !code("0513-8") && !code("abc"));
}
