//! Connections: how many the server holds, and which of them wait for their client.
//!
//! A client that sends slowly or never, or does not read, costs a connection. At a ceiling the server
//! ends the connection that has waited for its client longest, so that new ones get in: a phone that
//! sends a report waits for a moment, an attacker for long.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;
use tokio_util::sync::CancellationToken;

use crate::service::rate_limit::network;

/// The ceilings of a server.
#[derive(Clone, Debug)]
pub struct Ceilings {
    /// Connections in all.
    pub all: usize,
    /// Connections of one address that wait for a whole request. IPv6 counts by network.
    pub unfinished_per_address: usize,
    /// Proxies, whose address stands for many clients, have no ceiling of their own.
    pub proxies: Vec<IpNet>,
}

/// What a connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It waits for a whole request.
    Unfinished,
    /// It waits for the next request, or for its client to read an answer.
    Answered,
    /// A handler works on its request.
    Serving,
    /// It sends a stream.
    Streaming,
}

/// All connections of a server.
#[derive(Debug)]
pub struct Connections {
    ceilings: Ceilings,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// Counts what happens, so that the order of two numbers is the order in time.
    now: u64,
    open: HashMap<u64, Entry>,
    /// Connections that wait for their client: since when, and which.
    waiting: BTreeSet<(u64, u64)>,
    /// Of these, the unfinished ones by address.
    unfinished: HashMap<IpAddr, BTreeSet<(u64, u64)>>,
}

#[derive(Debug)]
struct Entry {
    peer: IpAddr,
    since: u64,
    ended: CancellationToken,
}

/// One connection. It leaves the table when the last clone of it is dropped.
#[derive(Clone, Debug)]
pub struct Connection(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    id: u64,
    phase: AtomicU8,
    ended: CancellationToken,
    connections: Arc<Connections>,
}

impl Connections {
    /// No connections, under these ceilings.
    pub fn new(ceilings: Ceilings) -> Self {
        Self {
            ceilings,
            table: Mutex::default(),
        }
    }

    /// Takes a new connection in. At a ceiling another connection ends; none where no connection
    /// waits for its client.
    pub fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Connection> {
        let peer = network(peer);
        let mut table = self.lock();
        if table.open.len() >= self.ceilings.all && !table.end_longest_waiting() {
            metrics::counter!("mashang_connections_refused_total").increment(1);
            return None;
        }
        let (id, ended) = (table.tick(), CancellationToken::new());
        let entry = Entry {
            peer,
            since: id,
            ended: ended.clone(),
        };
        table.open.insert(id, entry);
        table.wait(id, Phase::Unfinished);
        self.keep_to_ceiling(&mut table, peer);
        Some(Connection(Arc::new(Handle {
            id,
            phase: AtomicU8::new(Phase::Unfinished as u8),
            ended,
            connections: Arc::clone(self),
        })))
    }

    /// How many connections there are.
    pub fn open(&self) -> usize {
        self.lock().open.len()
    }

    /// Ends the unfinished connections of the address that are over the ceiling, the oldest first.
    fn keep_to_ceiling(&self, table: &mut Table, peer: IpAddr) {
        let proxies = &self.ceilings.proxies;
        if peer.is_loopback() || proxies.iter().any(|network| network.contains(&peer)) {
            return;
        }
        while let Some(unfinished) = table.unfinished.get(&peer)
            && unfinished.len() > self.ceilings.unfinished_per_address
            && let Some((_, oldest)) = unfinished.first().copied()
        {
            table.end(oldest);
        }
    }

    /// The table is whole at every instant, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    /// The connection waits for its client from now on.
    fn wait(&mut self, id: u64, phase: Phase) {
        self.stop_waiting(id);
        let now = self.tick();
        let Some(entry) = self.open.get_mut(&id) else {
            return;
        };
        entry.since = now;
        self.waiting.insert((now, id));
        if phase == Phase::Unfinished {
            self.unfinished
                .entry(entry.peer)
                .or_default()
                .insert((now, id));
        }
    }

    fn stop_waiting(&mut self, id: u64) {
        let Some(entry) = self.open.get(&id) else {
            return;
        };
        let place = (entry.since, id);
        self.waiting.remove(&place);
        if let Some(unfinished) = self.unfinished.get_mut(&entry.peer) {
            unfinished.remove(&place);
            if unfinished.is_empty() {
                self.unfinished.remove(&entry.peer);
            }
        }
    }

    /// Ends the connection that has waited longest. False where none waits.
    fn end_longest_waiting(&mut self) -> bool {
        match self.waiting.first().copied() {
            Some((_, id)) => self.end(id),
            None => false,
        }
    }

    /// Ends a connection. Its place is free at once; its socket closes a moment later.
    fn end(&mut self, id: u64) -> bool {
        self.stop_waiting(id);
        let Some(entry) = self.open.remove(&id) else {
            return false;
        };
        metrics::counter!("mashang_connections_ended_total").increment(1);
        entry.ended.cancel();
        true
    }
}

impl Connection {
    /// The whole request is there: the server is at work on it.
    pub fn serve(&self) {
        self.turn_to(Phase::Serving);
    }

    /// The answer is on its way.
    pub fn answer(&self) {
        self.turn_to(Phase::Answered);
    }

    /// The answer is a stream, which is silent for long and may be read slowly.
    pub fn stream(&self) {
        self.turn_to(Phase::Streaming);
    }

    /// Bytes of a request have come.
    pub(super) fn receive(&self) {
        if self.phase() == Phase::Answered as u8 {
            self.turn_to(Phase::Unfinished);
        }
    }

    pub(super) fn is_streaming(&self) -> bool {
        self.phase() == Phase::Streaming as u8
    }

    /// Is cancelled when the connection must end.
    pub(super) fn ended(&self) -> &CancellationToken {
        &self.0.ended
    }

    fn phase(&self) -> u8 {
        self.0.phase.load(Ordering::Relaxed)
    }

    fn turn_to(&self, phase: Phase) {
        let Handle {
            id, connections, ..
        } = &*self.0;
        if self.0.phase.swap(phase as u8, Ordering::Relaxed) == phase as u8 {
            return;
        }
        let mut table = connections.lock();
        match phase {
            Phase::Unfinished | Phase::Answered => table.wait(*id, phase),
            Phase::Serving | Phase::Streaming => table.stop_waiting(*id),
        }
        if phase == Phase::Unfinished
            && let Some(peer) = table.open.get(id).map(|entry| entry.peer)
        {
            connections.keep_to_ceiling(&mut table, peer);
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut table = self.connections.lock();
        table.stop_waiting(self.id);
        table.open.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(all: usize, unfinished_per_address: usize) -> Arc<Connections> {
        let proxies = vec!["192.0.2.99/32".parse().unwrap()];
        Arc::new(Connections::new(Ceilings {
            all,
            unfinished_per_address,
            proxies,
        }))
    }

    fn admit(connections: &Arc<Connections>, peer: &str) -> Connection {
        connections.admit(peer.parse().unwrap()).unwrap()
    }

    fn ended(all: &[Connection]) -> Vec<bool> {
        let ended = all.iter().map(|one| one.ended().is_cancelled());
        ended.collect()
    }

    /// guarantee: Slow clients do not keep others out
    #[test]
    fn at_the_ceiling_the_longest_waiting_connection_ends() {
        let connections = connections(4, 10);
        let all: Vec<_> = (0..4).map(|_| admit(&connections, "127.0.0.1")).collect();
        all[0].serve();
        all[1].stream();
        all[2].serve();
        all[2].answer();
        // Connection 3 has waited longer than connection 2, whose answer is younger.
        let new = admit(&connections, "192.0.2.1");
        assert_eq!(ended(&all), [false, false, false, true]);
        let newer = admit(&connections, "192.0.2.2");
        assert_eq!(ended(&all), [false, false, true, true]);
        new.serve();
        newer.serve();
        assert!(connections.admit("192.0.2.3".parse().unwrap()).is_none());
        assert_eq!(connections.open(), 4);
        drop(all);
        assert_eq!(connections.open(), 2);
    }

    /// guarantee: Slow clients do not keep others out
    #[test]
    fn address_over_its_ceiling_loses_its_oldest_unfinished_request() {
        let connections = connections(100, 2);
        let other = admit(&connections, "2001:db8:0:2::1");
        let all: Vec<_> = (1..=4)
            .map(|n| admit(&connections, &format!("2001:db8:0:1::{n}")))
            .collect();
        assert_eq!(ended(&all), [true, true, false, false]);
        // A served one does not count, and counts again with its next request.
        all[2].serve();
        let next = admit(&connections, "2001:db8:0:1::5");
        all[2].answer();
        assert_eq!(ended(&all), [true, true, false, false]);
        all[2].receive();
        assert_eq!(ended(&all), [true, true, false, true]);
        assert!(!other.ended().is_cancelled() && !next.ended().is_cancelled());
    }

    #[test]
    fn proxies_have_no_ceiling_of_their_own() {
        let connections = connections(100, 2);
        for peer in ["192.0.2.99", "127.0.0.1"] {
            let all: Vec<_> = (0..9).map(|_| admit(&connections, peer)).collect();
            assert!(!ended(&all).contains(&true), "{peer}");
        }
    }
}
