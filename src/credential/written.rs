//! What a value that is written out says by itself, whatever its variable is called: a switch, an address, a login, something random.

use std::ops::Range;

use super::name::{self, Sort};
use super::stand_in::{is_counted_out, is_no_issued_value, is_stand_in};

/// Whether `value` of the variable `name`, which announces a secret of this sort, is one.
pub(super) fn is_secret(name: &str, value: &str, sort: Sort) -> bool {
    let bare = value.trim().trim_matches(['"', '\'']);
    let filler = is_stand_in(bare) || is_spelled_out(name, bare) || sort != Sort::Chosen && is_counted_out(bare);
    if filler || is_switch(bare) || is_path(bare) || is_options(bare) || bare.starts_with("ac-secret") {
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

/// Whether the value is what the variable is called, in capitals: `API_KEY=KEY`, `API_KEY=MYKEY`.
pub(super) fn is_spelled_out(name: &str, value: &str) -> bool {
    let words = name::words(name);
    let last = words.last().map_or("", String::as_str);
    let noun = |rest: &str| rest == last || rest.bytes().all(|byte| byte.is_ascii_uppercase()) && name::names_secret(rest);
    value == name || value == last || value.strip_prefix("MY").is_some_and(|rest| noun(rest.trim_start_matches('_')))
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
fn is_public(value: &str) -> bool {
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
        let sort = name::sort(name).filter(|sort| queried || json || *sort != Sort::Unsure)?;
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
            let option = word.strip_prefix('-').map(|rest| rest.trim_start_matches('-')).filter(|name| !name.contains('='));
            let sort = option.and_then(name::sort).filter(|sort| *sort != Sort::Unsure);
            if let (Some(name), Some(sort), Some(next)) = (option, sort, words.peek())
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

/// Whether the variable's name announces a user and a password together, and the value is both: `NEO4J_AUTH=neo4j/admin`.
pub(super) fn is_pair(name: &str, value: &str) -> bool {
    let pairs =
        name::words(name).last().is_some_and(|last| ["AUTH", "LOGIN", "USERPASS", "USERPWD", "HTPASSWD"].contains(&&**last));
    let value = value.trim_matches(['"', '\'']);
    let Some((user, password)) = value.split_once(['/', ':']).filter(|_| pairs) else { return false };
    let is_user =
        |user: &str| !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.@".contains(&byte));
    is_user(user) && !password.is_empty() && !password.contains(['/', ' ']) && !is_stand_in(password) && !is_switch(password)
}

/// Words of names whose values look random and are known to everyone: hashes, addresses, things of a chain or a network.
const KNOWN: &str = "\
    HASH SHA SHA1 SHA256 DIGEST CHECKSUM COMMIT REV REVISION REF VERSION BUILD IMAGE TAG ADDRESS ADDR ADDRESSES CONTRACT WALLET ACCOUNT \
    MINT PROGRAM PAYOUT WORKER USER USERNAME MINER POOL POOLS BECH32 TX TXID BLOCK GENESIS PEER PEERS SEEDS NODE NODES NODEID VALIDATOR \
    VALOPER PUBKEY PUBLIC PUB CID IPFS TOPIC MODEL URL URI HOST DOMAIN PATH FILE NAME ID IDS CERT CERTIFICATE FINGERPRINT MEASUREMENT";

/// Whether the value of a variable whose name says nothing looks drawn at random, as keys are. `ID` and `UUID`, where they are the whole name,
/// are what proxies such as V2Ray take for a login.
pub(super) fn is_random(name: &str, value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    if is_uuid(value) {
        return ["ID", "UUID"].contains(&&*name.to_ascii_uppercase()) && !is_counted_out(&value.replace('-', ""));
    }
    // Most values are shorter, or hold what a key does not.
    let length = value.trim_end_matches('=').len();
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-');
    if !(20..=512).contains(&length) || !value.bytes().take(length).all(is_key) {
        return false;
    }
    let words = name::words(name);
    let known = words.iter().any(|word| KNOWN.split_ascii_whitespace().any(|one| one == word));
    let published = value.starts_with('/') || value.starts_with("Qm") || value.starts_with("baf") || value.starts_with("0x");
    !known && !published && !is_public(value) && changes_often(&value.as_bytes()[..length])
}

/// Whether neighbours are of different sorts (small letters, capitals, digits) as often as they are in random text, and hardly in words.
fn changes_often(text: &[u8]) -> bool {
    let sort = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let changes = text.windows(2).filter(|pair| sort(pair[0]) != sort(pair[1])).count();
    let seen = text.iter().fold(0u128, |seen, byte| seen | 1 << (byte & 127)).count_ones();
    let digits = text.iter().any(u8::is_ascii_digit);
    // A hash of Git has 40 hexadecimal digits, and is known to everyone.
    let hash = text.len() == 40 && text.iter().all(u8::is_ascii_hexdigit);
    digits && !hash && seen >= 10 && changes * 3 >= text.len() - 1
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
