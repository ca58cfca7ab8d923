//! `env`: values that look like secrets, judged by the names of their variables.

use crate::finding::{Finding, Rule};

use super::Fact;
use super::stand_in::is_stand_in;

/// Words that name a secret anywhere in a name.
const STRONG: [&str; 11] = [
    "PASSWORD",
    "PASSWORDS",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "SECRETS",
    "MNEMONIC",
    "CREDENTIAL",
    "CREDENTIALS",
    "PRIVKEY",
    "APIKEY",
];

/// Ends of words written together that name a secret: `DBPASSWORD`, `SECRETKEY`.
const ENDS: [&str; 9] =
    ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "MNEMONIC", "APIKEY", "PRIVATEKEY", "SECRETKEY", "ACCESSKEY"];

/// Words before `KEY` or `TOKEN` that make it something other than a secret.
const HARMLESS: [&str; 43] = [
    "PUBLIC",
    "PUB",
    "PUBLISHABLE",
    "PRIMARY",
    "FOREIGN",
    "SORT",
    "PARTITION",
    "CACHE",
    "ROUTING",
    "OBJECT",
    "INDEX",
    "GROUP",
    "HOT",
    "SHORTCUT",
    "LOOKUP",
    "JOIN",
    "LABEL",
    "NATIVE",
    "FEE",
    "GAS",
    "REWARD",
    "REWARDS",
    "BASE",
    "QUOTE",
    "STAKING",
    "STAKE",
    "GOVERNANCE",
    "PAYMENT",
    "LP",
    "PAD",
    "EOS",
    "BOS",
    "UNK",
    "MASK",
    "STOP",
    "SEP",
    "CLS",
    "PER",
    "MAX",
    "MIN",
    "NUM",
    "PRICE",
    "DEFAULT",
];

/// Last words of names whose value is about a secret and not one itself.
const ABOUT: [&str; 78] = [
    "FILE",
    "FILES",
    "FILENAME",
    "PATH",
    "DIR",
    "DIRECTORY",
    "NAME",
    "NAMES",
    "ID",
    "IDS",
    "URL",
    "URI",
    "HOST",
    "PORT",
    "TYPE",
    "KIND",
    "ALGORITHM",
    "ALG",
    "ALGO",
    "METHOD",
    "MODE",
    "LENGTH",
    "LEN",
    "SIZE",
    "BITS",
    "BYTES",
    "LIMIT",
    "COUNT",
    "MAX",
    "MIN",
    "TTL",
    "EXPIRY",
    "EXPIRATION",
    "EXPIRES",
    "EXPIRE",
    "IN",
    "LIFETIME",
    "AGE",
    "TIMEOUT",
    "INTERVAL",
    "ROTATION",
    "ENABLED",
    "ENABLE",
    "DISABLED",
    "REQUIRED",
    "POLICY",
    "PROVIDER",
    "SCOPE",
    "ISSUER",
    "AUDIENCE",
    "HEADER",
    "PREFIX",
    "SUFFIX",
    "FORMAT",
    "ENCODING",
    "VERSION",
    "REGION",
    "ARN",
    "STORE",
    "MANAGER",
    "BACKEND",
    "ENDPOINT",
    "ADDRESS",
    "ADDR",
    "CONTRACT",
    "SYMBOL",
    "DECIMALS",
    "SUPPLY",
    "USER",
    "USERNAME",
    "EMAIL",
    "HINT",
    "LABEL",
    "FIELD",
    "PARAM",
    "COLUMN",
    "PARALLELISM",
    "DENOM",
];

/// Last words that only say how a secret is written.
const WRITTEN: [&str; 8] = ["BASE64", "B64", "HEX", "VALUE", "STRING", "PLAIN", "PEM", "JSON"];

pub(super) fn check(field: &Fact<'_>, findings: &mut Vec<Finding>) {
    let Some((name, value)) = field.text.filter(|_| !field.placeholder).and_then(|text| text.split_once('=')) else { return };
    let message = match judge(name, value) {
        Some(Literal::Secret) => "by its name this variable is a secret, and its value is written in the template",
        Some(Literal::Address) => "there is a password in this address, written in the template",
        None => return,
    };
    findings.push(field.finding(Rule::EnvSecret, message, help(name)));
}

/// What is written where a placeholder should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    /// The value of a variable that is a secret by its name.
    Secret,
    /// An address with a password in it.
    Address,
}

/// Whether `value`, as it is written for the variable `name`, is a secret.
pub(super) fn judge(name: &str, value: &str) -> Option<Literal> {
    match rank(name) {
        Some(rank) if is_secret(name, value, rank) => Some(Literal::Secret),
        _ if has_password(value) => Some(Literal::Address),
        _ => None,
    }
}

/// How sure a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    /// It is hardly ever anything else.
    Strong,
    /// `KEY` and `TOKEN`, which may be other things.
    Weak,
}

/// Whether `name` says that its value is a secret.
pub(super) fn names_secret(name: &str) -> bool {
    rank(name).is_some()
}

/// Whether `name` says that its value is a secret, and how surely.
fn rank(name: &str) -> Option<Rank> {
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
    if ABOUT.contains(last) {
        return None;
    }
    let harmless =
        before.iter().any(|word| matches!(*word, "PUBLIC" | "PUBLISHABLE")) || previous.is_some_and(|it| HARMLESS.contains(&it));
    let strong = |word: &&str| STRONG.contains(word) || ENDS.iter().any(|end| word.ends_with(end));
    match *last {
        _ if words.iter().any(strong) => Some(Rank::Strong),
        "PASS" | "PHRASE" => Some(Rank::Strong),
        "PWD" if previous.is_some() => Some(Rank::Strong),
        "SEED" if matches!(previous, Some("WALLET" | "PRIVATE" | "KEY")) => Some(Rank::Strong),
        "KEY" if matches!(previous, Some("API" | "PRIVATE" | "ACCESS" | "SIGNING" | "ENCRYPTION" | "MASTER" | "AUTH")) => {
            (!harmless).then_some(Rank::Strong)
        }
        "KEY" | "TOKEN" | "PAT" => (!harmless).then_some(Rank::Weak),
        _ => None,
    }
}

/// Whether a part of `name` begins like a word that [`rank`] knows: most names need not be taken apart.
fn may_name_secret(name: &str) -> bool {
    const PARTS: [&[u8]; 10] =
        [b"PASS", b"PHRASE", b"PWD", b"PRIV", b"PAT", b"SECRET", b"SEED", b"MNEMONIC", b"CREDENTIAL", b"KEY"];
    let name = name.as_bytes();
    (0..name.len()).any(|at| match name[at].to_ascii_uppercase() {
        b'P' | b'S' | b'M' | b'C' | b'K' => {
            PARTS.iter().any(|part| name[at..].len() >= part.len() && name[at..at + part.len()].eq_ignore_ascii_case(part))
        }
        b'T' => name[at..].len() >= 5 && name[at..at + 5].eq_ignore_ascii_case(b"TOKEN"),
        _ => false,
    })
}

/// The words of a name in capitals: `dbPassword`, `DB_PASSWORD` and `db.password` are two each.
fn words(name: &str) -> Vec<String> {
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

fn is_secret(name: &str, value: &str, rank: Rank) -> bool {
    let value = value.trim();
    let bare = value.trim_matches(['"', '\'']);
    let filler = is_stand_in(bare) || is_spelled_out(name, bare);
    if filler || is_switch(bare) || is_path(bare) || is_options(bare) || bare.starts_with("ac-secret://") {
        return false;
    }
    if let Some((_, rest)) = bare.split_once("://") {
        return has_password(bare) && !rest.is_empty();
    }
    match rank {
        Rank::Strong => true,
        Rank::Weak => bare.len() > 4 && bare.parse::<f64>().is_err() && !is_public(bare),
    }
}

/// Whether the value is what the variable is called, in capitals: `API_KEY=KEY`, `API_KEY=MYKEY`.
fn is_spelled_out(name: &str, value: &str) -> bool {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    value == name
        || value == last
        || value.strip_prefix("MY").is_some_and(|rest| rest.trim_start_matches('_') == last || STRONG.contains(&rest))
}

/// `c=ETC,m=solo`, which mining pools take instead of a password.
fn is_options(value: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    value.split(',').all(|pair| pair.split_once('=').is_some_and(|(key, value)| key.len() <= 4 && plain(key) && plain(value)))
}

fn is_switch(value: &str) -> bool {
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

/// Whether it is an address with a user's password in it that is not a stand-in: `postgres://user:password@host`.
fn has_password(value: &str) -> bool {
    if memchr::memchr(b'@', value.as_bytes()).is_none() {
        return false;
    }
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let known =
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    // A password with a slash in it reaches past what an address's grammar allows; the last `@` before the query counts.
    let authority = rest.split(['?', '#', ' ']).next().unwrap_or(rest);
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    known && user.split_once(':').is_some_and(|(_, password)| !password.is_empty() && !is_stand_in(password))
}

/// The line to paste. What a placeholder's name can't hold becomes `_`.
fn help(name: &str) -> String {
    let is_name =
        !name.is_empty() && name.len() <= 100 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if !is_name {
        return "write a placeholder for the value, such as `- NAME={{ NAME }}`".to_owned();
    }
    let placeholder: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let digit = if placeholder.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    format!("write `- \"{name}={{{{ {digit}{placeholder} }}}}\"` and give the value when rendering")
}

#[cfg(test)]
mod tests {
    use super::super::ServicePlace;
    use super::*;

    fn flagged(item: &str) -> bool {
        let place = ServicePlace { service: "web", key: "env", item: Some(0) };
        let field = Fact { text: Some(item), range: 0..item.len(), place, placeholder: false };
        let mut findings = Vec::new();
        check(&field, &mut findings);
        !findings.is_empty()
    }

    #[test]
    fn secrets_are_told_by_names_and_values() {
        let secrets = [
            "DB_PASSWORD=hunter2",
            "POSTGRES_PASSWORD=secretpassword",
            "MYSQLPASSWORD=abc",
            "BASIC_AUTH_PASS=passsecret",
            "DB_PWD=123456",
            "database__connection__password=s3cret",
            "jwtSecret=Zm9v",
            "SECRET_KEY_BASE=0f0f0f0f",
            "MNEMONIC=a b c d",
            "API_KEY=abc1",
            "OPENAI_API_KEY=sk-1234567890",
            "KEY=abcdef",
            "TELEGRAM_BOT_TOKEN=123:abcdef",
            "TOKEN_HEX=0f0f0f0f",
            "PRIVATE_KEY=0x0123456789012345678901234567890123456789012345678901234567890123",
            "DATABASE_URL=postgres://app:hunter2@db/app",
            "REDIS_PASSWORD=redis://u:hunter2@h",
            "PASSWORD='quoted'",
        ];
        for item in secrets {
            assert!(flagged(item), "{item}");
        }
        let harmless = [
            "PUBLIC_KEY=ssh-rsa AAAA",
            "NEXT_PUBLIC_API_KEY=pk12345",
            "SSH_KEY=ssh-ed25519 AAAAC3Nz",
            "KEYBOARD=en-us-qwerty",
            "MONKEY=business",
            "TOKENIZERS_PARALLELISM=false",
            "MAX_TOKENS=4096",
            "MAX_TOKEN=4096abc",
            "keyType=ethereum",
            "SORT_KEY=created_at",
            "FEE_TOKEN=uakt-token",
            "REWARD_TOKEN=0x0123456789012345678901234567890123456789",
            "STAKE_CONTRACT_TOKEN=akash1365yvmc4s7awdyj3n2sav7xfx76adc6dnmlx63",
            "TOKEN_TTL=3600",
            "AWS_ACCESS_KEY_ID=key",
            "SECRET_NAME=my-secret",
            "DB_PASSWORD_FILE=/run/secrets/db",
            "DB_PASSWORD=/run/secrets/db",
            "ALLOW_EMPTY_PASSWORD=yes",
            "MYSQL_RANDOM_ROOT_PASSWORD=1",
            "DB_PASSWORD=",
            "DB_PASSWORD",
            "DB_PASSWORD=changeme",
            "DB_PASSWORD=${DB_PASSWORD}",
            "DB_PASSWORD=<password>",
            "API_KEY=API_KEY",
            "BACKUP_SECRET=SECRET",
            "VLLM_API_KEY=MYPASSWORD",
            "PASSWORD=\"c=ETC,m=solo\"",
            "PASSWORD=x",
            "OPENAI_API_KEY=xxxxxxxxxxxx",
            "HF_TOKEN=hf_************",
            "TOKEN=ac-secret://hf",
            "SECRET_ENDPOINT=https://vault.example.com",
            "PASSWORD_RESET_LINK=https://app.test/reset",
            "DATABASE_URL=postgres://db/app",
            "DATABASE_URL=postgres://app@db/app",
            "DATABASE_URL=postgres://app:${PASSWORD}@db/app",
            "RPC=https://rpc.akash.network:443",
            "PWD=/app",
            "NODE_ENV=production",
        ];
        for item in harmless {
            assert!(!flagged(item), "{item}");
        }
    }

    #[test]
    fn the_help_is_a_line_to_paste() {
        assert!(help("db.pass-word").starts_with("write `- \"db.pass-word={{ db_pass_word }}\"`"));
        assert!(!help("not a name").contains("not a name"));
    }
}
