//! Private keys in PEM (RFC 7468), and Google service-account keys, which contain one.

use memchr::memmem;

use super::{FoundToken, Token};

const LABEL: &[u8] = b"PRIVATE KEY";
const BEGIN: &[u8] = b"-----BEGIN ";

/// The maximum length of a key: a 16,384-bit RSA key is 13 KB.
const REACH: usize = 16 * 1024;

/// Finds `-----BEGIN … PRIVATE KEY-----` followed by something that can be a key.
pub(super) fn scan(bytes: &[u8], found: &mut Vec<FoundToken>) {
    // Setting up the search takes longer than checking a short value.
    if memchr::memchr(b'-', bytes).is_none() {
        return;
    }
    let mut behind = 0;
    for at in memmem::find_iter(bytes, LABEL) {
        // The end line of a key contains the label, too.
        if at < behind {
            continue;
        }
        // `RSA `, `ENCRYPTED ` or `OPENSSH ` may come in between.
        let near = at.saturating_sub(BEGIN.len() + 20).max(behind);
        let Some(begin) = memmem::rfind(&bytes[near..at], BEGIN) else { continue };
        let start = near + begin;
        let kind = &bytes[start + BEGIN.len()..at];
        let rest = &bytes[at + LABEL.len()..];
        let Some(body) = rest.strip_prefix(b"-----").or_else(|| rest.strip_prefix(b" BLOCK-----")) else { continue };
        if !kind.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b' ') || !is_key(body) {
            continue;
        }
        // The next dashes must be those of the end line, or the key has none.
        let close = memmem::find(&body[..body.len().min(REACH)], b"-----");
        let end = close.filter(|close| body[*close..].starts_with(b"-----END ")).map_or(0, |close| {
            let label = close + b"-----END ".len();
            let tail = &body[label..body.len().min(label + 40)];
            memmem::find(tail, b"-----").map_or(label, |dashes| label + dashes + 5)
        });
        behind = bytes.len() - body.len() + end;
        // In Google's JSON, the type, the project and the key's identifier come before the key.
        let before = &bytes[start.saturating_sub(1024)..start];
        let google = memmem::find(before, b"service_account").is_some() && memmem::find(before, b"private_key").is_some();
        found.push((if google { Token::GoogleKey } else { Token::PrivateKey }, start..behind));
    }
}

/// Whether `body` begins with base64 or a header of an old encrypted key, after line breaks, their escapes (`\n`, `\r`) and comment signs.
fn is_key(body: &[u8]) -> bool {
    let mut rest = body;
    loop {
        rest = match rest {
            [b' ' | b'\t' | b'\r' | b'\n' | b'#' | b'\\', rest @ ..] => {
                // A backslash and its letter are one escape.
                if body.len() > rest.len() && body[body.len() - rest.len() - 1] == b'\\' {
                    rest.strip_prefix(b"n").or_else(|| rest.strip_prefix(b"r")).unwrap_or(rest)
                } else {
                    rest
                }
            }
            _ => break,
        };
    }
    let length =
        rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))).unwrap_or(rest.len());
    length >= 32 && super::is_random(&rest[..length]) || rest.starts_with(b"Proc-Type:") || rest.starts_with(b"Version:")
}
