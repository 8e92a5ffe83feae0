//! One batch: reports, their history, their numbers and the totals, in one transaction.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::{Answer, Receipt, Submission};
use crate::domain::area::AreaId;
use crate::domain::journal::Event;
use crate::domain::number::Number;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::totals::Count;
use crate::seal::Keys;
use crate::service::chain;
use crate::store::intake::{Found, IntakeTx, Lookup, Reserved, Rows, Wanted};
use crate::store::report::{Known, NewReport};
use crate::store::tally::DayTallyKey;
use crate::store::{Error, journal};

/// What a transaction has written: an answer for each job, in their order, and how far each
/// queue's history now reaches.
pub(super) struct Written {
    pub(super) answers: Vec<Answer>,
    pub(super) reached: BTreeMap<QueueId, i64>,
    /// The entries of the new reports, in the order of their submissions.
    pub(super) appended: Vec<Appended>,
}

/// The entry of a new report.
pub(super) struct Appended {
    /// Which submission of the batch it was.
    pub(super) submission: usize,
    /// The number of the entry in its queue's journal.
    pub(super) seq: i64,
}

/// Writes the new reports of the batch, all of them or none, and answers every submission.
pub(super) async fn write(
    tx: &IntakeTx<'_>,
    submissions: &mut [Submission],
    keys: &Keys,
) -> Result<Written, Error> {
    let found = tx.find(&lookup(submissions)).await?;
    let Sorted { sources, fresh } = sort(submissions, found);
    let (reached, appended) = write_fresh(tx, keys, submissions, &fresh).await?;
    let answers = sources.iter().enumerate().map(|(nth, source)| {
        let (content_hash, receipt, stored) = match source {
            Source::Stored(id, known) => {
                (&known.content_hash[..], receipt(*id, &known.number), false)
            }
            Source::Batch(first) => {
                let report = &submissions[*first].report;
                (
                    &report.content_hash[..],
                    receipt(report.id, &report.number),
                    *first == nth,
                )
            }
        };
        if content_hash != submissions[nth].report.content_hash {
            Answer::Differs(receipt)
        } else if stored {
            Answer::Stored(receipt)
        } else {
            Answer::Replayed(receipt)
        }
    });
    Ok(Written {
        answers: answers.collect(),
        reached,
        appended,
    })
}

/// The ids that pages brought may be known, and the keys of clients. The id that a client's report
/// would have was made for it just now.
fn lookup(submissions: &[Submission]) -> Lookup {
    let mut lookup = Lookup::default();
    for submission in submissions {
        match submission.report.client_key {
            Some(key) => lookup.keys.push(key),
            None => lookup.reports.push(submission.report.id),
        }
    }
    lookup
}

fn receipt(report: ReportId, number: &str) -> Receipt {
    Receipt {
        report,
        number: number.to_owned(),
    }
}

/// Where the report that a submission stands for is.
enum Source {
    /// It was stored before.
    Stored(ReportId, Known),
    /// It is the report of this submission of the batch.
    Batch(usize),
}

/// The submissions of a batch, sorted into resends and new reports.
struct Sorted {
    /// Where the report of each submission is, in the order of the submissions.
    sources: Vec<Source>,
    /// The submissions that are new reports.
    fresh: Vec<usize>,
}

/// Finds the submissions that are new reports. A client's own key leads to the report that was first
/// sent under it, in this batch or before.
fn sort(submissions: &[Submission], found: Found) -> Sorted {
    let Found { mut claimed, known } = found;
    let mut first: HashMap<ReportId, usize> = HashMap::with_capacity(submissions.len());
    let mut sorted = Sorted {
        sources: Vec::with_capacity(submissions.len()),
        fresh: Vec::with_capacity(submissions.len()),
    };
    for (nth, submission) in submissions.iter().enumerate() {
        let own = submission.report.id;
        let id = match submission.report.client_key {
            Some(key) => *claimed.entry(key).or_insert(own),
            None => own,
        };
        sorted.sources.push(match known.get(&id) {
            Some(known) => Source::Stored(id, known.clone()),
            None => Source::Batch(*first.entry(id).or_insert_with(|| {
                sorted.fresh.push(nth);
                nth
            })),
        });
    }
    sorted
}

/// Writes the new reports with their receipt numbers, journal entries and totals. Returns the new
/// head of each queue, and the entries.
async fn write_fresh(
    tx: &IntakeTx<'_>,
    keys: &Keys,
    submissions: &mut [Submission],
    fresh: &[usize],
) -> Result<(BTreeMap<QueueId, i64>, Vec<Appended>), Error> {
    if fresh.is_empty() {
        return Ok((BTreeMap::new(), Vec::new()));
    }
    let entries = fresh.iter().map(|&nth| entry(&submissions[nth]).into());
    let entries: Vec<journal::StoredEntry> = entries.collect();
    let mut wanted = Wanted {
        entries: chain::counts(&entries),
        ..Wanted::default()
    };
    for &nth in fresh {
        *wanted
            .serials
            .entry(sequence(&submissions[nth]))
            .or_insert(0) += 1;
    }
    let Reserved { mut serials, heads } = tx.reserve(&wanted).await?;
    for &nth in fresh.iter().rev() {
        number(keys, &mut serials, &mut submissions[nth])?;
    }
    let (entries, reached) = chain::chain(keys, heads, &wanted.entries, entries)?;
    let appended = entries
        .iter()
        .zip(fresh)
        .map(|(entry, &submission)| Appended {
            submission,
            seq: entry.seq,
        });
    let appended = appended.collect();
    let reports = fresh.iter().map(|&nth| &submissions[nth].report);
    let reports: Vec<&NewReport> = reports.collect();
    let counts = counts(&reports);
    tx.insert(Rows {
        entries,
        reports,
        counts,
    })
    .await?;
    Ok((reached, appended))
}

/// The journal entry of a new report.
pub(super) fn entry(Submission { report, actor, .. }: &Submission) -> journal::Entry {
    journal::Entry {
        queue: report.queue,
        seq: 0,
        report: report.id,
        event: Event::Submitted,
        version: 1,
        at: report.received_at,
        actor: *actor,
        detail: None,
    }
}

/// The sequence in which a report is counted for its receipt number.
fn sequence(submission: &Submission) -> (AreaId, NaiveDate) {
    (submission.subdistrict, submission.report.serial.0)
}

/// Gives the report the last number of its sequence, and takes the number from there.
fn number(
    keys: &Keys,
    last: &mut BTreeMap<(AreaId, NaiveDate), i32>,
    submission: &mut Submission,
) -> Result<(), Error> {
    let next = last.get_mut(&sequence(submission)).ok_or(Error::Missing)?;
    let serial = u32::try_from(*next).unwrap_or_default();
    let (day, report) = (submission.report.serial.0, &mut submission.report);
    let number = Number::mint(&submission.prefix, day, serial, keys.numbers());
    report.serial.1 = *next;
    number.as_str().clone_into(&mut report.number);
    *next -= 1;
    Ok(())
}

/// What the reports add to the totals.
fn counts(reports: &[&NewReport]) -> BTreeMap<DayTallyKey, Count> {
    let mut counts: BTreeMap<DayTallyKey, Count> = BTreeMap::new();
    for report in reports {
        let count = counts
            .entry((report.tally.0, report.tally_key()))
            .or_default();
        count.reports += 1;
        count.persons += i64::from(report.persons);
    }
    counts
}
