//! The index of telephones on SQLite: sorted runs.
//!
//! An index without an order in time writes a page of its own for each report. So the reports of many
//! batches are written together as a run: sorted by telephone, and at the end of the table. A search
//! looks into each run. While no report comes in, runs of one size are merged into one of the next
//! size, a few rows at a time, so that there are never many.

use rusqlite::Connection;
use rusqlite::params;
use uuid::Uuid;

use crate::store::Error;

/// Runs of one size that are merged into one of the next size.
pub(super) const FAN: u32 = 32;
/// Rows of each run that one step of a merge reads at most.
pub(super) const STEP_ROWS: u32 = 64;

const ADD_RUN: &str = "INSERT INTO phone_run (level) VALUES (?1) RETURNING run";
const FILL_RUN: &str = "INSERT INTO report_phone (run, phone_tag, report_id) \
     SELECT ?1, phone_tag, report_id FROM recent_report ORDER BY phone_tag, report_id";
const SOURCES: &str = "SELECT run, merged_into FROM phone_run WHERE merged_into IS NOT NULL";
const FULL_LEVEL: &str =
    "SELECT level FROM phone_run GROUP BY level HAVING COUNT(*) >= ?1 ORDER BY level";
const BEGIN_MERGE: &str = "UPDATE phone_run SET merged_into = ?1 \
     WHERE run IN (SELECT run FROM phone_run WHERE level = ?2 ORDER BY run LIMIT ?3)";
const FIRST_ROWS: &str = "SELECT phone_tag, report_id FROM report_phone WHERE run = ?1 \
     ORDER BY phone_tag, report_id LIMIT ?2";
const INSERT: &str = "INSERT INTO report_phone (run, phone_tag, report_id) VALUES (?1, ?2, ?3)";
const DELETE_UP_TO: &str =
    "DELETE FROM report_phone WHERE run = ?1 AND (phone_tag, report_id) <= (?2, ?3)";
const END_RUN: &str = "DELETE FROM phone_run WHERE run = ?1";

/// A row of a run. The order of rows is that of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Listed {
    phone_tag: Vec<u8>,
    report: Uuid,
}

/// Writes the recent reports as a run.
pub(super) fn add(tx: &Connection) -> Result<(), Error> {
    let run = add_run(tx, 0)?;
    tx.prepare_cached(FILL_RUN)?.execute([run])?;
    Ok(())
}

/// Takes one step of a merge: begins one where `fan` runs have the same size, or moves the first rows
/// of its runs, `step_rows` of each at most. Returns whether there was anything to do.
pub(super) fn merge(tx: &Connection, fan: u32, step_rows: u32) -> Result<bool, Error> {
    let mut sources = sources(tx)?;
    if sources.is_empty() {
        let level = tx
            .prepare_cached(FULL_LEVEL)?
            .query_map([fan], |row| row.get(0))?
            .next();
        let Some(level) = level.transpose()? else {
            return Ok(false);
        };
        begin(tx, level, fan)?;
        sources = self::sources(tx)?;
    }
    let mut moved = Vec::new();
    for (run, target) in &sources {
        let rows = first_rows(tx, *run, step_rows)?;
        match rows.last() {
            Some(last) => {
                let up_to = params![run, last.phone_tag, last.report];
                tx.prepare_cached(DELETE_UP_TO)?.execute(up_to)?;
            }
            None => drop(tx.prepare_cached(END_RUN)?.execute([run])?),
        }
        moved.extend(rows.into_iter().map(|row| (row, *target)));
    }
    // The first rows of all runs lie close together, and so do their pages in the target.
    moved.sort_unstable();
    let mut insert = tx.prepare_cached(INSERT)?;
    for (row, target) in moved {
        insert.execute(params![target, row.phone_tag, row.report])?;
    }
    Ok(true)
}

/// The runs that are being merged, each with the run that it is merged into.
fn sources(tx: &Connection) -> Result<Vec<(i64, i64)>, Error> {
    let mut sources = tx.prepare_cached(SOURCES)?;
    let rows = sources.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn begin(tx: &Connection, level: i64, fan: u32) -> Result<(), Error> {
    let target = add_run(tx, level + 1)?;
    tx.prepare_cached(BEGIN_MERGE)?
        .execute(params![target, level, fan])?;
    Ok(())
}

fn add_run(tx: &Connection, level: i64) -> Result<i64, Error> {
    Ok(tx
        .prepare_cached(ADD_RUN)?
        .query_row([level], |row| row.get(0))?)
}

fn first_rows(tx: &Connection, run: i64, step_rows: u32) -> Result<Vec<Listed>, Error> {
    let mut first = tx.prepare_cached(FIRST_ROWS)?;
    let rows = first.query_map(params![run, step_rows], |row| {
        Ok(Listed {
            phone_tag: row.get(0)?,
            report: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const TABLES: &str = "CREATE TABLE recent_report (report_id blob NOT NULL, phone_tag blob NOT NULL); \
         CREATE TABLE phone_run (run integer PRIMARY KEY, level integer NOT NULL, merged_into integer); \
         CREATE TABLE report_phone (run integer NOT NULL, phone_tag blob NOT NULL, \
         report_id blob NOT NULL, PRIMARY KEY (run, phone_tag, report_id)) WITHOUT ROWID";
    const FAN: u32 = 3;

    fn listed(db: &Connection) -> Vec<Listed> {
        let mut all = db
            .prepare("SELECT phone_tag, report_id FROM report_phone")
            .unwrap();
        let rows = all.query_map([], |row| {
            let (phone_tag, report) = (row.get(0)?, row.get(1)?);
            Ok(Listed { phone_tag, report })
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    fn runs(db: &Connection) -> i64 {
        db.query_row("SELECT COUNT(*) FROM phone_run", [], |row| row.get(0))
            .unwrap()
    }

    proptest! {
        /// guarantee: A merge of the index of telephones keeps each report once, at every step
        #[test]
        fn merges_keep_each_report_once_and_leave_few_runs(
            batches in prop::collection::vec(prop::collection::vec(0_u8..9, 1..12), 1..40),
            step_rows in 1_u32..5,
        ) {
            let db = Connection::open_in_memory().unwrap();
            db.execute_batch(TABLES).unwrap();
            let (mut expected, mut number) = (BTreeSet::new(), 0);
            for (nth, batch) in batches.iter().enumerate() {
                for phone in batch {
                    number += 1;
                    let row = Listed { phone_tag: vec![*phone; 2], report: Uuid::from_u128(number) };
                    db.execute("INSERT INTO recent_report VALUES (?1, ?2)", params![row.report, row.phone_tag])
                        .unwrap();
                    expected.insert(row);
                }
                add(&db).unwrap();
                db.execute("DELETE FROM recent_report", []).unwrap();
                // Merges go on while reports come in.
                for _ in 0..nth % 4 {
                    merge(&db, FAN, step_rows).unwrap();
                    let rows = listed(&db);
                    prop_assert_eq!(rows.len(), expected.len());
                    prop_assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), expected.clone());
                }
            }
            while merge(&db, FAN, step_rows).unwrap() {}
            prop_assert_eq!(listed(&db).into_iter().collect::<BTreeSet<_>>(), expected);
            // At most two of each size, and forty runs have four sizes.
            prop_assert!(runs(&db) <= 8, "{} runs", runs(&db));
        }
    }
}
