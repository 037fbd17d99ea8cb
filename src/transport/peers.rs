//! Who is at the other end: the address of the TCP connection, and how many sessions each address has.
//!
//! Behind a proxy that is the address of the proxy. What headers say of addresses is not looked at, as any client can send them.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Ipv6Addr},
};

use actix_socketio_actors::config::Limit;
use actix_web::HttpRequest;

/// The address from which a request comes; a Unix socket has none. An IPv4 address is one, even if it comes as an IPv6 address.
pub(super) fn address(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip().to_canonical())
}

/// How many sessions each address has, and may have. Sessions without an address are not counted.
#[derive(Debug)]
pub(super) struct PerAddress {
    limit: Limit,
    /// Those that have any. Empty as long as there is no limit.
    counts: HashMap<IpAddr, usize>,
}

impl PerAddress {
    pub(super) fn new(limit: Limit) -> Self {
        Self { limit, counts: HashMap::new() }
    }

    /// Whether this address may have one more.
    pub(super) fn has_room(&self, address: Option<IpAddr>) -> bool {
        let count = address.and_then(|address| self.counts.get(&network(address)));
        self.limit.allows(count.copied().unwrap_or(0) + 1)
    }

    /// It has one more.
    pub(super) fn add(&mut self, address: Option<IpAddr>) {
        if let (Some(address), Limit::Of(_)) = (address, self.limit) {
            *self.counts.entry(network(address)).or_default() += 1;
        }
    }

    /// It has one less.
    pub(super) fn remove(&mut self, address: Option<IpAddr>) {
        let Some(address) = address else { return };
        if let Entry::Occupied(mut count) = self.counts.entry(network(address)) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// What is counted together: an IPv4 address, or the 64 bits of an IPv6 address within which its host may choose any other.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn an_address_without_sessions_is_forgotten() {
        let mut sessions = PerAddress::new(Limit::Of(2));
        let addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"];
        addresses.iter().for_each(|address| sessions.add(ip(address)));
        assert_eq!(sessions.counts.len(), 3);
        addresses.iter().for_each(|address| sessions.remove(ip(address)));
        assert!(sessions.counts.is_empty());
    }

    #[test]
    fn an_ipv6_address_counts_with_all_others_of_its_64_bits() {
        let mut sessions = PerAddress::new(Limit::Of(2));
        sessions.add(ip("2001:db8:0:1::1"));
        assert!(sessions.has_room(ip("2001:db8:0:1:ffff:ffff:ffff:ffff")));
        sessions.add(ip("2001:db8:0:1:ffff::"));
        assert!(!sessions.has_room(ip("2001:db8:0:1::7")));
        assert!(sessions.has_room(ip("2001:db8:0:2::7")));
        sessions.remove(ip("2001:db8:0:1::1"));
        assert!(sessions.has_room(ip("2001:db8:0:1::7")));
    }

    #[test]
    fn sessions_without_an_address_or_a_limit_are_not_counted() {
        let mut sessions = PerAddress::new(Limit::Of(1));
        sessions.add(None);
        assert!(sessions.has_room(None) && sessions.counts.is_empty());
        sessions.remove(None);
        let mut sessions = PerAddress::new(Limit::Unlimited);
        sessions.add(ip("192.0.2.1"));
        assert!(sessions.has_room(ip("192.0.2.1")) && sessions.counts.is_empty());
        sessions.remove(ip("192.0.2.1"));
    }
}
