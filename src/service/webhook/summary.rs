//! Summaries: many entries in one message of a robot, within the limit of its platform. A line tells
//! for one queue how many entries of each kind there are. Urgent entries have a line of their own,
//! with the red rules that marked them. The first summary of a morning contains the digest.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::journal::Event;
use crate::domain::open_cases::NightCounts;
use crate::domain::queue::QueueId;
use crate::service::digest::Digest;
use crate::store::journal::Entry;

/// The longest line in bytes: the name of a rule may have any length.
const LINE_BYTES_MAX: usize = 240;

/// Counts of entries. Its size depends on the numbers of queues and rules, not of entries.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// By queue; `false` in the key marks the urgent line, which stands first.
    lines: BTreeMap<(bool, QueueId), Line>,
    /// Whether it is the first summary after a night with new reports.
    pub(super) morning: bool,
}

/// The line of one queue.
#[derive(Debug, Default)]
struct Line {
    night: Option<NightCounts>,
    counts: Vec<(Event, usize)>,
    /// The red rules that marked the counted reports; empty where they are not urgent.
    rules: BTreeSet<String>,
}

impl Summary {
    /// Counts one more entry. `rule` is the red rule that marked its report before the entry.
    pub(super) fn add(&mut self, entry: &Entry, rule: Option<&str>) {
        let line = self.lines.entry((rule.is_none(), entry.queue)).or_default();
        if let Some(rule) = rule.filter(|rule| !line.rules.contains(*rule)) {
            line.rules.insert(rule.to_owned());
        }
        let counts = &mut line.counts;
        match counts.iter_mut().find(|(event, _)| *event == entry.event) {
            Some((_, count)) => *count += 1,
            None => counts.push((entry.event, 1)),
        }
    }

    /// Adds the digest of the night. An empty digest makes the summary one like any other.
    pub(super) fn begin_with(&mut self, digest: &Digest) {
        self.morning = !digest.queues.is_empty();
        for (queue, night) in &digest.queues {
            self.lines.entry((true, *queue)).or_default().night = Some(*night);
        }
    }

    /// Whether it has no line.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The text: as many lines as fit into `room` bytes, and the number of the other queues.
    pub(super) fn words(
        &self,
        name: impl Fn(QueueId) -> String,
        english: bool,
        room: usize,
    ) -> String {
        let mut lines = self.lines.iter().peekable();
        let mut said = Vec::new();
        let mut left = room.saturating_sub(Self::ends(english, self.lines.len()).len());
        while let Some(((_, queue), line)) = lines.peek() {
            let line = cut(line.words(&name(*queue), english));
            let Some(rest) = left.checked_sub(line.len() + 1) else {
                break;
            };
            left = rest;
            said.push(line);
            lines.next();
        }
        let more: BTreeSet<QueueId> = lines.map(|((_, queue), _)| *queue).collect();
        said.join("\n") + &Self::ends(english, more.len())
    }

    /// The end of the text: what the lines leave out.
    fn ends(english: bool, more_queues: usize) -> String {
        match (more_queues, english) {
            (0, _) => String::new(),
            (more, true) => format!("\nand {more} more queues"),
            (more, false) => format!("\n另有 {more} 个队列"),
        }
    }
}

/// The night of one queue in words.
fn words_of(night: &NightCounts, english: bool) -> String {
    let say = |zh, en| if english { en } else { zh };
    let mut within = vec![format!("{} {}", say("待签收", "waiting"), night.waiting)];
    for (noun, count) in [
        (say("超时", "overdue"), night.overdue),
        (say("红色", "red"), night.urgent),
    ] {
        within.extend((count > 0).then(|| format!("{noun} {count}")));
    }
    let (reports, within) = (night.reports, within.join(comma(english)));
    match english {
        true => format!("last night {reports} ({within})"),
        false => format!("昨夜 {reports}（{within}）"),
    }
}

impl Line {
    fn words(&self, queue: &str, english: bool) -> String {
        let (red, colon) = match english {
            true => ("Red, ", ": "),
            false => ("红色 ", "："),
        };
        let red = if self.rules.is_empty() { "" } else { red };
        let mut said: Vec<_> = (self.night.iter())
            .map(|night| words_of(night, english))
            .collect();
        let counts = self.counts.iter();
        said.extend(counts.map(|(event, count)| format!("{} {count}", noun(*event, english))));
        let rules: Vec<_> = self.rules.iter().map(String::as_str).collect();
        let rules = match (rules.join(comma(english)), english) {
            (rules, _) if rules.is_empty() => rules,
            (rules, true) => format!(" ({rules})"),
            (rules, false) => format!("（{rules}）"),
        };
        format!("{red}{queue}{colon}{}{rules}", said.join(comma(english)))
    }
}

fn comma(english: bool) -> &'static str {
    if english { ", " } else { "，" }
}

/// The line, shortened to [`LINE_BYTES_MAX`].
fn cut(line: String) -> String {
    if line.len() <= LINE_BYTES_MAX {
        return line;
    }
    let end = line.floor_char_boundary(LINE_BYTES_MAX - '…'.len_utf8());
    format!("{}…", &line[..end])
}

/// The name of the kind of entry in a count.
fn noun(event: Event, english: bool) -> &'static str {
    let say = |zh, en| if english { en } else { zh };
    match event {
        Event::Submitted => say("新报备", "new"),
        Event::Corrected => say("修改", "corrected"),
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
        Event::Escalated => say("超时提级", "overdue and escalated"),
        Event::HandedOver => say("移交", "handed over"),
        Event::Released => say("交回队列", "put back"),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::report::ReportId;

    fn entry(queue: i32, event: Event) -> Entry {
        Entry {
            queue: QueueId(queue),
            seq: 1,
            report: ReportId(Uuid::nil()),
            event,
            version: 1,
            at: chrono::DateTime::UNIX_EPOCH,
            actor: None,
            detail: None,
        }
    }

    /// guarantee: A robot's message fits its platform's limit and says how many queues more there
    /// are
    #[test]
    fn summary_of_many_queues_keeps_its_byte_limit() {
        let mut summary = Summary::default();
        for queue in 1..=60 {
            summary.add(&entry(queue, Event::Submitted), None);
            summary.add(&entry(queue, Event::Arrived), Some("来自高风险地区"));
        }
        let name = |queue: QueueId| format!("第{}社区居民委员会", queue.0);
        for room in 100..3_000 {
            let words = summary.words(name, false, room);
            assert!(words.len() <= room, "{} of {room}", words.len());
        }
        for (english, room, said) in [(false, 2_000, 27), (false, 20_000, 120), (true, 700, 10)] {
            let words = summary.words(name, english, room);
            let lines = words.lines().filter(|line| line.contains("社区")).count();
            assert_eq!(lines, said, "{words}");
            let more = words.lines().last().unwrap();
            match (english, room) {
                (false, 2_000) => assert_eq!(more, "另有 60 个队列"),
                (true, _) => assert_eq!(more, "and 60 more queues"),
                (false, _) => assert!(more.starts_with("第60社区"), "{more}"),
            }
        }
    }

    #[test]
    fn urgent_lines_stand_first_and_leave_room_for_others() {
        let mut summary = Summary::default();
        summary.add(&entry(1, Event::Submitted), None);
        summary.add(&entry(2, Event::Submitted), Some(&"很".repeat(200)));
        let words = summary.words(|queue| format!("社区{}", queue.0), false, 400);
        let lines: Vec<_> = words.lines().collect();
        assert!(lines[0].starts_with("红色 社区2：新报备 1（很很") && lines[0].ends_with('…'));
        assert_eq!(lines[1..], ["社区1：新报备 1"]);
    }
}
