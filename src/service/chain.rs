//! Journals as chains: each entry carries a keyed hash over itself and the entry before it. A writer
//! of the database without the key can change nothing in a journal unnoticed. The end of a journal
//! can be cut off together with its head, so the heads are logged once a day, and [`verify`] compares
//! them.

use std::collections::BTreeMap;

use super::App;
use crate::domain::queue::QueueId;
use crate::seal::Keys;
use crate::store::journal::{self, Entry, Head, StoredEntry};
use crate::store::{Conn, Error, Snapshot, Tx};

/// Entries that are read at once.
const ENTRIES_MAX: u64 = 5_000;

/// Numbers the entries, chains them and appends them. Returns the new head of each queue.
pub(super) async fn append(
    tx: &Tx,
    keys: &Keys,
    entries: Vec<Entry>,
) -> Result<BTreeMap<QueueId, i64>, Error> {
    let counts = counts(&entries);
    let heads = journal::advance(tx, &counts).await?;
    let (chained, reached) = chain(keys, heads, &counts, entries)?;
    journal::append(tx, chained).await?;
    Ok(reached)
}

/// How many of the entries belong to each queue.
pub(super) fn counts(entries: &[Entry]) -> BTreeMap<QueueId, i64> {
    let mut counts = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry.queue).or_insert(0) += 1;
    }
    counts
}

/// Numbers and chains the entries behind `heads`, which were moved on by the [`counts`] of these entries.
/// Returns them with the new head of each queue.
pub(super) fn chain(
    keys: &Keys,
    mut heads: BTreeMap<QueueId, Head>,
    counts: &BTreeMap<QueueId, i64>,
    entries: Vec<Entry>,
) -> Result<(Vec<StoredEntry>, BTreeMap<QueueId, i64>), Error> {
    let reached = heads.iter().map(|(queue, head)| (*queue, head.seq));
    let reached = reached.collect();
    // From here on each head is the entry before the next one.
    for (queue, head) in &mut heads {
        head.seq -= counts.get(queue).copied().unwrap_or_default();
    }
    let mut chained = Vec::with_capacity(entries.len());
    for mut entry in entries {
        let head = heads.get_mut(&entry.queue).ok_or(Error::Missing)?;
        entry.seq = head.seq + 1;
        let mut stored = StoredEntry::of(entry);
        let detail = stored.detail.as_deref();
        stored.detail_hash = detail.map(|detail| hash_of_detail(keys, detail));
        stored.mac = link(keys, &head.mac, &stored);
        *head = Head {
            seq: stored.seq,
            mac: stored.mac.clone(),
        };
        chained.push(stored);
    }
    Ok((chained, reached))
}

fn hash_of_detail(keys: &Keys, detail: &str) -> Vec<u8> {
    keys.journal_mac(&[b"detail", detail.as_bytes()]).to_vec()
}

/// The hash of an entry that follows one with the hash `before`. The detail is covered by its own
/// hash, so that its erasure does not break the chain. Every part has a fixed length, or its length
/// before it.
fn link(keys: &Keys, before: &[u8], entry: &StoredEntry) -> Vec<u8> {
    let actor = entry.actor.map_or(-1, i64::from);
    let detail = entry.detail_hash.as_deref().unwrap_or_default();
    let numbers = [
        i64::from(entry.queue.0),
        entry.seq,
        i64::from(entry.version),
    ];
    let numbers = numbers.map(i64::to_be_bytes).concat();
    let parts: [&[u8]; 9] = [
        b"entry",
        &[u8::try_from(before.len()).unwrap_or(u8::MAX)],
        before,
        &numbers,
        entry.report.0.as_bytes(),
        &entry.at.timestamp_micros().to_be_bytes(),
        &actor.to_be_bytes(),
        &[u8::try_from(detail.len()).unwrap_or(u8::MAX)],
        detail,
    ];
    keys.journal_mac(&[&parts.concat(), entry.kind.as_bytes()])
        .to_vec()
}

/// Why a journal is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is changed, moved, or was not written by this program.
    #[error("entry {seq} of queue {queue} is not the one that was written")]
    Entry {
        /// The queue.
        queue: i32,
        /// The entry.
        seq: i64,
    },
    /// An entry is missing.
    #[error("entry {seq} of queue {queue} is missing")]
    Missing {
        /// The queue.
        queue: i32,
        /// The entry.
        seq: i64,
    },
    /// The detail of an entry is changed.
    #[error("the detail of entry {seq} of queue {queue} is not the one that was written")]
    Detail {
        /// The queue.
        queue: i32,
        /// The entry.
        seq: i64,
    },
    /// The head names another last entry.
    #[error("the head of queue {queue} does not belong to its last entry, {seq}")]
    Head {
        /// The queue.
        queue: i32,
        /// The last entry.
        seq: i64,
    },
    /// A head that was logged is not in the journal.
    #[error("queue {queue} had another entry {seq} when its head was logged, or has lost it")]
    Logged {
        /// The queue.
        queue: i32,
        /// The entry.
        seq: i64,
    },
}

/// The result of a verification.
#[derive(Debug, Default)]
pub struct Verified {
    /// Entries that were checked.
    pub entries: u64,
    /// The heads of all queues, to be kept outside of the database.
    pub heads: Vec<LoggedHead>,
    /// Everything that is not as it was written, in the order of queues and entries.
    pub broken: Vec<Broken>,
}

/// The head of a journal at some time, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LoggedHead {
    /// The queue.
    pub queue: i32,
    /// The last entry.
    pub seq: i64,
    /// Its hash, in hex.
    pub mac: String,
}

/// Reads every journal and checks each entry. `logged` are heads from before; each must still be an
/// entry of its journal. One entry that is wrong does not make the ones behind it wrong.
pub async fn verify(app: &App, logged: &[LoggedHead]) -> Result<Verified, Error> {
    let work = |conn: Conn| async move { journal::heads(&conn).await };
    let heads = app.db.read(work).await?;
    let mut verified = Verified::default();
    for queue in heads.keys() {
        let logged = logged.iter().filter(|known| known.queue == queue.0);
        let mut logged: Vec<_> = logged.collect();
        verify_queue(app, *queue, &mut logged, &mut verified).await?;
        let lost = logged.into_iter().map(|known| Broken::Logged {
            queue: queue.0,
            seq: known.seq,
        });
        verified.broken.extend(lost);
    }
    let gone = logged.iter().filter(|known| {
        let queue = QueueId(known.queue);
        !heads.contains_key(&queue)
    });
    verified.broken.extend(gone.map(|known| Broken::Logged {
        queue: known.queue,
        seq: known.seq,
    }));
    Ok(verified)
}

/// Checks one journal, and removes from `logged` the heads that it finds.
async fn verify_queue(
    app: &App,
    queue: QueueId,
    logged: &mut Vec<&LoggedHead>,
    verified: &mut Verified,
) -> Result<(), Error> {
    let (mut seq, mut mac) = (0, Vec::new());
    let head = loop {
        let from = seq;
        // The head of the same moment: reports may come in meanwhile.
        let work = move |at: Snapshot| async move {
            let entries = journal::stored_after(&at, queue, from, ENTRIES_MAX).await?;
            Ok::<_, Error>((entries, journal::heads(&at).await?))
        };
        let (entries, mut heads) = app.db.snapshot(work).await?;
        if entries.is_empty() {
            break heads.remove(&queue).unwrap_or_default();
        }
        for entry in entries {
            verified.entries += 1;
            for missing in seq + 1..entry.seq {
                verified.broken.push(Broken::Missing {
                    queue: queue.0,
                    seq: missing,
                });
            }
            let after_gap = entry.seq != seq + 1;
            seq = entry.seq;
            // Behind a gap the hash before is unknown; the gap itself is reported.
            if !after_gap && link(&app.keys, &mac, &entry) != entry.mac {
                verified.broken.push(Broken::Entry {
                    queue: queue.0,
                    seq,
                });
            }
            let detail = entry.detail.as_deref();
            let detail = detail.map(|detail| hash_of_detail(&app.keys, detail));
            if detail.is_some() && detail != entry.detail_hash {
                verified.broken.push(Broken::Detail {
                    queue: queue.0,
                    seq,
                });
            }
            mac = entry.mac;
            let hex = hex(&mac);
            logged.retain(|known| known.seq != seq || known.mac != hex);
        }
    };
    if head.seq != seq {
        verified.broken.push(Broken::Head {
            queue: queue.0,
            seq,
        });
    }
    verified.heads.push(LoggedHead {
        queue: queue.0,
        seq,
        mac: hex(&mac),
    });
    Ok(())
}

/// Logs the head of every journal, so that the log can tell later whether an end was cut off.
pub async fn log_heads(app: &App) -> Result<(), Error> {
    let work = |conn: Conn| async move { journal::heads(&conn).await };
    for (queue, head) in app.db.read(work).await? {
        tracing::info!(
            target: "mashang::journal",
            queue = queue.0,
            seq = head.seq,
            mac = hex(&head.mac),
            "journal head"
        );
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
