//! One batch: reports, their history, their numbers and the totals, in one transaction.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Answer, Receipt, Submission};
use crate::domain::area::AreaId;
use crate::domain::journal::Event;
use crate::domain::number::Number;
use crate::domain::report::ReportId;
use crate::domain::totals::Count;
use crate::seal::Keys;
use crate::service::chain;
use crate::store::intake::{Found, IntakeTx, Lookup, Reserved, Rows, Wanted};
use crate::store::tally::DayTallyKey;
use crate::store::{Error, journal};

/// What a transaction has written: an answer for each job, in their order, and how far each
/// queue's history now reaches.
pub(super) struct Written {
    pub(super) answers: Vec<Answer>,
    pub(super) reached: BTreeMap<AreaId, i64>,
}

/// Writes the new reports of the batch, all of them or none, and answers every submission.
pub(super) async fn write(
    tx: &IntakeTx<'_>,
    submissions: &[Submission],
    keys: &Keys,
) -> Result<Written, Error> {
    let found = tx.find(&lookup(submissions)).await?;
    let mut sorted = sort(submissions, found);
    let reached = write_fresh(tx, keys, &mut sorted).await?;
    let mut answered = HashSet::new();
    let answers = submissions.iter().zip(sorted.ids).map(|(submission, id)| {
        let known = &sorted.known[&id];
        let receipt = Receipt {
            report: id,
            number: known.number.clone(),
        };
        if known.content_hash != submission.report.content_hash {
            Answer::Differs(receipt)
        } else if known.fresh && answered.insert(id) {
            Answer::Stored(receipt)
        } else {
            Answer::Replayed(receipt)
        }
    });
    Ok(Written {
        answers: answers.collect(),
        reached,
    })
}

/// The ids that pages brought may be known, and the keys of clients. The id that a client's report
/// would have was made for it just now.
fn lookup(submissions: &[Submission]) -> Lookup {
    let mut lookup = Lookup::default();
    for submission in submissions {
        match submission.client_key {
            Some(key) => lookup.keys.push(key),
            None => lookup.reports.push(submission.report.id),
        }
    }
    lookup
}

/// The report that a key stands for.
struct Known {
    content_hash: Vec<u8>,
    number: String,
    /// Whether this batch writes it.
    fresh: bool,
}

/// The submissions of a batch, sorted into resends and new reports.
struct Sorted {
    /// The report that each submission stands for, in the order of the submissions.
    ids: Vec<ReportId>,
    known: HashMap<ReportId, Known>,
    /// The reports to write.
    fresh: Vec<Submission>,
}

/// Finds the submissions that are new reports. A client's own key leads to the report that was first
/// sent under it, in this batch or before.
fn sort(submissions: &[Submission], found: Found) -> Sorted {
    let Found { mut claimed, known } = found;
    let known = known.into_iter().map(|(id, known)| {
        let known = Known {
            content_hash: known.content_hash,
            number: known.number,
            fresh: false,
        };
        (id, known)
    });
    let mut known: HashMap<ReportId, Known> = known.collect();
    let (mut ids, mut fresh) = (Vec::with_capacity(submissions.len()), Vec::new());
    for submission in submissions {
        let own = submission.report.id;
        let id = match submission.client_key {
            Some(key) => *claimed.entry(key).or_insert(own),
            None => own,
        };
        if let Entry::Vacant(place) = known.entry(id) {
            place.insert(Known {
                content_hash: submission.report.content_hash.to_vec(),
                number: String::new(),
                fresh: true,
            });
            fresh.push(submission.clone());
        }
        ids.push(id);
    }
    Sorted { ids, known, fresh }
}

/// Writes the new reports with their receipt numbers, journal entries and totals. Returns the new
/// head of each queue.
async fn write_fresh(
    tx: &IntakeTx<'_>,
    keys: &Keys,
    sorted: &mut Sorted,
) -> Result<BTreeMap<AreaId, i64>, Error> {
    let mut fresh = std::mem::take(&mut sorted.fresh);
    if fresh.is_empty() {
        return Ok(BTreeMap::new());
    }
    let entries = entries(&fresh);
    let mut wanted = Wanted {
        entries: chain::counts(&entries),
        ..Wanted::default()
    };
    for Submission {
        report,
        subdistrict,
        ..
    } in &fresh
    {
        *wanted
            .serials
            .entry((*subdistrict, report.serial.0))
            .or_insert(0) += 1;
    }
    let Reserved { serials, heads } = tx.reserve(&wanted).await?;
    number(keys, serials, &mut fresh)?;
    for Submission { report, .. } in &fresh {
        if let Some(known) = sorted.known.get_mut(&report.id) {
            known.number.clone_from(&report.number);
        }
    }
    let (entries, reached) = chain::chain(keys, heads, entries)?;
    let client_keys = fresh.iter();
    let client_keys =
        client_keys.filter_map(|submission| Some((submission.client_key?, submission.report.id)));
    let rows = Rows {
        entries,
        client_keys: client_keys.collect(),
        counts: counts(&fresh),
        reports: fresh
            .into_iter()
            .map(|submission| submission.report)
            .collect(),
    };
    tx.insert(rows).await?;
    Ok(reached)
}

/// A journal entry for each report, in the order of arrival.
fn entries(fresh: &[Submission]) -> Vec<journal::Entry> {
    let entries = fresh
        .iter()
        .map(|Submission { report, actor, .. }| journal::Entry {
            area: report.queue,
            seq: 0,
            report: report.id,
            event: Event::Submitted,
            version: 1,
            at: report.received_at,
            actor: *actor,
            detail: None,
        });
    entries.collect()
}

/// Gives each report its receipt number, which counts up within its subdistrict's day. `last` holds
/// the last serial of each.
fn number(
    keys: &Keys,
    mut last: BTreeMap<(AreaId, chrono::NaiveDate), i32>,
    fresh: &mut [Submission],
) -> Result<(), Error> {
    for submission in fresh.iter_mut().rev() {
        let day = submission.report.serial.0;
        let next = last
            .get_mut(&(submission.subdistrict, day))
            .ok_or(Error::Missing)?;
        let serial = u32::try_from(*next).unwrap_or_default();
        let number = Number::mint(&submission.prefix, day, serial, keys.numbers());
        submission.report.serial.1 = *next;
        number.as_str().clone_into(&mut submission.report.number);
        *next -= 1;
    }
    Ok(())
}

/// What the reports add to the totals.
fn counts(fresh: &[Submission]) -> BTreeMap<DayTallyKey, Count> {
    let mut counts: BTreeMap<DayTallyKey, Count> = BTreeMap::new();
    for Submission { report, .. } in fresh {
        let count = counts
            .entry((report.tally.0, report.tally_key()))
            .or_default();
        count.reports += 1;
        count.persons += i64::from(report.persons);
    }
    counts
}
