//! The address of the client, behind a proxy too.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

use crate::service::App;
use crate::service::proxies::{self, ProxyDoubt};

/// Headers in which proxies name clients.
const FORWARDING: [&str; 2] = ["x-forwarded-for", "forwarded"];

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    /// The client itself.
    Client(IpAddr),
    /// A proxy of ours or this machine, and the client that it names.
    Proxy(Option<IpAddr>),
    /// It names clients, and no setting names it. Within a private network it is taken for a proxy:
    /// its address stands for no client.
    Unknown(IpAddr),
}

/// The address of the client: the peer, or, if the peer is a trusted proxy, the last address that
/// the proxy names. None if that is not known, because the address of a proxy stands for no client:
/// limits by address then stand still, and do not shut all clients out together.
pub(crate) fn client_ip(request: &HttpRequest, app: &App) -> Option<IpAddr> {
    match peer(request, &app.rules.trusted_proxies)? {
        Peer::Client(address) => Some(address),
        Peer::Proxy(named) => {
            if named.is_none() {
                proxies::note(app, ProxyDoubt::SilentProxy, None);
            }
            named
        }
        Peer::Unknown(address) => Some(address).filter(|address| !is_private(*address)),
    }
}

/// Notes a peer that names clients although no setting names it.
pub(crate) fn note_unknown_proxy(request: &HttpRequest, app: &App) {
    if !is_forwarded(request.headers()) {
        return;
    }
    if let Some(Peer::Unknown(address)) = peer(request, &app.rules.trusted_proxies) {
        // A public address may be a client's, which is never logged.
        let shown = Some(address).filter(|address| is_private(*address));
        proxies::note(app, ProxyDoubt::UnknownProxy, shown);
    }
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(*name))
}

fn peer(request: &HttpRequest, proxies: &[IpNet]) -> Option<Peer> {
    let address = request.peer_addr()?.ip().to_canonical();
    let ours = address.is_loopback() || proxies.iter().any(|network| network.contains(&address));
    if ours {
        return Some(Peer::Proxy(named(request.headers())));
    }
    Some(match is_forwarded(request.headers()) {
        true => Peer::Unknown(address),
        false => Peer::Client(address),
    })
}

/// The last address of the header: the proxy itself has added it.
fn named(headers: &HeaderMap) -> Option<IpAddr> {
    let named = headers.get_all(FORWARDING[0]).last()?;
    named.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// Whether the address is one of a network of its own, where proxies are.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn proxies() -> Vec<IpNet> {
        let networks = ["192.0.2.0/24", "2001:db8:1::/48"];
        networks.map(|network| network.parse().unwrap()).into()
    }

    /// guarantee: Tries at receipt numbers are counted by number and by address, and a used-up
    /// window makes the next one longer
    /// guarantee: Forwarded addresses count only from this machine and from networks of trusted
    /// proxies
    #[test]
    fn only_a_proxy_of_ours_says_who_asks() {
        let client = |address: &str| Peer::Client(address.parse().unwrap());
        let proxy = |named: &str| Peer::Proxy(named.parse().ok());
        let unknown = |address: &str| Peer::Unknown(address.parse().unwrap());
        let two = "203.0.113.9, 203.0.113.10";
        for (at, header, named, found) in [
            ("198.51.100.7:1", "accept", "x", client("198.51.100.7")),
            (
                "198.51.100.7:1",
                "x-forwarded-for",
                two,
                unknown("198.51.100.7"),
            ),
            (
                "10.0.0.7:1",
                "forwarded",
                "for=203.0.113.9",
                unknown("10.0.0.7"),
            ),
            (
                "192.0.2.200:1",
                "x-forwarded-for",
                two,
                proxy("203.0.113.10"),
            ),
            ("192.0.3.1:1", "x-forwarded-for", two, unknown("192.0.3.1")),
            (
                "[2001:db8:1:2::3]:1",
                "x-forwarded-for",
                "2001:db8::9",
                proxy("2001:db8::9"),
            ),
            (
                "[2001:db8:2::3]:1",
                "x-forwarded-for",
                two,
                unknown("2001:db8:2::3"),
            ),
            (
                "[::ffff:192.0.2.9]:1",
                "x-forwarded-for",
                two,
                proxy("203.0.113.10"),
            ),
            (
                "127.0.0.1:1",
                "x-forwarded-for",
                "203.0.113.9",
                proxy("203.0.113.9"),
            ),
            ("127.0.0.1:1", "x-forwarded-for", "no address", proxy("")),
            ("127.0.0.1:1", "accept", "x", proxy("")),
        ] {
            let request = TestRequest::default()
                .peer_addr(at.parse().unwrap())
                .insert_header((header, named))
                .to_http_request();
            assert_eq!(peer(&request, &proxies()), Some(found), "{at} {named}");
        }
    }

    #[test]
    fn proxies_are_expected_in_networks_of_their_own() {
        let private = |address: &str| is_private(address.parse().unwrap());
        assert!(private("10.1.2.3") && private("172.16.0.1") && private("fd00::1"));
        assert!(!private("198.51.100.7") && !private("172.32.0.1") && !private("2001:db8::1"));
    }
}
