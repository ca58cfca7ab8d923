//! What a value that is written out says by itself, whatever its variable is called: a switch, an address, a login, something random.

use std::ops::Range;

use super::issued::{is_no_issued_value, is_no_token};
use super::name::{self, Sort};
use super::stand_in::{is_counted_out, is_stand_in};

/// Whether `value` of the variable `name`, which announces a secret of this sort, is one.
pub(super) fn is_secret(name: &str, value: &str, sort: Sort) -> bool {
    let bare = value.trim().trim_matches(['"', '\'']);
    if stands_in(name, bare, sort) || is_switch(bare) || is_path(bare) || is_options(bare) || bare.starts_with("ac-secret") {
        return false;
    }
    if let Some((_, rest)) = bare.split_once("://") {
        return has_login(bare) && !rest.is_empty();
    }
    match sort {
        Sort::Chosen => true,
        Sort::Issued => !is_no_issued_value(bare, &name::words(name)) && !is_public(bare),
        Sort::Unsure => {
            bare.len() > 4
                && bare.parse::<f64>().is_err()
                && !is_public(bare)
                && !["test", "testing", "foobar"].contains(&bare.to_ascii_lowercase().as_str())
        }
    }
}

/// Whether `value` of the variable `name`, which announces a secret of this sort, only stands for one.
pub(super) fn stands_in(name: &str, value: &str, sort: Sort) -> bool {
    let words = name::words(name);
    let no_token = || is_no_token(value) || words.last().is_some_and(|last| value.eq_ignore_ascii_case(last));
    is_stand_in(value) || is_spelled_out(name, value) || sort != Sort::Chosen && no_token()
}

/// Whether a plain variable must not be used for the variable `name` of a container, as that is a secret; `value` is what it is, if known.
pub(crate) fn exposes(name: &str, value: Option<&str>) -> bool {
    let is_setting = |value: &str| {
        let bare = value.trim();
        is_switch(bare) || is_path(bare) || is_options(bare) || bare.parse::<f64>().is_ok()
    };
    let is_switch =
        || name::words(name).iter().any(|word| ["ALLOW", "EMPTY", "RANDOM", "ENABLE", "DISABLE", "USE"].contains(&&**word));
    name::names_secret(name) && value.map_or_else(|| !is_switch(), |value| !is_setting(value))
}

/// Whether `text` can stand between `://` and `@` as it is: percent-encoded, or without anything that an address takes for its own.
pub(crate) fn is_encoded(text: &str) -> bool {
    let bytes = text.as_bytes();
    let encoded = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte);
    (0..bytes.len()).all(|at| plain(bytes[at]) || bytes[at] == b'%' && encoded(at))
}

/// Whether the value is what the variable is called, or a part of it in capitals: `API_KEY=api-key`, `API_KEY=KEY`, `API_KEY=MYKEY`.
fn is_spelled_out(name: &str, value: &str) -> bool {
    let words = name::words(name);
    let last = words.last().map_or("", String::as_str);
    let noun = |rest: &str| rest == last || rest.bytes().all(|byte| byte.is_ascii_uppercase()) && name::names_secret(rest);
    let name_again = name.contains('_') && value.len() == name.len() && value.replace('-', "_").eq_ignore_ascii_case(name);
    name_again
        || value == name
        || value == last
        || value.strip_prefix("MY").is_some_and(|rest| noun(rest.trim_start_matches('_')))
}

/// `c=ETC,m=solo`, which mining pools take instead of a password.
fn is_options(value: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    value.split(',').all(|pair| pair.split_once('=').is_some_and(|(key, value)| key.len() <= 4 && plain(key) && plain(value)))
}

pub(super) fn is_switch(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["true", "false", "yes", "no", "on", "off", "0", "1", "enabled", "disabled", "required", "optional"].contains(&value.as_str())
}

fn is_path(value: &str) -> bool {
    let rooted = ["./", "../", "~/"].iter().any(|start| value.starts_with(start));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    rooted
        || value.strip_prefix('/').is_some_and(|rest| rest.contains(['/', '.']) && rest.split('/').all(plain) && rest.len() < 100)
}

/// Addresses on a chain and public keys, which people call tokens and keys.
pub(super) fn is_public(value: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let account = value.strip_prefix("0x").is_some_and(|digits| digits.len() == 40 && hex(digits));
    let bech32 = value.split_once('1').is_some_and(|(chain, rest)| {
        let lower = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        (2..12).contains(&chain.len()) && (38..=58).contains(&rest.len()) && lower(chain) && lower(rest)
    });
    let begins = ["ssh-", "ecdsa-sha2-", "age1", "xpub", "-----BEGIN PUBLIC", "-----BEGIN CERT"];
    account || bech32 || begins.iter().any(|start| value.starts_with(start))
}

/// Whether a login is written in the value: in an address (`postgres://user:password@host`), as a member (`?password=…`, `Password=…;`,
/// `"password": "…"`), behind an option (`--password …`) or a scheme of HTTP (`Bearer …`). Stand-ins don't count.
pub(super) fn has_login(value: &str) -> bool {
    has_password(value) || members(value).next().is_some() || options(value).next().is_some() || headers(value).next().is_some()
}

/// Whether it is an address with a user's password in it that is not a stand-in: `postgres://user:password@host`.
fn has_password(value: &str) -> bool {
    let scheme = value.split_once("://").map_or("", |(scheme, _)| scheme.trim_start_matches(['"', '\'']));
    !scheme.is_empty()
        && scheme.chars().all(is_scheme)
        && passwords(value).next().is_some_and(|range| !is_stand_in(&value[range]))
}

fn is_scheme(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
}

/// The passwords in the addresses of a text, as they are written there, stand-ins as well: `postgres://user:password@host`.
pub(super) fn passwords(text: &str) -> impl Iterator<Item = Range<usize>> {
    let login = memchr::memchr(b'@', text.as_bytes()).is_some();
    let schemes = memchr::memmem::find_iter(text.as_bytes(), b"://").filter(move |_| login);
    schemes.filter_map(|at| {
        let before = text[..at].trim_end_matches(is_scheme);
        let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''));
        let start = at + 3;
        let ends = |c: char| matches!(c, '?' | '#') || c.is_whitespace() || Some(c) == quote;
        // A password with a slash in it reaches past what an address's grammar allows; the last `@` before the query counts.
        let authority = text[start..].split(ends).next().unwrap_or_default();
        let (user, _) = authority.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        let from = start + name.len() + 1;
        (before.len() < at && !password.is_empty()).then(|| from..from + password.len())
    })
}

/// The members of the value that have a secret's name, and a value that is one.
pub(super) fn members(value: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let bytes = value.as_bytes();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let query = value.find("://").and_then(|at| Some(at + value[at..].find('?')?));
    // `pg://db?u=app&p=hunter2`: elsewhere `p` is the number of a page.
    let with_user = query.is_some_and(|query| ["?u=", "&u=", "?user="].iter().any(|user| value[query..].contains(user)));
    memchr::memchr2_iter(b'=', b':', bytes).filter_map(move |at| {
        let json = bytes[at] == b':';
        let before = value[..at].trim_end();
        let before = if json { before.strip_suffix('"')? } else { before };
        let name = &before[before.trim_end_matches(is_part).len()..];
        let rest = value[at + 1..].trim_start();
        let quoted = rest.strip_prefix('"');
        let inside = match (json, quoted) {
            (_, Some(quoted)) => quoted.split('"').next()?,
            (true, None) => return None,
            // In a query and in a connection string the next member begins at `&` or `;`.
            (false, None) => rest.split(['&', ';', ' ', '"', '\'']).next()?,
        };
        // `key=` and `token=` are secrets in a query; elsewhere they may be anything.
        let queried = query.is_some_and(|query| query < at);
        // The variable `PWD` is a folder; a member of this name is a password.
        let short = name.eq_ignore_ascii_case("pwd") || name == "p" && queried && with_user;
        let sort = if short { Some(Sort::Chosen) } else { name::sort(name) };
        let sort = sort.filter(|sort| queried || json || *sort != Sort::Unsure)?;
        let start = value.len() - quoted.unwrap_or(rest).len();
        (!inside.contains("://") && is_secret(name, inside, sort)).then(|| (name, start..start + inside.len()))
    })
}

/// The values behind options with a secret's name: `--password hunter2`.
pub(super) fn options(value: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let mut words = value.split_ascii_whitespace().peekable();
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(word) = words.next() {
            from += value[from..].find(word)? + word.len();
            // Quotes may be around all of them.
            let option = word
                .trim_start_matches(['"', '\''])
                .strip_prefix('-')
                .map(|rest| rest.trim_start_matches('-'))
                .filter(|name| !name.contains('='));
            let sort = option.and_then(name::sort).filter(|sort| *sort != Sort::Unsure);
            let next = words.peek().map(|next| next.trim_matches(['"', '\'']));
            if let (Some(name), Some(sort), Some(next)) = (option, sort, next)
                && !next.starts_with('-')
                && is_secret(name, next, sort)
            {
                let start = from + value[from..].find(next)?;
                return Some((name, start..start + next.len()));
            }
        }
        None
    })
}

/// The tokens behind `Bearer` and `Basic`, as HTTP sends a login.
pub(super) fn headers(value: &str) -> impl Iterator<Item = Range<usize>> {
    ["Bearer ", "Basic "].iter().filter_map(|scheme| {
        let start = value.find(scheme)? + scheme.len();
        let token = value[start..].trim_end_matches(['"', '\'']);
        let is_token = token.len() >= 8 && !token.contains(' ') && !is_stand_in(token) && !is_counted_out(token);
        is_token.then(|| start..start + token.len())
    })
}

/// Whether the value is a user and a password: by the name of the variable, as in `NEO4J_AUTH=neo4j/admin`, by what the password says, as in
/// `admin:superpassword`, or by the host after them, as in `app:hunter2@tcp(db:3306)`.
pub(super) fn is_pair(name: &str, value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let Some((user, rest)) = value.split_once(['/', ':']) else { return false };
    let (password, host) = rest.rsplit_once('@').filter(|(_, host)| is_host(host)).map_or((rest, false), |(it, _)| (it, true));
    let is_user = !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.@".contains(&byte));
    let is_password = !password.is_empty() && !password.contains(['/', ' ']) && !is_stand_in(password) && !is_switch(password);
    let words = name::words(name);
    let named = || words.last().is_some_and(|last| PAIRS.contains(&&**last));
    // Elsewhere a list is one of other things: of peers, of rules.
    let single = || !user.contains('@') && !password.contains(['@', ':', ',', '=']) && !name::tells_about(name);
    let told = || {
        let plain = password.to_ascii_lowercase();
        ["pass", "secret"].iter().any(|noun| plain.contains(noun))
    };
    is_user && is_password && (named() || single() && (host || told()))
}

/// Last words of names that announce a user and a password together.
const PAIRS: [&str; 6] = ["AUTH", "LOGIN", "USERPASS", "USERPWD", "HTPASSWD", "BASICAUTH"];

/// Whether it is a host with a port, in the way of Go's drivers as well: `db:3306/app`, `tcp(db:3306)/app`.
fn is_host(text: &str) -> bool {
    let port = text.split('/').next().and_then(|host| host.rsplit_once(':')).map(|(_, port)| port.trim_end_matches(')'));
    port.is_some_and(|port| port.parse::<u16>().is_ok())
}
