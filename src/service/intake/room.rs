//! Room in the writer's queue. Where there is none, a report waits only if its turn comes in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{OwnedPermit, Sender};
use tokio::time::timeout;

/// The part that the last batch has in the pace, as a divisor.
const SHARE_OF_LAST: u32 = 4;

/// How fast the writer takes reports.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Nanoseconds a report; 0 until a batch was written.
    per_report_ns: AtomicU32,
}

impl Pace {
    /// A batch of so many reports took so long.
    pub(super) fn wrote(&self, reports: usize, took: Duration) {
        let reports = u32::try_from(reports).unwrap_or(u32::MAX).max(1);
        let last = u32::try_from((took / reports).as_nanos()).unwrap_or(u32::MAX);
        let before = self.per_report_ns.load(Ordering::Relaxed);
        let now = match before {
            0 => last,
            _ => before - before / SHARE_OF_LAST + last / SHARE_OF_LAST,
        };
        self.per_report_ns.store(now.max(1), Ordering::Relaxed);
    }

    fn time_of(&self, reports: usize) -> Duration {
        let per_report = Duration::from_nanos(self.per_report_ns.load(Ordering::Relaxed).into());
        per_report.saturating_mul(u32::try_from(reports).unwrap_or(u32::MAX))
    }
}

/// The door to a queue that has room for so many.
#[derive(Debug)]
pub(super) struct Door<T> {
    queue: Sender<T>,
    pace: Arc<Pace>,
    /// How long one waits at most.
    patience: Duration,
    waiting: AtomicUsize,
}

impl<T> Door<T> {
    pub(super) fn new(queue: Sender<T>, pace: Arc<Pace>, patience: Duration) -> Self {
        Self {
            queue,
            pace,
            patience,
            waiting: AtomicUsize::new(0),
        }
    }

    /// Room in the queue. Those who wait get it in the order of their calls. None where the queue is
    /// closed, and where it will be full for longer than the patience: at once where the writer's pace
    /// and the number of those who wait say so.
    pub(super) async fn room(&self) -> Option<OwnedPermit<T>> {
        let queue = match self.queue.clone().try_reserve_owned() {
            Ok(room) => return Some(room),
            Err(TrySendError::Closed(_)) => return None,
            Err(TrySendError::Full(queue)) => queue,
        };
        let place = Place::last(&self.waiting);
        if self.pace.time_of(place.number) > self.patience {
            return None;
        }
        timeout(self.patience, queue.reserve_owned())
            .await
            .ok()?
            .ok()
    }

    /// How many the queue can still take.
    pub(super) fn capacity(&self) -> usize {
        self.queue.capacity()
    }
}

/// A place among those who wait. It is free again when this is dropped.
struct Place<'a> {
    waiting: &'a AtomicUsize,
    number: usize,
}

impl<'a> Place<'a> {
    fn last(waiting: &'a AtomicUsize) -> Self {
        let number = waiting.fetch_add(1, Ordering::Relaxed) + 1;
        Self { waiting, number }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(50);

    fn full(per_report: Duration) -> (Arc<Door<()>>, mpsc::Receiver<()>) {
        let (queue, taken) = mpsc::channel(1);
        queue.try_send(()).unwrap();
        let pace = Arc::new(Pace::default());
        pace.wrote(1, per_report);
        (Arc::new(Door::new(queue, pace, PATIENCE)), taken)
    }

    /// guarantee: A report waits for room in a full queue only where its turn comes in time
    #[tokio::test(start_paused = true)]
    async fn who_would_wait_too_long_is_refused_at_once() {
        let (door, mut taken) = full(Duration::from_millis(20));
        let begun = Instant::now();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let door = Arc::clone(&door);
                tokio::spawn(async move { (door.room().await, Instant::now()) })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(1)).await;
        taken.recv().await.unwrap();
        let mut seen = Vec::new();
        for one in waiting {
            let (room, at) = one.await.unwrap();
            seen.push((room, at - begun));
        }
        // The first has the room that became free, the second waits in vain, and the third is too many.
        let has_room = seen.iter().map(|(room, _)| room.is_some());
        assert_eq!(has_room.collect::<Vec<_>>(), [true, false, false]);
        assert!(seen[1].1 >= PATIENCE, "{seen:?}");
        assert_eq!(seen[2].1, Duration::ZERO, "{seen:?}");
        assert_eq!(door.waiting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_pace_follows_the_last_batches() {
        let pace = Pace::default();
        assert_eq!(pace.time_of(1_000), Duration::ZERO);
        pace.wrote(100, Duration::from_millis(4));
        assert_eq!(pace.time_of(1_000), Duration::from_millis(40));
        pace.wrote(100, Duration::from_millis(8));
        assert_eq!(pace.time_of(1_000), Duration::from_millis(50));
    }
}
