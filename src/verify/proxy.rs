//! The proxy set in the environment, by the same rules as in Go programs such as container runtimes: HTTPS_PROXY and HTTP_PROXY depending
//! on the scheme of the request, ALL_PROXY for both, NO_PROXY for exceptions, and never for this machine.

use ureq::Proxy;

use super::origin::{host_of, is_loopback};

/// The proxies for requests.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    /// For `https://`.
    pub(super) secure: Option<Proxy>,
    /// For `http://`.
    pub(super) plain: Option<Proxy>,
    exceptions: Vec<String>,
}

/// The name of a variable whose value is not a valid proxy. The value may contain a password and is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAProxy(pub &'static str);

impl Proxies {
    /// Reads the variables through `get`; the first one that is set and not empty wins.
    pub(super) fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, NotAProxy> {
        let named = |names: &[&'static str]| -> Result<Option<Proxy>, NotAProxy> {
            let set = names.iter().find_map(|name| get(name).filter(|value| !value.is_empty()).map(|value| (*name, value)));
            set.map(|(name, value)| Proxy::new(&value).map_err(|_| NotAProxy(name))).transpose()
        };
        let exceptions = ["NO_PROXY", "no_proxy"].iter().find_map(|name| get(name)).unwrap_or_default();
        Ok(Self {
            secure: named(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?,
            plain: named(&["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])?,
            exceptions: exceptions.split(',').map(|entry| entry.trim().to_ascii_lowercase()).collect(),
        })
    }

    /// Whether requests to `authority` bypass the proxy.
    pub(super) fn is_exempt(&self, authority: &str) -> bool {
        let host = host_of(authority).to_ascii_lowercase();
        is_loopback(authority)
            || self.exceptions.iter().any(|entry| {
                let name = entry.strip_prefix('*').unwrap_or(entry);
                let bare = name.strip_prefix('.').unwrap_or(name);
                let below = |host: &str| host.strip_suffix(bare).is_some_and(|rest| rest.ends_with('.'));
                let itself = bare == name && (host == bare || authority.eq_ignore_ascii_case(bare));
                entry == "*" || !bare.is_empty() && (itself || below(&host))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_names_and_their_subdomains() {
        let get = |name: &str| (name == "NO_PROXY").then(|| "example.com, .corp,*.dev,10.0.0.1,reg.io:5000".to_owned());
        let proxies = Proxies::read(get).unwrap();
        for exempt in ["example.com", "a.Example.com:443", "x.corp", "x.dev", "10.0.0.1:5000", "reg.io:5000", "127.0.0.1:1"] {
            assert!(proxies.is_exempt(exempt), "{exempt}");
        }
        for proxied in ["notexample.com", "corp", "dev", "10.0.0.2", "reg.io", "ghcr.io"] {
            assert!(!proxies.is_exempt(proxied), "{proxied}");
        }
    }

    #[test]
    fn an_invalid_proxy_is_reported_without_its_value() {
        let wrong = Proxies::read(|name| (name == "https_proxy").then(|| "ftp://u:hunter2@p".to_owned()));
        assert_eq!(wrong.err(), Some(NotAProxy("https_proxy")));
        let right = Proxies::read(|name| (name == "all_proxy").then(|| "http://u:hunter2@p:3128".to_owned())).unwrap();
        assert!(right.secure.is_some() && right.plain.is_some());
        assert!(!format!("{right:?}").contains("hunter2"));
    }
}
