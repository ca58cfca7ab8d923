//! How far inside an address is: on this machine, in a private network, or on the internet. A registry leads no further inside than it is
//! itself.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::origin::host_of;

/// A zone, from the outermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Zone {
    /// The internet.
    Public,
    /// A private network (RFC 1918, RFC 4193, RFC 6598), or an address that none on the internet has: for protocols, tests and groups, or
    /// reserved (RFC 6890).
    Private,
    /// This machine, or what only this machine and its neighbours reach: loopback and link-local addresses, where clouds keep their logins.
    Machine,
}

impl Zone {
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [first, second, third, _] = address.octets();
        match address {
            _ if address.is_loopback() || address.is_link_local() || address.is_broadcast() || first == 0 => Self::Machine,
            _ if address.is_private() || first == 100 && second & 0xc0 == 64 => Self::Private,
            _ if first >= 224 || first == 198 && second & 0xfe == 18 || (first, second, third) == (192, 0, 0) => Self::Private,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let segments = address.segments();
        let v4 = |high: u16, low: u16| {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Self::of_v4(Ipv4Addr::new(a, b, c, d))
        };
        match segments {
            [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Self::Machine,
            // An IPv4 address: mapped, compatible, translated (RFC 6052, RFC 2765), by 6to4.
            [0, 0, 0, 0, 0, 0xffff | 0, high, low]
            | [0, 0, 0, 0, 0xffff, 0, high, low]
            | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
            | [0x2002, high, low, ..] => v4(high, low),
            // The client of a tunnel, with its bits inverted (RFC 4380).
            [0x2001, 0, .., high, low] => v4(!high, !low),
            // A network's own translator (RFC 8215): where in it the IPv4 address is, only that network knows.
            [0x64, 0xff9b, 1, ..] => Self::Private,
            [first, ..] if first & 0xffc0 == 0xfe80 => Self::Machine,
            [first, ..] if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfec0 || first >= 0xff00 => Self::Private,
            _ => Self::Public,
        }
    }

    /// What the host of `authority` says by itself; none for a name that has to be looked up.
    pub(super) fn of_host(authority: &str) -> Option<Self> {
        let host = host_of(authority).trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(Self::of(address));
        }
        if host == "localhost" || host.ends_with(".localhost") {
            return Some(Self::Machine);
        }
        // The system reads `127.1`, `0x7f000001` and `2130706433` as addresses. No name on the internet ends in a number.
        let last = host.rsplit('.').next().unwrap_or_default();
        let numeric = last.strip_prefix("0x").unwrap_or(last).bytes().all(|byte| byte.is_ascii_hexdigit());
        (numeric && last.starts_with(|c: char| c.is_ascii_digit())).then_some(Self::Machine)
    }
}

/// Where the addresses of a host are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reach {
    outermost: Zone,
    /// How far inside it was when it was first looked up.
    innermost: Zone,
}

/// The zones of hosts that were looked up.
#[derive(Debug, Clone, Default)]
pub(super) struct Zones(Arc<Mutex<HashMap<String, Reach>>>);

impl Zones {
    /// The zone of the host of `authority`: the outermost of its addresses. One that was not looked up here is on the internet.
    pub(super) fn of(&self, authority: &str) -> Zone {
        let known = |host: &str| self.0.lock().unwrap_or_else(PoisonError::into_inner).get(host).map(|reach| reach.outermost);
        Zone::of_host(authority).or_else(|| known(host_of(authority))).unwrap_or(Zone::Public)
    }

    /// Notes where the addresses of `host` are, and gives how far inside they may be: no further than when it was first looked up, or its
    /// owner could lead to this machine by another answer to the same question.
    fn note(&self, host: &str, addresses: impl Iterator<Item = IpAddr> + Clone) -> Zone {
        let zones = addresses.map(Zone::of);
        let (Some(outermost), Some(innermost)) = (zones.clone().min(), zones.max()) else { return Zone::Public };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reach = known.entry(host.to_owned()).or_insert(Reach { outermost, innermost });
        reach.outermost = reach.outermost.min(outermost);
        // This machine is not one of several places where a host is.
        if reach.outermost == Zone::Machine { Zone::Machine } else { reach.innermost.min(Zone::Private) }
    }
}

/// Looks hosts up.
#[derive(Debug)]
pub(super) struct GuardedNames {
    system: DefaultResolver,
    zones: Zones,
    /// The innermost zone that a host may be in.
    limit: Zone,
}

impl GuardedNames {
    pub(super) fn new(zones: &Zones, limit: Zone) -> Self {
        Self { system: DefaultResolver::default(), zones: zones.clone(), limit }
    }
}

impl Resolver for GuardedNames {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.system.resolve(uri, config, timeout)?;
        let limit = match (self.limit, uri.host()) {
            (Zone::Machine, Some(host)) => self.zones.note(host, found.iter().map(|address| address.ip())),
            (limit, _) => limit,
        };
        let mut allowed = self.empty();
        found.iter().filter(|address| Zone::of(address.ip()) <= limit).for_each(|address| allowed.push(*address));
        if allowed.is_empty() { Err(ureq::Error::Io(io::Error::other(InsideAddress))) } else { Ok(allowed) }
    }
}

/// Every address of a host is too far inside.
#[derive(Debug)]
pub(super) struct InsideAddress;

impl fmt::Display for InsideAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an address on the internet")
    }
}

impl std::error::Error for InsideAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_far_inside_it_is() {
        for (host, zone) in [
            ("127.0.0.1:5000", Some(Zone::Machine)),
            ("127.9.9.9", Some(Zone::Machine)),
            ("localhost", Some(Zone::Machine)),
            ("a.LocalHost.:1", Some(Zone::Machine)),
            ("0.0.0.0", Some(Zone::Machine)),
            ("169.254.169.254", Some(Zone::Machine)),
            ("255.255.255.255", Some(Zone::Machine)),
            ("[::1]:5000", Some(Zone::Machine)),
            ("[::]", Some(Zone::Machine)),
            ("[::ffff:127.0.0.1]", Some(Zone::Machine)),
            ("[::127.0.0.1]", Some(Zone::Machine)),
            ("[64:ff9b::7f00:1]", Some(Zone::Machine)),
            ("[64:ff9b:1::7f00:1]", Some(Zone::Private)),
            ("[::ffff:0:7f00:1]", Some(Zone::Machine)),
            ("[::ffff:0:8c52:7922]", Some(Zone::Public)),
            ("[2002:7f00:1::]", Some(Zone::Machine)),
            ("[fe80::1]", Some(Zone::Machine)),
            ("127.1", Some(Zone::Machine)),
            ("0x7f.0.0.1", Some(Zone::Machine)),
            ("0x7f000001:80", Some(Zone::Machine)),
            ("2130706433", Some(Zone::Machine)),
            ("0177.0.0.01", Some(Zone::Machine)),
            ("10.0.0.1", Some(Zone::Private)),
            ("172.16.0.1", Some(Zone::Private)),
            ("172.32.0.1", Some(Zone::Public)),
            ("192.168.1.1", Some(Zone::Private)),
            ("100.64.0.1", Some(Zone::Private)),
            ("100.128.0.1", Some(Zone::Public)),
            ("[::ffff:10.0.0.1]", Some(Zone::Private)),
            ("192.0.0.170", Some(Zone::Private)),
            ("192.0.1.1", Some(Zone::Public)),
            ("198.18.0.1", Some(Zone::Private)),
            ("198.19.255.255", Some(Zone::Private)),
            ("198.20.0.1", Some(Zone::Public)),
            ("198.17.0.1", Some(Zone::Public)),
            ("223.255.255.1", Some(Zone::Public)),
            ("224.0.0.1", Some(Zone::Private)),
            ("240.0.0.1", Some(Zone::Private)),
            ("[ff02::1]", Some(Zone::Private)),
            ("[2001:0:4136:e378:8000:63bf:80ff:fffe]", Some(Zone::Machine)),
            ("[2001:0:4136:e378:8000:63bf:3fff:fdd2]", Some(Zone::Public)),
            ("[2001:db8::1]", Some(Zone::Public)),
            ("[fd00::1]", Some(Zone::Private)),
            ("[fec0::1]", Some(Zone::Private)),
            ("140.82.121.34", Some(Zone::Public)),
            ("[2606:50c0::1]", Some(Zone::Public)),
            ("[64:ff9b::8c52:7922]", Some(Zone::Public)),
            ("ghcr.io", None),
            ("localhost.example.com", None),
            ("1.cafe", None),
            ("registry", None),
        ] {
            assert_eq!(Zone::of_host(host), zone, "{host}");
        }
    }

    #[test]
    fn a_name_is_looked_up_and_judged_by_its_addresses() {
        use crate::verify::agents::Agents;
        use crate::verify::fault::Fault;
        use crate::verify::proxy::Proxies;
        let zones = Zones::default();
        let agents = Agents::public(&Proxies::default(), &zones);
        // A port where nothing listens.
        let fault = |limit| Fault::of(agents.direct(limit).get("http://localhost:1/").call().unwrap_err());
        assert_eq!((fault(Zone::Public), fault(Zone::Private)), (Fault::Inside, Fault::Inside));
        assert!(matches!(fault(Zone::Machine), Fault::Unreachable(_)));
        assert_eq!(zones.0.lock().unwrap().get("localhost").unwrap().outermost, Zone::Machine);
    }

    #[test]
    fn a_host_is_where_its_outermost_address_is() {
        let zones = Zones::default();
        assert_eq!(zones.of("r.example:5000"), Zone::Public);
        note(&zones, &["127.0.0.1"]);
        assert_eq!(zones.of("r.example:5000"), Zone::Machine);
        note(&zones, &["140.82.121.34"]);
        assert_eq!(zones.of("r.example"), Zone::Public);
    }

    fn note(zones: &Zones, addresses: &[&str]) -> Zone {
        zones.note("r.example", addresses.iter().map(|address| address.parse().unwrap()))
    }

    #[test]
    fn another_answer_does_not_lead_further_inside() {
        for (first, then, allowed) in [
            (&["140.82.121.34"][..], &["127.0.0.1"][..], Zone::Public),
            (&["140.82.121.34"], &["10.0.0.1"], Zone::Public),
            (&["10.0.0.1"], &["127.0.0.1"], Zone::Private),
            (&["127.0.0.1"], &["127.0.0.1"], Zone::Machine),
            // Inside a company, a host may have both.
            (&["2606:50c0::1", "10.0.0.1"], &["10.0.0.1"], Zone::Private),
            (&["140.82.121.34", "127.0.0.1"], &["127.0.0.1"], Zone::Private),
        ] {
            let zones = Zones::default();
            note(&zones, first);
            assert_eq!(note(&zones, then), allowed, "{first:?} {then:?}");
        }
    }
}
