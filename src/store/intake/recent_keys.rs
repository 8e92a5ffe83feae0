//! Clients' keys on SQLite: the newest in the order of their coming, the others sorted.
//!
//! A key has no order in time, so each one would change a page of its own in a sorted table. A new key
//! goes to the end of `recent_key`, and the writer holds those keys in memory, where it finds them. Many
//! of them move into `client_key` together, in the order of that table and a few in each transaction, so
//! that each of its pages is written once for several keys.

use std::collections::HashMap;
use std::mem;

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::report::ReportId;
use crate::store::Error;
use crate::store::client_key::KeyHash;

const AMOUNTS: Amounts = Amounts {
    many: 1_024,
    too_many: 16_384,
    step: 512,
};

/// When keys move, and how many.
#[derive(Clone, Copy, Debug)]
struct Amounts {
    /// Recent keys from which on they move while no report comes in. Fewer are not worth a flush.
    many: usize,
    /// Recent keys from which on they move while reports come in.
    too_many: usize,
    /// Keys that one step moves while no report comes in.
    step: usize,
}

const RECENT: &str =
    "SELECT arrival, hash, report_id FROM recent_key WHERE arrival > ?1 ORDER BY arrival";
const SORTED: &str = "SELECT report_id FROM client_key WHERE hash = ?1";
const ADD: &str = "INSERT INTO recent_key (hash, report_id) VALUES (?1, ?2)";
// A crash may have ended a move half way: then some keys are in both tables, and move again.
const MOVE: &str = "INSERT OR IGNORE INTO client_key (hash, report_id) VALUES (?1, ?2)";
// The last row stays, so that arrivals count up for ever and every process sees what comes next.
const FORGET: &str = "DELETE FROM recent_key WHERE arrival <= ?1 \
     AND arrival < (SELECT MAX(arrival) FROM recent_key)";

/// The recent keys as the writer knows them. Everything here can be read again from the database, and
/// must be after a transaction that was not committed.
#[derive(Debug)]
pub(super) struct RecentKeys {
    amounts: Amounts,
    reports: HashMap<KeyHash, ReportId>,
    /// The last arrival that was read.
    seen: i64,
    moving: Option<Moving>,
}

impl Default for RecentKeys {
    fn default() -> Self {
        Self::with(AMOUNTS)
    }
}

/// Keys on their way into the sorted table.
#[derive(Debug)]
struct Moving {
    /// The arrivals that move: all up to this one.
    up_to: i64,
    keys: Vec<(KeyHash, ReportId)>,
    /// How many of them have moved.
    moved: usize,
}

impl RecentKeys {
    fn with(amounts: Amounts) -> Self {
        Self {
            amounts,
            reports: HashMap::new(),
            seen: 0,
            moving: None,
        }
    }

    /// The report that a key stands for. Right after [`RecentKeys::catch_up`].
    pub(super) fn report_of(
        &self,
        tx: &Connection,
        key: &KeyHash,
    ) -> Result<Option<ReportId>, Error> {
        if let Some(report) = self.reports.get(key) {
            return Ok(Some(*report));
        }
        let mut sorted = tx.prepare_cached(SORTED)?;
        let report = sorted.query_row([key], |row| row.get(0)).optional()?;
        Ok(report.map(ReportId))
    }

    /// Reads the keys that have come since, of this process and of others.
    pub(super) fn catch_up(&mut self, tx: &Connection) -> Result<(), Error> {
        let mut recent = tx.prepare_cached(RECENT)?;
        let mut rows = recent.query([self.seen])?;
        while let Some(row) = rows.next()? {
            self.reports.insert(row.get(1)?, ReportId(row.get(2)?));
            self.seen = row.get(0)?;
        }
        Ok(())
    }

    /// Adds new keys, and moves at least as many where there are too many.
    pub(super) fn add(
        &mut self,
        tx: &Connection,
        new: impl Iterator<Item = (KeyHash, ReportId)>,
    ) -> Result<(), Error> {
        let (mut add, mut added) = (tx.prepare_cached(ADD)?, 0);
        for (key, report) in new {
            add.execute(params![key, report.0])?;
            added += 1;
        }
        if added > 0 && (self.moving.is_some() || self.reports.len() > self.amounts.too_many) {
            // Faster than they come, so that a move ends.
            self.step(tx, 2 * added)?;
        }
        Ok(())
    }

    /// Moves some keys where there are many. Returns whether there was anything to do.
    pub(super) fn tidy(&mut self, tx: &Connection) -> Result<bool, Error> {
        self.catch_up(tx)?;
        let wanted = self.moving.is_some() || self.reports.len() > self.amounts.many;
        if wanted {
            self.step(tx, self.amounts.step)?;
        }
        Ok(wanted)
    }

    fn step(&mut self, tx: &Connection, keys: usize) -> Result<(), Error> {
        let mut moving = self.moving.take().unwrap_or_else(|| self.all());
        let from = moving.moved;
        moving.moved = moving.keys.len().min(from + keys);
        let mut insert = tx.prepare_cached(MOVE)?;
        for (key, report) in &moving.keys[from..moving.moved] {
            insert.execute(params![key, report.0])?;
        }
        if moving.moved < moving.keys.len() {
            self.moving = Some(moving);
            return Ok(());
        }
        tx.prepare_cached(FORGET)?.execute([moving.up_to])?;
        for (key, _) in mem::take(&mut moving.keys) {
            self.reports.remove(&key);
        }
        Ok(())
    }

    /// All that were read, in the order of the sorted table.
    fn all(&self) -> Moving {
        let keys = self.reports.iter().map(|(key, report)| (*key, *report));
        let mut keys: Vec<_> = keys.collect();
        keys.sort_unstable();
        Moving {
            up_to: self.seen,
            keys,
            moved: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const TABLES: &str = "CREATE TABLE recent_key (arrival integer PRIMARY KEY, hash blob NOT NULL, \
         report_id blob NOT NULL); \
         CREATE TABLE client_key (hash blob PRIMARY KEY, report_id blob NOT NULL) WITHOUT ROWID";
    const SMALL: Amounts = Amounts {
        many: 2,
        too_many: 8,
        step: 3,
    };

    /// What one of two processes does next.
    #[derive(Clone, Debug)]
    enum Act {
        Add(usize),
        AddInVain(usize),
        Tidy,
        TidyInVain,
        Restart,
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            (1..6_usize).prop_map(Act::Add),
            (1..6_usize).prop_map(Act::AddInVain),
            Just(Act::Tidy),
            Just(Act::TidyInVain),
            Just(Act::Restart),
        ]
    }

    fn key(number: u128) -> KeyHash {
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()
    }

    fn new(from: u128, count: usize) -> impl Iterator<Item = (KeyHash, ReportId)> {
        let numbers = from..from + count as u128;
        numbers.map(|number| (key(number), ReportId(Uuid::from_u128(number))))
    }

    fn in_a_transaction(db: &mut Connection, keys: &mut RecentKeys, act: &Act, from: u128) {
        let tx = db.transaction().unwrap();
        match act {
            Act::Add(count) | Act::AddInVain(count) => {
                keys.catch_up(&tx).unwrap();
                keys.add(&tx, new(from, *count)).unwrap();
            }
            _ => drop(keys.tidy(&tx).unwrap()),
        }
        if matches!(act, Act::Add(_) | Act::Tidy) {
            tx.commit().unwrap();
        } else {
            *keys = RecentKeys::with(SMALL);
        }
    }

    proptest! {
        /// guarantee: A client's key finds its report while keys are sorted, after a failed transaction
        /// and from another process
        #[test]
        fn moving_keys_are_found_by_each_process_at_every_step(
            acts in prop::collection::vec((any::<bool>(), act()), 1..60),
        ) {
            let mut db = Connection::open_in_memory().unwrap();
            db.execute_batch(TABLES).unwrap();
            let mut processes = [RecentKeys::with(SMALL), RecentKeys::with(SMALL)];
            let mut next = 1;
            for (which, act) in acts {
                let keys = &mut processes[usize::from(which)];
                match act {
                    Act::Restart => *keys = RecentKeys::with(SMALL),
                    _ => in_a_transaction(&mut db, keys, &act, next),
                }
                if let Act::Add(count) = act {
                    next += count as u128;
                }
                for keys in &mut processes {
                    keys.catch_up(&db).unwrap();
                    for number in 1..next {
                        let found = keys.report_of(&db, &key(number)).unwrap();
                        prop_assert_eq!(found, Some(ReportId(Uuid::from_u128(number))));
                    }
                    prop_assert_eq!(keys.report_of(&db, &key(next)).unwrap(), None);
                }
            }
            for keys in &mut processes {
                while keys.tidy(&db).unwrap() {}
            }
            let left = "SELECT COUNT(*) FROM recent_key";
            let left: i64 = db.query_row(left, [], |row| row.get(0)).unwrap();
            prop_assert!(left <= 3, "{} are left", left);
        }
    }
}
