//! The measurement that both live benches share: reading connections and the time of each arrival.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Reports of one run.
pub(crate) const REPORTS: usize = 100;
/// The time between two reports.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);

/// The number of an entry and the time of its arrival.
type Arrival = (i64, Instant);

/// The median and the slow end of a measured time.
pub(crate) struct Spread {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// All reading connections, and the time that each event took to reach them.
pub(crate) struct Arrivals {
    sender: mpsc::UnboundedSender<Arrival>,
    arrived: mpsc::UnboundedReceiver<Arrival>,
    readers: Vec<JoinHandle<()>>,
    took: Vec<Duration>,
}

impl Arrivals {
    pub(crate) fn new() -> Self {
        let (sender, arrived) = mpsc::unbounded_channel();
        let (readers, took) = (Vec::new(), Vec::new());
        Self {
            sender,
            arrived,
            readers,
            took,
        }
    }

    /// Reads this connection from now on.
    pub(crate) fn reads(&mut self, line: TcpStream) {
        let reader = read(line, self.sender.clone());
        self.readers.push(tokio::spawn(reader));
    }

    /// Waits until every connection has this event.
    pub(crate) async fn have(&mut self, nth: usize, since: Instant) {
        for _ in 0..self.readers.len() {
            let (seq, at) = self.arrived.recv().await.unwrap();
            assert_eq!(usize::try_from(seq).unwrap(), nth);
            self.took.push(at.saturating_duration_since(since));
        }
    }

    /// Waits until all connections have ended.
    pub(crate) async fn end(mut self) -> Spread {
        for reader in self.readers {
            reader.await.unwrap();
        }
        self.took.sort_unstable();
        let at = |share: usize| self.took[self.took.len() * share / 100].as_secs_f64() * 1e3;
        Spread {
            p50_ms: at(50),
            p99_ms: at(99),
        }
    }
}

/// Says when each entry arrived. The reader keeps no bytes between two entries, so that the measured
/// memory is the program's.
async fn read(mut stream: TcpStream, sender: mpsc::UnboundedSender<Arrival>) {
    while stream.readable().await.is_ok() {
        let Some(seqs) = entries(&stream) else { return };
        let at = Instant::now();
        for seq in seqs {
            if sender.send((seq, at)).is_err() {
                let _ = stream.read_to_end(&mut Vec::new()).await;
                return;
            }
        }
    }
}

/// The numbers of the entries that have come; none where the stream has ended. An entry is shorter
/// than a packet of loopback and is written at once, so that its beginning holds its number.
fn entries(stream: &TcpStream) -> Option<Vec<i64>> {
    let mut buffer = [0; 16 * 1024];
    match stream.try_read(&mut buffer) {
        Ok(0) => None,
        Ok(read) => {
            let text = String::from_utf8_lossy(&buffer[..read]);
            let entries = text.split("data: {\"queue\"").skip(1);
            let seq = |entry: &str| {
                let (_, seq) = entry.split_once("\"seq\":").unwrap();
                seq.split(',').next().unwrap().parse().unwrap()
            };
            Some(entries.map(seq).collect())
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Some(Vec::new()),
        Err(_) => None,
    }
}
