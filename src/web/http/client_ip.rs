//! The address of the client, behind a proxy too.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The address of the client: the peer, or, if the peer is a trusted proxy, the last address that
/// the proxy names. None if the proxy names no address: its own address stands for no client.
pub(crate) fn client_ip(request: &HttpRequest, proxies: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    if !peer.is_loopback() && !proxies.contains(&peer) {
        return Some(peer);
    }
    let named = request.headers().get_all("x-forwarded-for").last()?;
    named.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    /// guarantee: Tries at receipt numbers are counted by number and by address, and a used-up
    /// window makes the next one longer
    #[test]
    fn only_a_proxy_of_ours_says_who_asks() {
        let proxies = ["192.0.2.1".parse().unwrap()];
        for (peer, named, asks) in [
            ("198.51.100.7:1", "203.0.113.9", Some("198.51.100.7")),
            (
                "192.0.2.1:1",
                "203.0.113.9, 203.0.113.10",
                Some("203.0.113.10"),
            ),
            ("127.0.0.1:1", "203.0.113.9", Some("203.0.113.9")),
            ("127.0.0.1:1", "nobody", None),
        ] {
            let request = TestRequest::default()
                .peer_addr(peer.parse().unwrap())
                .insert_header(("x-forwarded-for", named))
                .to_http_request();
            let asks: Option<IpAddr> = asks.map(|asks| asks.parse().unwrap());
            assert_eq!(client_ip(&request, &proxies), asks, "{peer} {named}");
        }
        let silent = TestRequest::default().peer_addr("127.0.0.1:1".parse().unwrap());
        assert_eq!(client_ip(&silent.to_http_request(), &proxies), None);
    }
}
