//! Where requests may go: to public addresses, and to the networks that a setting names. A name is
//! judged by the addresses that it has at the moment of the connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};

use ipnet::IpNet;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

/// Networks without public servers (IANA's registries of special addresses), and those that carry an
/// IPv4 address within an IPv6 one.
static CLOSED: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let networks = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fc00::/7",
        "fe80::/9",
        "ff00::/8",
    ];
    let read = |network: &str| network.parse().expect("a network as it is written");
    networks.into_iter().map(read).collect()
});

/// The address leads into a network that is closed to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address leads to this machine or into a private network (setting webhook_networks)")]
pub struct ClosedNetwork;

/// The closed networks that are open all the same.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenNetworks(Arc<[IpNet]>);

impl OpenNetworks {
    pub(super) fn of(networks: &[IpNet]) -> Self {
        Self(networks.into())
    }

    fn take(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let within = |networks: &[IpNet]| networks.iter().any(|known| known.contains(&address));
        !within(&CLOSED) || within(&self.0)
    }

    /// Judges an address that names no host but an address: no resolver is asked for it.
    pub(super) fn judge_literal(&self, url: &str) -> Result<(), ClosedNetwork> {
        match literal(url) {
            Some(address) if !self.take(address) => Err(ClosedNetwork),
            _ => Ok(()),
        }
    }

    /// Judges an address by what its host is now. A host that is not known is judged when it is.
    pub(super) async fn judge(&self, url: &str) -> Result<(), ClosedNetwork> {
        self.judge_literal(url)?;
        let host = host(url).filter(|_| literal(url).is_none());
        let Some(host) = host else { return Ok(()) };
        match lookup_host((host.as_str(), 0)).await {
            Ok(found) => self.judge_all(found).map(drop),
            Err(_) => Ok(()),
        }
    }

    /// One closed address closes the name: which of them a connection takes is not ours to choose.
    fn judge_all(
        &self,
        found: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, ClosedNetwork> {
        let found: Vec<SocketAddr> = found.collect();
        let all = found.iter().all(|address| self.take(address.ip()));
        all.then_some(found).ok_or(ClosedNetwork)
    }
}

impl Resolve for OpenNetworks {
    fn resolve(&self, name: Name) -> Resolving {
        let open = self.clone();
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let addresses: Addrs = Box::new(open.judge_all(found)?.into_iter());
            Ok(addresses)
        })
    }
}

fn host(url: &str) -> Option<String> {
    let url: Url = url.parse().ok()?;
    url.host_str().map(ToOwned::to_owned)
}

/// The address where the host is one. The parser has brought every spelling of it into one form.
fn literal(url: &str) -> Option<IpAddr> {
    host(url)?.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(open: &[&str], url: &str) -> bool {
        let open: Vec<IpNet> = open
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        OpenNetworks::of(&open).judge_literal(url).is_ok()
    }

    /// guarantee: A webhook goes to no machine of an inner network, unless a setting names the network
    #[test]
    fn inner_addresses_are_closed_in_every_spelling() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0.0.0.0/",
            "https://169.254.169.254/latest",
            "https://10.0.0.1/",
            "https://172.31.255.255/",
            "https://192.168.1.1/",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://[2002:a00:1::]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://255.255.255.255/",
        ] {
            assert!(!judged(&[], url), "{url}");
        }
        for url in [
            "https://203.0.113.9/",
            "https://172.32.0.1/",
            "https://[2400::1]/",
        ] {
            assert!(judged(&[], url), "{url}");
        }
        assert!(judged(&["10.1.0.0/16"], "https://10.1.2.3/"));
        assert!(!judged(&["10.1.0.0/16"], "https://10.2.2.3/"));
        assert!(judged(&["10.1.0.0/16"], "https://[::ffff:10.1.2.3]/"));
    }

    #[tokio::test]
    async fn names_are_judged_by_their_addresses() {
        let closed = OpenNetworks::default();
        assert_eq!(
            closed.judge("http://localhost:9/").await,
            Err(ClosedNetwork)
        );
        let own = ["127.0.0.0/8", "::1/128"].map(|network| network.parse().unwrap());
        let open = OpenNetworks::of(&own);
        assert_eq!(open.judge("http://localhost:9/").await, Ok(()));
        let mixed = ["203.0.113.9:0", "10.0.0.1:0"].map(|address| address.parse().unwrap());
        let mixed = closed.judge_all(mixed.into_iter());
        assert_eq!(mixed, Err(ClosedNetwork), "one of two is closed");
    }
}
