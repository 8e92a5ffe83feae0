//! Messages: signed JSON for programs, text for the robots of chat groups. They contain no name, no
//! telephone, no room and no note.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Secrets;
use super::signature::{dingtalk, standard};
use super::summary::Summary;
use crate::domain::report::ReportId;
use crate::domain::webhook::Kind;
use crate::http_client::Request;
use crate::service::App;
use crate::store::Error;
use crate::store::journal::Entry;
use crate::store::report::Row;
use crate::store::webhook::Webhook;

/// The longest text of a robot in bytes of UTF-8: the limit of 企业微信; that of 钉钉 is ten times
/// higher.
const TEXT_BYTES_MAX: usize = 2_048;

/// A webhook, and its address and secret in the clear.
#[derive(Clone, Copy)]
pub(super) struct Receiver<'a> {
    pub(super) webhook: &'a Webhook,
    pub(super) secrets: &'a Secrets,
}

/// The message for one entry, to a program. `row` is the present state of the report, if the report
/// is still within the webhook's area.
pub(super) fn entry(
    app: &App,
    to: Receiver<'_>,
    entry: &Entry,
    row: Option<&Row>,
) -> Result<Request, Error> {
    let (atlas, webhook) = (app.atlas(), to.webhook);
    let queue = atlas.tree.area_of(entry.queue);
    let id = format!("{}.{}", entry.queue.0, entry.seq);
    let report = row.map(|row| {
        json!({
            "number": row.number, "version": row.version, "status": row.status.code(),
            "outcome": row.outcome.map(crate::domain::triage::Outcome::code),
            "direction": row.direction.code(), "persons": row.persons,
            "channel": row.channel.code(), "received_at": row.received_at,
            "contact_due_at": row.contact_due_at,
            "finish_due_at": row.finish_due_at, "red": row.urgent, "unrouted": atlas.tree.is_unrouted(row.queue),
        })
    });
    let body = json!({
        "id": id, "webhook": webhook.id.0, "event": entry.event.code(), "at": entry.at,
        "seq": entry.seq, "version": entry.version, "report_id": entry.report.0, "report": report,
        "queue": {
            "id": entry.queue.0,
            "code": queue.map(|queue| queue.code.as_str()),
            "name": queue.map(|queue| queue.name_in(english(webhook))),
        },
    });
    signed(app, to.secrets, &id, &body)
}

/// A message with the headers of Standard Webhooks.
fn signed(app: &App, secrets: &Secrets, id: &str, body: &Value) -> Result<Request, Error> {
    let (second, body) = (app.clock.now().timestamp(), body.to_string());
    let signature = standard(&secrets.secret, id, second, &body);
    let unusable = || Error::Corrupt("webhook.secret is not one of Standard Webhooks".into());
    Ok(Request {
        address: secrets.address.clone(),
        headers: vec![
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", second.to_string()),
            ("webhook-signature", signature.ok_or_else(unusable)?),
        ],
        body,
    })
}

/// The message for several entries, to people.
pub(super) fn summary(app: &App, to: Receiver<'_>, summary: &Summary) -> Request {
    let (atlas, english) = (app.atlas(), english(to.webhook));
    let name = |queue| {
        let queue = atlas.tree.area_of(queue);
        queue.map_or_else(String::new, |queue| queue.name_in(english).to_owned())
    };
    let (head, page) = match (summary.morning, english) {
        (true, true) => (" Morning digest", "/staff/digest"),
        (true, false) => ("班前清单", "/staff/digest"),
        (false, _) => ("", "/staff"),
    };
    let words = |room| summary.words(name, english, room);
    robot(app, to, head, words, page)
}

/// The message of [`super::test`].
pub(super) fn test(app: &App, to: Receiver<'_>) -> Result<Request, Error> {
    let webhook = to.webhook;
    if webhook.kind == Kind::Generic {
        let body =
            json!({"id": "test", "webhook": webhook.id.0, "event": "test", "at": app.clock.now()});
        return signed(app, to.secrets, "test", &body);
    }
    let words = if english(webhook) {
        "This is a test message."
    } else {
        "这是一条测试消息。"
    };
    Ok(robot(app, to, "", |_| words.to_owned(), "/staff"))
}

/// A message of a chat robot. 企业微信 and 钉钉 take the same JSON: a title with `head`, the
/// `words` that fit into the remaining bytes, and the address of `page`. 钉钉 expects the
/// signature in the address.
fn robot(
    app: &App,
    to: Receiver<'_>,
    head: &str,
    words: impl FnOnce(usize) -> String,
    page: &str,
) -> Request {
    let Receiver { webhook, secrets } = to;
    let title = if english(webhook) {
        "[Mashang]"
    } else {
        "【码上报备】"
    };
    let (head, page) = (
        format!("{title}{head}\n"),
        format!("\n{}{page}", app.rules.public_address),
    );
    let room = TEXT_BYTES_MAX.saturating_sub(head.len() + page.len());
    let content = head + &words(room) + &page;
    let mut address = secrets.address.clone();
    if webhook.kind == Kind::DingTalk && !secrets.secret.is_empty() {
        let millis = app.clock.now().timestamp_millis();
        let mark = if address.contains('?') { '&' } else { '?' };
        address = format!("{address}{mark}{}", dingtalk(&secrets.secret, millis));
    }
    Request {
        address,
        headers: Vec::new(),
        body: json!({"msgtype": "text", "text": {"content": content}}).to_string(),
    }
}

/// Reads the answer of a robot. Its status is 200 in any case; `errcode` holds the error, for example
/// that there were too many messages.
///
/// # Errors
///
/// `errcode` if it is not 0, or that the answer is not that of a robot.
pub(super) fn robot_answer(answer: &str) -> Result<(), String> {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    match answer["errcode"].as_i64() {
        Some(0) => Ok(()),
        Some(code) => Err(format!("errcode {code}")),
        None => Err("not the answer of a robot".to_owned()),
    }
}

/// The rows of these entries, by their reports.
pub(super) fn by_report(rows: Vec<Row>) -> HashMap<ReportId, Row> {
    rows.into_iter().map(|row| (row.id, row)).collect()
}

fn english(webhook: &Webhook) -> bool {
    webhook.lang == "en"
}
