//! The proxy set in the environment, by the same rules as in Go programs such as container runtimes: HTTPS_PROXY and HTTP_PROXY depending
//! on the scheme of the request, ALL_PROXY for both, NO_PROXY for exceptions, and never for this machine.

use std::net::IpAddr;

use ureq::{Proxy, ProxyProtocol};

use super::origin::{HttpOrigin, host_of, is_loopback};

/// The variables for each scheme; the first one that is set and not empty wins.
const SECURE: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const PLAIN: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The proxies for requests.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    /// For `https://`.
    pub(super) secure: Option<Proxy>,
    /// For `http://`.
    pub(super) plain: Option<Proxy>,
    /// The variables that they come from.
    variables: [&'static str; 2],
    exceptions: Vec<Exception>,
}

/// The name of a variable whose value is not a valid proxy. The value may contain a password and is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAProxy(pub &'static str);

/// One entry of NO_PROXY (`golang.org/x/net/http/httpproxy`).
#[derive(Debug, PartialEq, Eq)]
enum Exception {
    /// `*`
    All,
    /// Addresses: `10.0.0.0/8`.
    Network(IpAddr, u8),
    /// One address, perhaps with a port.
    Address(IpAddr, Option<String>),
    /// A domain that begins with a dot, whether it includes the name itself, and perhaps a port.
    Domain(String, bool, Option<String>),
}

impl Proxies {
    /// Reads the variables through `get`.
    pub(super) fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, NotAProxy> {
        let set = |name: &'static str| get(name).filter(|value| !value.is_empty()).map(|value| (name, value));
        let named = |names: &[&'static str]| -> Result<(Option<Proxy>, &'static str), NotAProxy> {
            let Some((name, value)) = names.iter().copied().find_map(set) else { return Ok((None, names[0])) };
            let proxy = Proxy::new(&value).map_err(|_| NotAProxy(name))?;
            // This build has no SOCKS, and going without the proxy would tell another truth.
            match proxy.protocol() {
                ProxyProtocol::Http | ProxyProtocol::Https => Ok((Some(proxy), name)),
                _ => Err(NotAProxy(name)),
            }
        };
        let ((secure, secure_name), (plain, plain_name)) = (named(&SECURE)?, named(&PLAIN)?);
        let exceptions = ["NO_PROXY", "no_proxy"].into_iter().find_map(set).map(|(_, value)| value).unwrap_or_default();
        let exceptions = exceptions.split(',').filter_map(Exception::parse).collect();
        Ok(Self { secure, plain, variables: [secure_name, plain_name], exceptions })
    }

    /// The variable that the proxy for `http://`, if `plain`, or for `https://` comes from.
    pub(super) fn variable(&self, plain: bool) -> &'static str {
        self.variables[usize::from(plain)]
    }

    /// Whether requests to `origin` bypass the proxy.
    pub(super) fn is_exempt(&self, origin: &HttpOrigin) -> bool {
        let authority = origin.authority.to_ascii_lowercase();
        let host = host_of(&authority);
        let port = authority[host.len()..].strip_prefix(':').unwrap_or(if origin.plain { "80" } else { "443" });
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        is_loopback(&authority) || self.exceptions.iter().any(|exception| exception.covers(host, port))
    }
}

impl Exception {
    fn parse(entry: &str) -> Option<Self> {
        let entry = entry.trim().to_ascii_lowercase();
        if entry == "*" {
            return Some(Self::All);
        }
        if let Some((address, length)) = entry.split_once('/') {
            let (address, length) = (address.parse::<IpAddr>().ok()?, length.parse::<u8>().ok()?);
            return (length <= if address.is_ipv4() { 32 } else { 128 }).then_some(Self::Network(address, length));
        }
        // A plain IPv6 address contains colons, but no port.
        let (name, port) = match entry.rsplit_once(':') {
            _ if entry.parse::<IpAddr>().is_ok() => (entry.as_str(), None),
            Some((name, port)) if !port.contains(']') => (name, Some(port.to_owned()).filter(|port| !port.is_empty())),
            _ => (entry.as_str(), None),
        };
        if let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse() {
            return Some(Self::Address(address, port));
        }
        let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
        match name.strip_prefix('.') {
            _ if name.is_empty() => None,
            Some(_) => Some(Self::Domain(name.to_owned(), false, port)),
            None => Some(Self::Domain(format!(".{name}"), true, port)),
        }
    }

    fn covers(&self, host: &str, port: &str) -> bool {
        let same = |wanted: &Option<String>| wanted.as_deref().is_none_or(|wanted| wanted == port);
        let address = || host.parse::<IpAddr>().ok();
        match self {
            Self::All => true,
            Self::Network(network, length) => address().is_some_and(|address| is_within(address, *network, *length)),
            Self::Address(one, port) => address() == Some(*one) && same(port),
            Self::Domain(domain, itself, port) => {
                (host.ends_with(domain.as_str()) || *itself && host == &domain[1..]) && same(port)
            }
        }
    }
}

/// Whether the first `length` bits of both are equal.
fn is_within(address: IpAddr, network: IpAddr, length: u8) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (u128::from(address.to_bits()), u128::from(network.to_bits()), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    let rest = width - u32::from(length);
    rest == 128 || address >> rest == network >> rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exempt(exceptions: &str, authority: &str) -> bool {
        let (plain, authority) = match authority.strip_prefix("http://") {
            Some(rest) => (true, rest),
            None => (false, authority),
        };
        let proxies = Proxies::read(|name| (name == "NO_PROXY").then(|| exceptions.to_owned())).unwrap();
        proxies.is_exempt(&HttpOrigin { authority: authority.to_owned(), plain })
    }

    #[test]
    fn exceptions_follow_the_rules_of_go() {
        let all = "example.com, .corp,*.dev,10.0.0.1,reg.io:5000,172.16.0.0/12,fd00::/8,[::2]:5000,::3,tls.io:443,9.9.9.9:80,";
        for authority in [
            "example.com",
            "a.Example.com:443",
            "x.corp",
            "x.dev",
            "10.0.0.1:5000",
            "reg.io:5000",
            "a.reg.io:5000",
            "172.31.255.255:5000",
            "[fd12::1]:5000",
            "[::2]:5000",
            "[::3]",
            "tls.io",
            "http://9.9.9.9",
            "127.0.0.1:1",
            "localhost:5000",
        ] {
            assert!(exempt(all, authority), "{authority}");
        }
        for authority in [
            "notexample.com",
            "corp",
            "dev",
            "10.0.0.2",
            "reg.io",
            "172.32.0.1",
            "[fe00::1]",
            "[::2]",
            "http://tls.io",
            "9.9.9.9",
            "ghcr.io",
        ] {
            assert!(!exempt(all, authority), "{authority}");
        }
        assert!(exempt("*", "ghcr.io") && exempt("0.0.0.0/0", "1.2.3.4") && exempt("::/0", "[1::]"));
        assert!(!exempt("", "ghcr.io") && !exempt("10.0.0.0/33", "10.0.0.1") && !exempt("0.0.0.0/0", "[1::]"));
    }

    #[test]
    fn an_empty_variable_is_as_good_as_none() {
        let proxies = Proxies::read(|name| match name {
            "NO_PROXY" => Some(String::new()),
            "no_proxy" => Some("ghcr.io".to_owned()),
            _ => None,
        });
        assert!(proxies.unwrap().is_exempt(&HttpOrigin { authority: "ghcr.io".to_owned(), plain: false }));
    }

    #[test]
    fn an_invalid_proxy_is_reported_without_its_value() {
        for value in ["ftp://u:hunter2@p", "socks5://u:hunter2@p:1080"] {
            let wrong = Proxies::read(|name| (name == "https_proxy").then(|| value.to_owned()));
            assert_eq!(wrong.err(), Some(NotAProxy("https_proxy")));
        }
        let right = Proxies::read(|name| (name == "all_proxy").then(|| "http://u:hunter2@p:3128".to_owned())).unwrap();
        assert!(right.secure.is_some() && right.plain.is_some());
        assert_eq!((right.variable(false), right.variable(true)), ("all_proxy", "all_proxy"));
        assert!(!format!("{right:?}").contains("hunter2"));
    }
}
