//! The address of this machine in its network.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// Where a packet would be sent to: an address for documentation (RFC 5737), which goes the way of
/// every other address, and a group in the own network (RFC 6762), for networks without a way out.
const BEYOND: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(224, 0, 0, 251)];

/// The address with which this machine speaks to its network; none without a network. Nothing is
/// sent: the system only chooses the way.
pub(super) fn own_address() -> Option<Ipv4Addr> {
    BEYOND.into_iter().find_map(|target| {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
        socket.connect((target, 9)).ok()?;
        match socket.local_addr().ok()?.ip() {
            IpAddr::V4(own) if !own.is_loopback() && !own.is_unspecified() => Some(own),
            _ => None,
        }
    })
}
