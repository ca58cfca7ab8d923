//! What the name of a variable or a key says of its value: that it is a secret, and of which sort.

/// Words that name a secret anywhere in a name.
const STRONG: [&str; 9] = ["CRED", "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "MNEMONIC", "CREDENTIAL", "PRIVKEY", "APIKEY"];

/// Ends of words written together that name a secret: `DBPASSWORD`, `SECRETKEY`.
const ENDS: [&str; 9] =
    ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "MNEMONIC", "APIKEY", "PRIVATEKEY", "SECRETKEY", "ACCESSKEY"];

/// Words before `KEY` or `TOKEN` that make it something other than a secret.
const HARMLESS: &str = "\
    PUBLIC PUB PUBLISHABLE PRIMARY FOREIGN SORT PARTITION CACHE ROUTING OBJECT INDEX GROUP HOT SHORTCUT LOOKUP JOIN LABEL \
    NATIVE FEE GAS REWARD REWARDS BASE QUOTE STAKING STAKE GOVERNANCE PAYMENT LP PAD EOS BOS UNK MASK STOP SEP CLS PER MAX \
    MIN NUM PRICE DEFAULT";

/// Last words of names whose value is about a secret and not one itself; in the plural as well.
const ABOUT: &str = "\
    FILE FILENAME PATH DIR DIRECTORY FOLDER NAME ID URL URI LINK HOST PORT TYPE KIND ALGORITHM ALG ALGO METHOD MODE LENGTH \
    LEN SIZE BIT BYTE CHAR LIMIT COUNT ATTEMPT MAX MIN TTL EXPIRY EXPIRATION EXPIRE IN LIFETIME AGE TIMEOUT INTERVAL \
    ROTATION DAY HOUR MINUTE SECOND ENABLED ENABLE DISABLED ALLOWED REQUIRED POLICY RULE PROVIDER SCOPE ISSUER AUDIENCE \
    HEADER PREFIX SUFFIX FORMAT ENCODING VERSION REGION ARN STORE STORAGE MANAGER BACKEND ENDPOINT ADDRESS ADDR CONTRACT \
    SYMBOL DECIMAL SUPPLY USER USERNAME EMAIL HINT LABEL FIELD PARAM COLUMN PARALLELISM DENOM ENGINE NAMESPACE GROUP REALM \
    DOMAIN SERVER BUCKET DRIVER PLUGIN ROLE STRATEGY COMPLEXITY STRENGTH PATTERN COST ITERATION";

/// Last words that only say how a secret is written.
const WRITTEN: [&str; 8] = ["BASE64", "B64", "HEX", "VALUE", "STRING", "PLAIN", "PEM", "JSON"];

/// Words before `KEY` that make it a secret whatever its value looks like.
const KEYS: [&str; 8] = ["API", "PRIVATE", "ACCESS", "SIGNING", "ENCRYPTION", "MASTER", "AUTH", "SECRET"];

/// What sort of secret a name announces, which decides what a value can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Whoever deploys chooses it: a password, a session's secret. A weak one, such as `test`, is the login all the same.
    Chosen,
    /// Somebody else issues it: an API key, an access key. A word such as `test` can't be one.
    Issued,
    /// `KEY` and `TOKEN`, which may be something other than a secret.
    Unsure,
}

/// Whether `text` is a name as variables and secrets usually have: letters, digits and `_`.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether `name`, of a variable or a key, says that its value is a secret.
pub(crate) fn names_secret(name: &str) -> bool {
    sort(name).is_some()
}

/// Whether `name` says that its value is a secret, and of which sort.
pub(super) fn sort(name: &str) -> Option<Sort> {
    if !may_name_secret(name) {
        return None;
    }
    let words = words(name);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    while words.len() > 1
        && words.last().is_some_and(|last| WRITTEN.contains(last) || last.bytes().all(|byte| byte.is_ascii_digit()))
    {
        words.pop();
    }
    let (last, before) = words.split_last()?;
    let previous = before.last().copied();
    if is_about(last) {
        return is_token_id(last, before).then_some(Sort::Unsure);
    }
    let harmless =
        before.iter().any(|word| matches!(*word, "PUBLIC" | "PUBLISHABLE")) || previous.is_some_and(|it| is_in(HARMLESS, it));
    match (singular(last), previous) {
        ("KEY", Some("API" | "ACCESS")) | ("APIKEY" | "ACCESSKEY", _) => (!harmless).then_some(Sort::Issued),
        ("TOKEN", Some("ACCESS" | "BOT" | "API")) => (!harmless).then_some(Sort::Issued),
        ("SECRET", Some("CLIENT" | "CONSUMER")) => Some(Sort::Issued),
        // The command of Redis that takes a password.
        ("AUTH", Some("REDIS" | "REDISCLI" | "VALKEY")) => Some(Sort::Chosen),
        _ if is_strong(last) => Some(Sort::Chosen),
        ("PASS" | "PHRASE" | "SALT", _) | ("PWD" | "PW", Some(_)) => Some(Sort::Chosen),
        // `RCONPW`, but not the folder that a shell was in.
        (joined, _) if joined != "OLDPWD" && joined.len() > 3 && ["PW", "PWD"].iter().any(|end| joined.ends_with(end)) => {
            Some(Sort::Chosen)
        }
        // The secret of a session in Rails and Phoenix.
        ("BASE", Some("KEY")) if before.contains(&"SECRET") => Some(Sort::Chosen),
        ("SEED", Some("WALLET" | "PRIVATE" | "KEY")) => Some(Sort::Chosen),
        ("KEY", Some(kind)) if KEYS.contains(&kind) => (!harmless).then_some(Sort::Chosen),
        (joined, _) if joined.strip_suffix("KEY").is_some_and(|kind| KEYS.contains(&kind)) => Some(Sort::Chosen),
        // `SECRET_KEY_BASE`, `PASSWORD_POSTGRES`; but `SECRET_SHARES=5` as well.
        _ if before.iter().any(|word| is_strong(word)) => Some(Sort::Unsure),
        (one, _) if !last.ends_with("TOKENS") && (matches!(one, "KEY" | "PAT") || one.ends_with("TOKEN")) => {
            (!harmless).then_some(Sort::Unsure)
        }
        _ => None,
    }
}

/// Whether the word names a secret wherever it is in a name.
fn is_strong(word: &str) -> bool {
    let word = singular(word);
    let passes = word.len() > 5 && word.ends_with("PASS") && !["BYPASS", "COMPASS", "TRESPASS", "SURPASS"].contains(&word);
    STRONG.contains(&word) || ENDS.iter().any(|end| word.ends_with(end)) || passes
}

fn is_about(word: &str) -> bool {
    is_in(ABOUT, word) || is_in(ABOUT, singular(word))
}

/// Whether the last word of `name` says that its value is about something, as ports and hosts are.
pub(super) fn tells_about(name: &str) -> bool {
    words(name).last().is_some_and(|last| is_about(last))
}

/// Whether a name that ends in `ID` is that of a token: Vault's `ROOT_TOKEN_ID` is the token itself, and so is a role's `SECRET_ID`.
fn is_token_id(last: &str, before: &[&str]) -> bool {
    matches!(before, [.., "ROOT", "TOKEN"] | [.., "ROLE" | "APPROLE", "SECRET"]) && last == "ID"
}

/// Whether `word` is one of `words`, which blanks separate.
fn is_in(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

/// The word without the `S` of a plural.
fn singular(word: &str) -> &str {
    word.strip_suffix('S').filter(|rest| rest.len() > 2 && !rest.ends_with('S')).unwrap_or(word)
}

/// Whether a part of `name` begins like a word that [`sort`] knows: most names need not be taken apart.
fn may_name_secret(name: &str) -> bool {
    const PARTS: [&[u8]; 12] =
        [b"PASS", b"PHRASE", b"PW", b"PRIV", b"PAT", b"SECRET", b"SEED", b"SALT", b"MNEMONIC", b"CRED", b"KEY", b"AUTH"];
    let name = name.as_bytes();
    (0..name.len()).any(|at| match name[at].to_ascii_uppercase() {
        b'P' | b'S' | b'M' | b'C' | b'K' | b'A' => {
            PARTS.iter().any(|part| name[at..].len() >= part.len() && name[at..at + part.len()].eq_ignore_ascii_case(part))
        }
        b'T' => name[at..].len() >= 5 && name[at..at + 5].eq_ignore_ascii_case(b"TOKEN"),
        _ => false,
    })
}

/// The words of a name in capitals: `dbPassword`, `DB_PASSWORD` and `db.password` are two each.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || lower && c.is_ascii_uppercase() {
            words.push(String::new());
        }
        if let (Some(word), true) = (words.last_mut(), c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_uppercase());
        }
        lower = c.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
