//! One batch: reports, their history, their numbers and the totals, in one transaction.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{Answer, Receipt, Submission};
use crate::domain::area::AreaId;
use crate::domain::journal::Event;
use crate::domain::number::Number;
use crate::domain::report::ReportId;
use crate::domain::totals::Count;
use crate::seal::Keys;
use crate::service::chain;
use crate::store::client_key::KeyHash;
use crate::store::{Error, Tx, client_key, journal, receipt_sequence, report, tally};

/// What a transaction has written: an answer for each job, in their order, and how far each
/// queue's history now reaches.
pub(super) struct Written {
    pub(super) answers: Vec<Answer>,
    pub(super) reached: BTreeMap<AreaId, i64>,
}

/// Writes the new reports of the batch, all of them or none, and answers every submission.
pub(super) async fn write(
    tx: Tx,
    submissions: Arc<Vec<Submission>>,
    keys: Arc<Keys>,
) -> Result<Written, Error> {
    let Sorted {
        ids,
        before,
        mut fresh,
    } = sort(&tx, &submissions).await?;
    let stored: HashMap<ReportId, String> = number(&tx, &keys, &mut fresh).await?;
    let reached = write_fresh(&tx, &keys, fresh).await?;
    let mut answered = HashSet::new();
    let answers = submissions.iter().zip(ids).map(|(submission, id)| {
        let (hash, earlier) = &before[&id];
        let number = stored.get(&id).unwrap_or(earlier).clone();
        let receipt = Receipt { report: id, number };
        let first = answered.insert(id);
        if *hash != submission.report.content_hash {
            Answer::Differs(receipt)
        } else if first && stored.contains_key(&id) {
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

/// The submissions of a batch, sorted into resends and new reports.
struct Sorted {
    /// The report that each submission stands for, in the order of the submissions.
    ids: Vec<ReportId>,
    /// The content hash of the first submission under each key, and the receipt number; empty where
    /// the report is not written yet.
    before: HashMap<ReportId, (Vec<u8>, String)>,
    /// The reports to write.
    fresh: Vec<Submission>,
}

/// Finds the submissions that are new reports. A client's own key leads to the report that was first
/// sent under it, in this batch or before.
async fn sort(tx: &Tx, submissions: &[Submission]) -> Result<Sorted, Error> {
    let keys: Vec<KeyHash> = (submissions.iter())
        .filter_map(|submission| submission.client_key)
        .collect();
    let mut claimed = client_key::known(tx, &keys).await?;
    let own = submissions.iter().map(|submission| submission.report.id);
    let ids: Vec<ReportId> = own.chain(claimed.values().copied()).collect();
    let known = report::known(tx, &ids).await?;
    let mut before: HashMap<ReportId, (Vec<u8>, String)> = known
        .into_iter()
        .map(|(id, known)| (id, (known.content_hash, known.number)))
        .collect();
    let (mut ids, mut fresh) = (Vec::with_capacity(submissions.len()), Vec::new());
    for submission in submissions {
        let own = submission.report.id;
        let id = match submission.client_key {
            Some(key) => *claimed.entry(key).or_insert(own),
            None => own,
        };
        if let Entry::Vacant(place) = before.entry(id) {
            place.insert((submission.report.content_hash.to_vec(), String::new()));
            fresh.push(submission.clone());
        }
        ids.push(id);
    }
    Ok(Sorted { ids, before, fresh })
}

/// Gives each report its receipt number, which counts up within its subdistrict's day.
async fn number(
    tx: &Tx,
    keys: &Keys,
    fresh: &mut [Submission],
) -> Result<HashMap<ReportId, String>, Error> {
    let mut wanted = BTreeMap::new();
    for submission in fresh.iter() {
        *wanted
            .entry((submission.subdistrict, submission.report.serial.0))
            .or_insert(0) += 1;
    }
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let mut last = receipt_sequence::reserve(tx, &wanted).await?;
    let mut numbers = HashMap::new();
    for submission in fresh.iter_mut().rev() {
        let day = submission.report.serial.0;
        let next = last
            .get_mut(&(submission.subdistrict, day))
            .ok_or(Error::Missing)?;
        let serial = u32::try_from(*next).unwrap_or_default();
        let number = Number::mint(&submission.prefix, day, serial, keys.numbers());
        submission.report.serial.1 = *next;
        number.as_str().clone_into(&mut submission.report.number);
        numbers.insert(submission.report.id, submission.report.number.clone());
        *next -= 1;
    }
    Ok(numbers)
}

/// Reports, journal entries and tallies, each in one statement.
async fn write_fresh(
    tx: &Tx,
    keys: &Keys,
    fresh: Vec<Submission>,
) -> Result<BTreeMap<AreaId, i64>, Error> {
    if fresh.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut counts: BTreeMap<tally::DayTallyKey, Count> = BTreeMap::new();
    for Submission { report, .. } in &fresh {
        let count = counts
            .entry((report.tally.0, report.tally_key()))
            .or_default();
        count.reports += 1;
        count.persons += i64::from(report.persons);
    }
    // In the order of arrival.
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
    let reached = chain::append(tx, keys, entries.collect()).await?;
    let client_keys = fresh.iter();
    let client_keys =
        client_keys.filter_map(|submission| Some((submission.client_key?, submission.report.id)));
    client_key::keep(tx, client_keys.collect()).await?;
    report::insert(
        tx,
        fresh
            .into_iter()
            .map(|submission| submission.report)
            .collect(),
    )
    .await?;
    tally::add(tx, counts).await?;
    Ok(reached)
}
