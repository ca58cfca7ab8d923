//! Recognises the tokens of registries and their clouds by their shapes.
//!
//! [`scan`] finds them in a whole template, including comments. It returns the kind and the place, never the text.

use std::ops::Range;

use base64::Engine;

mod expiry;
mod pem;

pub(crate) use expiry::{ShortLived, claims, ecr_end, end, short_lived};

/// A kind of credential that can be recognised by its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Token {
    /// GitHub, personal access token (classic): `ghp_…`
    GitHubClassic,
    /// GitHub, fine-grained personal access token: `github_pat_…`
    GitHubFineGrained,
    /// GitHub, token of an app or a workflow: `gho_…`, `ghu_…`, `ghs_…`, `ghr_…`
    GitHubApp,
    /// Docker Hub, personal access token: `dckr_pat_…`
    DockerPersonal,
    /// Docker Hub, organization access token: `dckr_oat_…`
    DockerOrganization,
    /// GitLab, personal, project or group access token: `glpat-…`
    GitLabPersonal,
    /// GitLab, deploy token: `gldt-…`
    GitLabDeploy,
    /// AWS access key: `AKIA…`, `ASIA…`
    AwsKey,
    /// Amazon ECR, password printed by `aws ecr get-login-password`
    EcrPassword,
    /// Amazon ECR, whole `authorizationToken` from the API, which is `AWS:PASSWORD` in base64
    EcrAuthorization,
    /// Azure Container Registry, password of the admin account or of a token.
    AzureRegistry,
    /// Google, OAuth access token: `ya29.…`
    GoogleAccess,
    /// Google, service-account key: JSON with a private key, plain or in base64.
    GoogleKey,
    /// A private key in PEM.
    PrivateKey,
}

impl Token {
    /// Its name in messages, with an article.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GitHubClassic => "a GitHub personal access token",
            Self::GitHubFineGrained => "a GitHub fine-grained token",
            Self::GitHubApp => "a GitHub token",
            Self::DockerPersonal => "a Docker Hub personal access token",
            Self::DockerOrganization => "a Docker Hub organization access token",
            Self::GitLabPersonal => "a GitLab access token",
            Self::GitLabDeploy => "a GitLab deploy token",
            Self::AwsKey => "an AWS access key",
            Self::EcrPassword => "an Amazon ECR password",
            Self::EcrAuthorization => "an Amazon ECR authorization token",
            Self::AzureRegistry => "an Azure Container Registry password",
            Self::GoogleAccess => "a Google access token",
            Self::GoogleKey => "a Google service-account key",
            Self::PrivateKey => "a private key",
        }
    }
}

impl Token {
    /// A name for a placeholder of such a token.
    pub(crate) fn placeholder(self) -> &'static str {
        match self {
            Self::GitHubClassic | Self::GitHubFineGrained | Self::GitHubApp => "GITHUB_TOKEN",
            Self::DockerPersonal | Self::DockerOrganization => "DOCKERHUB_TOKEN",
            Self::GitLabPersonal | Self::GitLabDeploy => "GITLAB_TOKEN",
            Self::AwsKey => "AWS_ACCESS_KEY_ID",
            Self::EcrPassword | Self::EcrAuthorization => "ECR_PASSWORD",
            Self::AzureRegistry => "ACR_PASSWORD",
            Self::GoogleAccess => "GOOGLE_ACCESS_TOKEN",
            Self::GoogleKey => "GOOGLE_KEY",
            Self::PrivateKey => "PRIVATE_KEY",
        }
    }
}

/// A token in a text: its kind and its bytes.
pub(crate) type FoundToken = (Token, Range<usize>);

/// The length of the shortest shape, an AWS access key.
const SHORTEST: usize = 20;

/// The tokens in `text`, in order. Skips obvious examples (`ghp_xxxx…`, AWS's `…EXAMPLE`) and the names in `ac-secret://` references.
///
/// Linear in the length of the text, and usually much faster: a token is a long word, so only every twentieth byte is checked until one is
/// part of a long word.
pub(crate) fn scan(text: &str) -> Vec<FoundToken> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut start = 0;
    while start + SHORTEST <= bytes.len() {
        // A word of 20 bytes from `start` would include all of them; the last byte that can't be part of a word rules out all before it.
        if let Some(gap) = bytes[start..start + SHORTEST].iter().rposition(|byte| !is_word(*byte)) {
            start += gap + 1;
            continue;
        }
        let end =
            bytes[start + SHORTEST..].iter().position(|byte| !is_word(*byte)).map_or(bytes.len(), |at| start + SHORTEST + at);
        word(bytes, start..end, &mut found);
        start = end;
    }
    pem::scan(bytes, &mut found);
    found.retain(|(_, range)| !bytes[..range.start].ends_with(b"ac-secret://"));
    found.sort_by_key(|(_, range)| range.start);
    // Text inside a key may look like another token by chance; it is not a finding.
    let mut covered = 0;
    found.retain(|(_, range)| {
        let fresh = range.start >= covered;
        covered = covered.max(range.end);
        fresh
    });
    found
}

/// The kind of token that `text` is, apart from white space around it.
pub(crate) fn kind(text: &str) -> Option<Token> {
    let text = text.trim();
    match scan(text).as_slice() {
        [(token, range)] if *range == (0..text.len()) => Some(*token),
        _ => None,
    }
}

/// Whether tokens contain this byte. Not `=`, although it pads base64, so that `NAME=ghp_…` is two words.
fn is_word(byte: u8) -> bool {
    const WORD: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'-' | b'.' | b'+' | b'/');
            byte += 1;
        }
        table
    };
    WORD[byte as usize]
}

/// Looks for tokens in a long word.
fn word(bytes: &[u8], mut word: Range<usize>, found: &mut Vec<FoundToken>) {
    // In a double-quoted scalar, `\n` may come right before a token.
    if word.start > 0 && bytes[word.start - 1] == b'\\' && matches!(bytes[word.start], b'n' | b'r' | b't') {
        word.start += 1;
    }
    let mut at = word.start;
    while at < word.end {
        let begins = || at == word.start || !is_inner(bytes[at - 1]);
        let hit = match bytes[at] {
            first if may_begin(first, bytes.get(at + 1)) && begins() => {
                token(&bytes[at..word.end]).map(|(kind, length)| (kind, at, length))
            }
            b'+' => azure(&bytes[word.clone()], at - word.start).map(|start| (Token::AzureRegistry, word.start + start, AZURE)),
            _ => None,
        };
        match hit {
            Some((kind, start, length)) => {
                let padding = bytes[start + length..].iter().take(2).take_while(|byte| **byte == b'=').count();
                found.push((kind, start..start + length + padding));
                at = start + length;
            }
            None => at += 1,
        }
    }
}

/// Whether a token can begin with these two bytes, which rules out most words.
#[inline]
fn may_begin(first: u8, second: Option<&u8>) -> bool {
    match first {
        b'g' => matches!(second, Some(b'h' | b'i' | b'l')),
        b'A' => matches!(second, Some(b'K' | b'S' | b'B' | b'C' | b'3')),
        b'e' => matches!(second, Some(b'y' | b'w')),
        b'd' => second == Some(&b'c'),
        b'y' => second == Some(&b'a'),
        b'Q' => second == Some(&b'V'),
        b'L' => second == Some(&b'S'),
        _ => false,
    }
}

/// Whether no token can begin right after this byte.
fn is_inner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The characters that may follow a prefix.
#[derive(Clone, Copy)]
enum Body {
    /// `[A-Za-z0-9_]`
    Underscore,
    /// `[A-Za-z0-9_-]`
    Url,
    /// `[A-Za-z0-9_.-]`
    Dotted,
    /// `[A-Za-z0-9+/_-]`
    Base64,
}

impl Body {
    fn holds(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || match self {
                Self::Underscore => byte == b'_',
                Self::Url => matches!(byte, b'_' | b'-'),
                Self::Dotted => matches!(byte, b'_' | b'-' | b'.'),
                Self::Base64 => matches!(byte, b'+' | b'/' | b'_' | b'-'),
            }
    }
}

/// Each prefix, the characters that follow it, and their minimum number. Lengths have changed before, so these are generous minimums.
const PREFIXES: [(&str, Body, usize, Token); 13] = [
    ("ghp_", Body::Underscore, 36, Token::GitHubClassic),
    ("gho_", Body::Underscore, 36, Token::GitHubApp),
    ("ghu_", Body::Underscore, 36, Token::GitHubApp),
    // The token of a workflow may be a JSON web token after the prefix.
    ("ghs_", Body::Dotted, 36, Token::GitHubApp),
    ("ghr_", Body::Underscore, 36, Token::GitHubApp),
    ("github_pat_", Body::Underscore, 50, Token::GitHubFineGrained),
    ("dckr_pat_", Body::Url, 24, Token::DockerPersonal),
    ("dckr_oat_", Body::Url, 24, Token::DockerOrganization),
    // A routable token ends in a dot and a checksum.
    ("glpat-", Body::Dotted, 20, Token::GitLabPersonal),
    ("gldt-", Body::Dotted, 20, Token::GitLabDeploy),
    ("ya29.", Body::Dotted, 20, Token::GoogleAccess),
    // {"payload":"
    ("eyJwYXlsb2FkIjoi", Body::Base64, 60, Token::EcrPassword),
    // AWS:eyJwYXls
    ("QVdTOmV5SndZWGxz", Body::Base64, 60, Token::EcrAuthorization),
];

/// The beginning of a service-account key in base64: `{"type":"service_account"` with the white space written by Google and by `jq`.
const KEY_IN_BASE64: [&str; 3] =
    ["eyJ0eXBlIjoic2VydmljZV9hY2NvdW50", "eyJ0eXBlIjogInNlcnZpY2VfYWNjb3Vud", "ewogICJ0eXBlIjogInNlcnZpY2VfYWNjb3Vud"];

/// `-----BEGIN ` in base64.
const PEM_IN_BASE64: &[u8] = b"LS0tLS1CRUdJTi";

/// The token that `text` begins with, and its length.
fn token(text: &[u8]) -> Option<(Token, usize)> {
    for (prefix, body, least, kind) in PREFIXES {
        let Some(rest) = text.strip_prefix(prefix.as_bytes()) else { continue };
        // Check the minimum first, so that a mismatch does not scan the rest of a long word.
        let least = rest.get(..least)?;
        if !least.iter().all(|byte| body.holds(*byte)) || !is_random(least) {
            return None;
        }
        let mut length = rest.iter().position(|byte| !body.holds(*byte)).unwrap_or(rest.len());
        // A full stop at the end belongs to the sentence, not to the token.
        length -= rest[..length].iter().rev().take_while(|byte| **byte == b'.').count();
        return Some((kind, prefix.len() + length));
    }
    let base64 = || text.iter().position(|byte| !Body::Base64.holds(*byte)).unwrap_or(text.len());
    if KEY_IN_BASE64.iter().any(|key| text.starts_with(key.as_bytes())) && text.len() > 400 {
        return Some((Token::GoogleKey, base64()));
    }
    if text.starts_with(PEM_IN_BASE64) && text.len() > 80 {
        let head = base64::engine::general_purpose::STANDARD.decode(&text[..72]).ok()?;
        return memchr::memmem::find(&head, b"PRIVATE KEY-----").map(|_| (Token::PrivateKey, base64()));
    }
    aws(text).then_some((Token::AwsKey, AWS))
}

const AWS: usize = 20;

/// Whether `text` begins with an access key: `AKIA` or a similar prefix, and 16 capitals and digits. AWS's examples end in `EXAMPLE`.
fn aws(text: &[u8]) -> bool {
    let prefix = [b"AKIA", b"ASIA", b"ABIA", b"ACCA"].iter().any(|prefix| text.starts_with(*prefix)) || text.starts_with(b"A3T");
    let Some(key) = text.get(..AWS).filter(|_| prefix) else { return false };
    key.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && !text.get(AWS).is_some_and(|byte| is_inner(*byte))
        && !key.ends_with(b"EXAMPLE")
        && variety(&key[4..]) >= 6
}

const AZURE: usize = 52;

/// Where in `word` an Azure key begins that has its `+ACR` at `at`: 42 characters of base64, `+ACR`, one of `A` to `D`, five more.
fn azure(word: &[u8], at: usize) -> Option<usize> {
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let start = at.checked_sub(42)?;
    let key = word.get(start..start + AZURE)?;
    let apart = |byte: Option<&u8>| !byte.is_some_and(|byte| inner(byte) || matches!(byte, b'_' | b'-'));
    let before = start.checked_sub(1).and_then(|before| word.get(before));
    let shape = key[42..].starts_with(b"+ACR") && matches!(key[46], b'A'..=b'D') && key.iter().all(inner);
    (shape && apart(before) && apart(word.get(start + AZURE)) && is_random(key)).then_some(start)
}

/// Whether `text` looks random rather than like an example (`xxxx`, `YOUR-TOKEN-HERE`): several different characters of more than one sort.
/// About one in a million random texts of 20 characters fails this.
fn is_random(text: &[u8]) -> bool {
    let sorts: [fn(&u8) -> bool; 3] = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    variety(text) >= 8 && sorts.iter().filter(|sort| text.iter().any(sort)).count() >= 2
}

/// The number of different bytes.
fn variety(text: &[u8]) -> u32 {
    text.iter().fold(0u128, |seen, byte| seen | 1 << (byte & 127)).count_ones()
}

#[cfg(test)]
mod tests;
