//! What is written to webhooks: signed JSON to programs, a few words to the robots of groups. No
//! name, no telephone, no room and no note, in neither.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::Secrets;
use crate::domain::area::AreaId;
use crate::domain::journal::Event;
use crate::domain::report::ReportId;
use crate::domain::webhook::Kind;
use crate::post::{Letter, dingtalk_signature, signature};
use crate::service::House;
use crate::store::journal::{Entry, Reds};
use crate::store::report::Row;
use crate::store::webhook::Webhook;

/// Lines of one message of a robot, each of a queue; the others are counted together.
const LINES_NAMED: usize = 12;

/// One entry as a program reads it. `row` is the report as it stands now, where it still lies
/// within the webhook's area.
pub(super) fn entry(
    house: &House,
    (webhook, secrets): (&Webhook, &Secrets),
    (entry, row): (&Entry, Option<&Row>),
) -> Letter {
    let atlas = house.atlas();
    let queue = atlas.tree.get(entry.area);
    let id = format!("{}.{}", entry.area.0, entry.seq);
    let report = row.map(|row| {
        json!({
            "number": row.number, "version": row.version, "status": row.status.code(),
            "outcome": row.outcome.map(crate::domain::triage::Outcome::code),
            "direction": row.direction.code(), "persons": row.persons,
            "channel": row.channel.code(), "received_at": row.received_at,
            "contact_due_at": row.contact_due_at,
            "finish_due_at": row.finish_due_at, "red": row.red, "unrouted": atlas.tree.is_unrouted(row.queue),
        })
    });
    let body = json!({
        "id": id, "webhook": webhook.id.0, "event": entry.event.code(), "at": entry.at,
        "seq": entry.seq, "version": entry.version, "report_id": entry.report.0, "report": report,
        "queue": {
            "id": entry.area.0,
            "code": queue.map(|queue| queue.code.as_str()),
            "name": queue.map(|queue| queue.name_in(english(webhook))),
        },
    });
    signed(house, secrets, (&id, &body))
}

fn signed(house: &House, secrets: &Secrets, (id, body): (&str, &Value)) -> Letter {
    let (second, body) = (house.clock.now().timestamp(), body.to_string());
    let signature = signature(&secrets.secret, second, &body);
    Letter {
        address: secrets.address.clone(),
        headers: vec![
            ("mashang-id", id.to_owned()),
            ("mashang-timestamp", second.to_string()),
            ("mashang-signature", format!("v1={signature}")),
        ],
        body,
    }
}

/// What a message says of one queue.
#[derive(Default)]
struct Line<'a> {
    counts: Vec<(Event, usize)>,
    /// The rules that marked what is counted; none where it is not red.
    rules: BTreeSet<&'a str>,
}

impl Line<'_> {
    fn words(&self, queue: &str, english: bool) -> String {
        let (red, colon, comma) = match english {
            true => ("Red, ", ": ", ", "),
            false => ("红色 ", "：", "，"),
        };
        let red = if self.rules.is_empty() { "" } else { red };
        let counts: Vec<_> = (self.counts.iter())
            .map(|(event, count)| format!("{} {count}", noun(*event, english)))
            .collect();
        let rules: Vec<_> = self.rules.iter().copied().collect();
        let rules = match (rules.join(comma), english) {
            (rules, _) if rules.is_empty() => rules,
            (rules, true) => format!(" ({rules})"),
            (rules, false) => format!("（{rules}）"),
        };
        format!("{red}{queue}{colon}{}{rules}", counts.join(comma))
    }
}

/// Several entries as people read them: for each queue how many of what; first what is red, and by
/// which rules.
pub(super) fn summary(
    house: &House,
    (webhook, secrets): (&Webhook, &Secrets),
    (entries, reds): (&[Entry], &Reds),
) -> Letter {
    let (atlas, english) = (house.atlas(), english(webhook));
    let mut lines: BTreeMap<(bool, AreaId), Line> = BTreeMap::new();
    for entry in entries {
        let rule = reds.rule(entry);
        let line = lines.entry((rule.is_none(), entry.area)).or_default();
        line.rules.extend(rule);
        let counts = &mut line.counts;
        match counts.iter_mut().find(|(event, _)| *event == entry.event) {
            Some((_, count)) => *count += 1,
            None => counts.push((entry.event, 1)),
        }
    }
    let named = lines.iter().take(LINES_NAMED).map(|((_, queue), line)| {
        let queue = atlas.tree.get(*queue).map(|queue| queue.name_in(english));
        line.words(queue.unwrap_or_default(), english)
    });
    let mut said: Vec<_> = named.collect();
    if let Some(more) = lines
        .len()
        .checked_sub(LINES_NAMED)
        .filter(|more| *more > 0)
    {
        said.push(match english {
            true => format!("and {more} more queues"),
            false => format!("另有 {more} 个队列"),
        });
    }
    robot(house, (webhook, secrets), &said.join("\n"))
}

/// A message that says that it is a trial.
pub(super) fn trial(house: &House, (webhook, secrets): (&Webhook, &Secrets)) -> Letter {
    if webhook.kind == Kind::Generic {
        let body = json!({"id": "test", "webhook": webhook.id.0, "event": "test", "at": house.clock.now()});
        return signed(house, secrets, ("test", &body));
    }
    let words = match english(webhook) {
        true => "This is a trial message.",
        false => "这是一条测试消息。",
    };
    robot(house, (webhook, secrets), words)
}

/// Both houses take the same words; one of them wants its signature in the address.
fn robot(house: &House, (webhook, secrets): (&Webhook, &Secrets), words: &str) -> Letter {
    let title = if english(webhook) {
        "[Mashang]"
    } else {
        "【码上报备】"
    };
    let content = format!("{title}\n{words}\n{}/staff", house.rules.public_address);
    let mut address = secrets.address.clone();
    if webhook.kind == Kind::DingTalk && !secrets.secret.is_empty() {
        let millis = house.clock.now().timestamp_millis();
        let mark = if address.contains('?') { '&' } else { '?' };
        address = format!(
            "{address}{mark}{}",
            dingtalk_signature(&secrets.secret, millis)
        );
    }
    Letter {
        address,
        headers: Vec::new(),
        body: json!({"msgtype": "text", "text": {"content": content}}).to_string(),
    }
}

/// Whether a robot took the message: it answers 200 either way and says in `errcode` what is
/// wrong, too many messages for one.
pub(super) fn robot_took(answer: &str) -> Result<(), String> {
    let said: Value = serde_json::from_str(answer).unwrap_or_default();
    match said["errcode"].as_i64() {
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

/// A kind of entry as something to count.
fn noun(event: Event, english: bool) -> &'static str {
    let say = |zh, en| if english { en } else { zh };
    match event {
        Event::Submitted => say("新报备", "new"),
        Event::Corrected => say("更正", "corrected"),
        Event::Withdrawn => say("撤回", "withdrawn"),
        Event::Accepted => say("签收", "taken"),
        Event::Assigned => say("指派", "assigned"),
        Event::Unreachable => say("联系不上", "unreachable"),
        Event::Closed => say("办结", "closed"),
        Event::Verified => say("核验", "verified"),
        Event::Invalidated => say("作废", "invalid"),
        Event::Reopened => say("重新打开", "reopened"),
        Event::Refused => say("退回", "refused"),
        Event::Transferred => say("转出", "transferred"),
        Event::Arrived => say("转入", "arrived"),
        Event::Merged => say("合并", "merged"),
        Event::Split => say("取消合并", "separated"),
        Event::Noted => say("记录", "notes"),
        Event::Revealed => say("查看联系方式", "looks at contact details"),
        Event::Undone => say("撤销", "undone"),
        Event::Escalated => say("超时提级", "overdue and told up"),
        Event::HandedOver => say("移交", "handed over"),
        Event::Released => say("交回队列", "put back"),
    }
}
