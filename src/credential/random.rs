//! Values that look drawn at random, as keys are, whatever their variable is called.

use super::name;
use super::stand_in::{is_counted_out, is_stand_in};
use super::written::is_public;

/// Words of names whose values look random and are known to everyone: hashes, addresses, things of a chain or a network.
const KNOWN: &str = "\
    HASH SHA SHA1 SHA256 DIGEST CHECKSUM COMMIT REV REVISION REF VERSION BUILD IMAGE TAG ADDRESS ADDR ADDRESSES CONTRACT WALLET ACCOUNT \
    MINT PROGRAM PAYOUT WORKER USER USERNAME MINER POOL POOLS BECH32 TX TXID BLOCK GENESIS PEER PEERS SEEDS NODE NODES NODEID VALIDATOR \
    VALOPER PUBKEY PUBLIC PUB CID IPFS TOPIC MODEL URL URI HOST DOMAIN PATH FILE NAME ID CERT CERTIFICATE FINGERPRINT MEASUREMENT DEVICE";

fn is_known(word: &str) -> bool {
    KNOWN.split_ascii_whitespace().any(|one| one == word || Some(one) == word.strip_suffix('S'))
}

/// Whether the value of a variable whose name says nothing looks drawn at random, as keys are. `ID` and `UUID`, where they are the whole name,
/// are what proxies such as V2Ray take for a login.
pub(super) fn is_random(name: &str, value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    if is_uuid(value) {
        return ["ID", "UUID"].contains(&&*name.to_ascii_uppercase()) && !is_counted_out(&value.replace('-', ""));
    }
    // `GPU-5b1a6c1e-…`: the ID of something.
    if value.split_once('-').is_some_and(|(_, rest)| is_uuid(rest)) {
        return false;
    }
    if is_wallet(value) || ends_in_key(value) {
        return true;
    }
    let words = name::words(name);
    let known = words.iter().any(|word| is_known(word));
    let published = value.starts_with('/') || value.starts_with("Qm") || value.starts_with("baf") || value.starts_with("0x");
    !known && !published && is_drawn(value) && !is_public(value) && !is_stand_in(value)
}

/// Whether it is as long as a key, holds only what keys do, and changes as often as they do.
fn is_drawn(value: &str) -> bool {
    // Most values are shorter, or hold something else.
    let value = value.trim_end_matches('=');
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-');
    if !(20..=512).contains(&value.len()) || !value.bytes().all(is_key) {
        return false;
    }
    // In `Llama-3-70B-Instruct-v2` it changes where words end.
    let longest = value.split(['-', '_']).map(str::len).max();
    longest.is_some_and(|longest| longest >= 12) && changes_often(value.as_bytes())
}

/// Whether it is as many small words as restore a wallet.
fn is_wallet(value: &str) -> bool {
    let is_word = |word: &str| (3..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    value.len() < 256 && [12, 15, 18, 21, 24].contains(&value.split(' ').count()) && value.split(' ').all(is_word)
}

/// Whether an address ends in a key, as those of RPC services and of webhooks do: `https://eth.example.com/v3/0f8e…`.
fn ends_in_key(value: &str) -> bool {
    let path = value.split_once("://").map_or("", |(_, rest)| rest.split(['?', '#']).next().unwrap_or_default());
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').skip(1).collect();
    let Some((last, before)) = parts.split_last() else { return false };
    let version = |part: &str| part.strip_prefix('v').is_some_and(|number| number.parse::<u8>().is_ok());
    let keyed = before.last().is_some_and(|part| version(part)) || before.contains(&"webhooks");
    keyed && is_drawn(last) && !is_stand_in(last)
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
