//! Days of the past: closed reports by the million, written straight into the tables of a database
//! that no program has open. They are copies of a real day's reports, with ids and times of their own.

use std::ops::Range;
use std::path::Path;

use chrono::{DateTime, Days, NaiveDate, SecondsFormat, TimeDelta};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, params, params_from_iter};

/// Runs of one size, at most: one more, and they are merged.
const RUNS_MAX: usize = 31;

/// The tables whose rows a day has, with the columns that make a copy another row.
const TABLES: [(&str, &[(&str, Change)]); 4] = [
    (
        "report",
        &[
            ("id", Change::Id),
            ("serial_day", Change::Day),
            ("travel_day", Change::Day),
            ("tally_day", Change::Day),
            ("received_at", Change::Time),
            ("contact_due_at", Change::Time),
            ("finish_due_at", Change::Time),
            ("status", Change::Closed),
            ("closed_at", Change::ClosedAt),
            ("phone_tag", Change::Random),
        ],
    ),
    (
        "journal_entry",
        &[
            ("seq", Change::Seq),
            ("report_id", Change::Id),
            ("at", Change::Time),
        ],
    ),
    ("receipt_sequence", &[("day", Change::Day)]),
    ("tally", &[("day", Change::Day), ("status", Change::Closed)]),
];

/// How a column of a copy differs.
#[derive(Clone, Copy)]
enum Change {
    Id,
    Day,
    Time,
    Closed,
    ClosedAt,
    Random,
    Seq,
}

/// The rows of the day that is copied.
struct Template {
    table: &'static str,
    insert: String,
    rows: Vec<Vec<Value>>,
    /// The changes, by the place of their column.
    changes: Vec<(usize, Change)>,
    received_at: Option<usize>,
}

/// Adds these days before the last one to the database in this folder. Each has as many reports.
pub(crate) fn add_days(folder: &Path, days: Range<u64>) {
    let mut db = Connection::open(folder.join("mashang.db")).unwrap();
    // A crash would cost a run of the bench and nothing else.
    db.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000")
        .unwrap();
    let templates = TABLES.map(|(table, changes)| template(&db, table, changes));
    let mut random = 0x9e37_79b9_7f4a_7c15;
    for day in days.clone() {
        let tx = db.transaction().unwrap();
        for template in &templates {
            copy(&tx, template, day, &mut random);
        }
        tx.execute(
            "INSERT INTO client_key (hash, report_id) SELECT randomblob(16), id FROM report \
             WHERE serial_day = ?1 AND serial % 2 = 0",
            [day_before(&tx, day)],
        )
        .unwrap();
        tx.commit().unwrap();
    }
    list_phones(&db, days);
    db.execute_batch("PRAGMA journal_mode = WAL").unwrap();
}

/// Lists the telephones as the writer has them after a while: in runs of three sizes.
fn list_phones(db: &Connection, days: Range<u64>) {
    let mut first = days.start;
    for (level, days_of_run) in [(2, 100), (1, 3), (0, 1)] {
        let mut runs = 0;
        while first + days_of_run <= days.end && runs < RUNS_MAX {
            let add = "INSERT INTO phone_run (level) VALUES (?1) RETURNING run";
            let run: i64 = db.query_row(add, [level], |row| row.get(0)).unwrap();
            let (latest, earliest) = (first, first + days_of_run - 1);
            db.execute(
                "INSERT INTO report_phone (run, phone_tag, report_id) SELECT ?1, phone_tag, id FROM report \
                 WHERE serial_day BETWEEN ?2 AND ?3 ORDER BY phone_tag, id",
                params![run, day_before(db, earliest), day_before(db, latest)],
            )
            .unwrap();
            first += days_of_run;
            runs += 1;
        }
    }
    assert_eq!(first, days.end);
}

/// The day so many days before the last one.
fn day_before(db: &Connection, days: u64) -> String {
    let last: String = db
        .query_row("SELECT MAX(day) FROM receipt_sequence", [], |row| {
            row.get(0)
        })
        .unwrap();
    let last: NaiveDate = last.parse().unwrap();
    (last - Days::new(days)).to_string()
}

fn template(db: &Connection, table: &'static str, changes: &[(&str, Change)]) -> Template {
    // Only the last day's rows: earlier runs have added days of their own, with negative numbers.
    let last_day = match table {
        "report" => "closed_at IS NULL",
        // The system queue is number zero.
        "journal_entry" => "seq > 0 AND queue_id > 0",
        _ => "day = (SELECT MAX(day) FROM receipt_sequence)",
    };
    let mut select = db
        .prepare(&format!("SELECT * FROM {table} WHERE {last_day}"))
        .unwrap();
    let columns: Vec<String> = select
        .column_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let read = |row: &Row<'_>| (0..columns.len()).map(|at| row.get(at)).collect();
    let rows = select.query_map([], read).unwrap().map(Result::unwrap);
    let place = |name: &str| columns.iter().position(|column| column == name);
    let marks = vec!["?"; columns.len()].join(", ");
    Template {
        table,
        insert: format!(
            "INSERT INTO {table} ({}) VALUES ({marks})",
            columns.join(", ")
        ),
        changes: changes
            .iter()
            .map(|(name, change)| (place(name).unwrap(), *change))
            .collect(),
        received_at: place("received_at"),
        rows: rows.collect(),
    }
}

fn copy(tx: &Transaction<'_>, template: &Template, day: u64, random: &mut u64) {
    let mut insert = tx.prepare_cached(&template.insert).unwrap();
    // A closed report has an entry for its receipt and one for its end.
    let entries = if template.table == "journal_entry" {
        2
    } else {
        1
    };
    for row in &template.rows {
        for entry in 0..entries {
            let mut copied = row.clone();
            for (at, change) in &template.changes {
                let received_at = template.received_at.map(|at| &row[at]);
                copied[*at] = changed(*change, &row[*at], received_at, day, entry, random);
            }
            insert.execute(params_from_iter(copied)).unwrap();
        }
    }
}

fn changed(
    change: Change,
    value: &Value,
    received_at: Option<&Value>,
    day: u64,
    entry: i64,
    random: &mut u64,
) -> Value {
    match (change, value) {
        (Change::Id, Value::Blob(id)) => Value::Blob(earlier_id(id, day)),
        (Change::Day, Value::Text(text)) => {
            let then: NaiveDate = text.parse().unwrap();
            Value::Text((then - Days::new(day)).to_string())
        }
        (Change::Time, Value::Text(text)) => Value::Text(earlier(text, day, 0)),
        (Change::Closed, _) => Value::Text("closed".into()),
        (Change::ClosedAt, _) => match received_at {
            Some(Value::Text(text)) => Value::Text(earlier(text, day, 60)),
            other => unreachable!("a report without a time of receipt: {other:?}"),
        },
        (Change::Random, _) => {
            let mut tag = Vec::new();
            for _ in 0..2 {
                *random ^= *random << 13;
                *random ^= *random >> 7;
                *random ^= *random << 17;
                tag.extend(random.to_be_bytes());
            }
            Value::Blob(tag)
        }
        // Before all that the day itself has.
        (Change::Seq, Value::Integer(seq)) => {
            let day = i64::try_from(day).unwrap();
            Value::Integer(2 * seq + entry - day * 2_000_000)
        }
        (_, other) => unreachable!("a column of another type: {other:?}"),
    }
}

fn earlier(text: &str, days: u64, minutes: i64) -> String {
    let then = DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    let then = then - Days::new(days) + TimeDelta::minutes(minutes);
    then.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// Ids begin with the milliseconds since 1970, six bytes.
fn earlier_id(id: &[u8], days: u64) -> Vec<u8> {
    let mut milliseconds = [0; 8];
    milliseconds[2..].copy_from_slice(&id[..6]);
    let then = u64::from_be_bytes(milliseconds) - days * 86_400_000;
    let mut earlier = id.to_vec();
    earlier[..6].copy_from_slice(&then.to_be_bytes()[2..]);
    earlier
}
