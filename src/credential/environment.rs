//! `env`: values that look like secrets, judged by the names of their variables and by the values themselves.

use crate::finding::{Finding, Level, Rule};

use super::Fact;
use super::filling::resolve;
use super::name;
use super::random::is_random;
use super::reference::{Scope, reference};
use super::written::{has_login, is_pair, is_secret};

pub(super) fn check(field: &Fact<'_>, findings: &mut Vec<Finding>) {
    let Some((name, value)) = field.text.filter(|_| !field.placeholder).and_then(|text| text.split_once('=')) else { return };
    if let Some(literal) = judge(name, value) {
        findings.push(field.finding(Rule::EnvSecret, format!("{} in the template", literal.words()), help(name)));
    }
}

/// A secret that is written where a placeholder should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    /// The value of a variable that is a secret by its name.
    Secret,
    /// A user and a password.
    Pair,
    /// A value with a login in it.
    Login,
    /// A value that looks like a key.
    Random,
}

impl Literal {
    /// What it is; where it is written comes after.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Secret => "by its name this variable is a secret, and its value is written",
            Self::Pair => "this value is a user and a password, and is written",
            Self::Login => "there is a login in this value, written",
            Self::Random => "this value looks like a key, and is written",
        }
    }
}

/// Whether `value`, as it is written for the variable `name`, is a secret.
pub(super) fn judge(name: &str, value: &str) -> Option<Literal> {
    match name::sort(name) {
        Some(sort) => is_secret(name, value, sort).then_some(Literal::Secret),
        None if is_pair(name, value) => Some(Literal::Pair),
        None if has_login(value) => Some(Literal::Login),
        None if is_random(name, value) => Some(Literal::Random),
        None => None,
    }
}

/// Whether `value`, as it is written for `name`, must not be shown.
pub(crate) fn exposes_literal(name: &str, value: &str) -> bool {
    judge(name, value).is_some()
}

/// Tells of a reference that is written out: nothing resolves it in the container either.
pub(super) fn check_reference(field: &Fact<'_>, findings: &mut Vec<Finding>) {
    let Some((name, value)) = field.text.filter(|_| !field.placeholder).and_then(|text| text.split_once('=')) else { return };
    // What is left of a shell is told as such.
    let found = reference(value).filter(|found| {
        let meant = found.meant == Scope::Everywhere || found.meant == Scope::Secrets && name::names_secret(name);
        meant && found.command != "CMD"
    });
    if let Some(found) = found {
        let message = format!("this is {}, not the secret", found.what);
        let help = format!("{}; {}", help(name), resolve(placeholder(name).as_deref().unwrap_or("NAME"), found));
        findings.push(field.finding_of(Rule::UnresolvedReference, Level::Warning, message, help));
    }
}

/// The line to paste.
fn help(name: &str) -> String {
    match placeholder(name) {
        Some(placeholder) => format!("write `- \"{name}={{{{ {placeholder} }}}}\"` and give the value when rendering"),
        None => "write a placeholder for the value, such as `- NAME={{ NAME }}`".to_owned(),
    }
}

/// A placeholder's name for the variable. What it can't hold becomes `_`. None where the variable's name does not read as one: it could be
/// the secret.
fn placeholder(name: &str) -> Option<String> {
    let one_case = !(name.bytes().any(|byte| byte.is_ascii_lowercase()) && name.bytes().any(|byte| byte.is_ascii_uppercase()));
    let is_name = (one_case || name::names_secret(name))
        && !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let digit = if plain.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    is_name.then(|| format!("{digit}{plain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flagged(item: &str) -> bool {
        item.split_once('=').is_some_and(|(name, value)| judge(name, value).is_some())
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
            "OPENAI_API_KEY=sk-1R5z77Qm0",
            "KEY=abcdef",
            "TELEGRAM_BOT_TOKEN=123:abcdef",
            "TOKEN_HEX=0f0f0f0f",
            "PRIVATE_KEY=0x0123456789012345678901234567890123456789012345678901234567890123",
            "DATABASE_URL=postgres://app:hunter2@db/app",
            "REDIS_PASSWORD=redis://u:hunter2@h",
            "PASSWORD='quoted'",
            // A weak one that is chosen is the login all the same; so is a pair, and one inside another value.
            "SESSION_SECRET=testing",
            "DB_PASSWORD=test",
            "DB_PASSWORD=my-secret-password",
            "ROOT_TOKEN_ID=mysecrettoken",
            "ROLE_SECRET_ID=8c2f1f2e",
            "API_KEYS=a1b2c3,d4e5f6",
            "DB_CREDS=app hunter2",
            "DBPASS=hunter2",
            "AUTH_SALT=kj23n4k2",
            "NEO4J_AUTH=neo4j/admin",
            "FLOWER_BASIC_AUTH=admin:hunter2",
            "DATABASE_URL=postgres://db/app?user=app&password=hunter2",
            "RPC=https://rpc.example.com/v1?token=9ac81f20bb",
            "DB=Server=db;User Id=sa;Password=hunter2;",
            "DSN=host=db user=app password=hunter2",
            "JAVA_OPTS=-Xmx1g -Dserver.ssl.key-store-password=hunter2",
            "ARG=-port 1111 -username Admin -password admin",
            "CONFIG={\"user\": \"app\", \"password\": \"hunter2\"}",
            "EXTRA_HEADER=Authorization: Bearer 81k2j3h1k2j3",
            "ID=7142a3f6-5788-4c91-839a-25b06fe58f4b",
            "FOO=kJ83hf02Ks81hDk29Lq0Zm4x",
            "PLAUSIBLE=0c7f81e2a99b4d53b1f0a27d4c3e8890",
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
            // Names in the plural are about secrets too, and a key that nobody issued is none.
            "SECRET_PATHS=kv/app,kv/db",
            "APIKEY_USERS=anna,ben",
            "SECRET_ROTATION_DAYS=30",
            "MAX_TOKENS=many-of-them",
            "SESSION_SECRET=RANDOM_STRING",
            "DB_PASSWORD=VERY_SECRET_PASSWORD",
            "JWT_SECRET=generate-a-random-string",
            "SESSION_SECRET=some-very-long-random-string-of-32-characters",
            "API_KEY=anapikey",
            "OPENAI_API_KEY=my-openai-key",
            "API_KEY=test",
            "DEEPSEEK_API_KEY=sk-1234567890",
            "AUTH=false",
            "REGISTRY_AUTH=/etc/auth/htpasswd",
            "NEO4J_AUTH=none",
            "NEO4J_AUTH=neo4j/changeme",
            "DATABASE_URL=postgres://db/app?user=app&password=<password>",
            "DATABASE_URL=postgres://db/app?sslmode=require&search_path=a",
            "CONFIG={\"passwordPolicy\": \"strict\"}",
            "HEADER=Authorization: Bearer <token>",
            "ARGS=--password-file /run/pw --user app",
            "COMMIT=8c2f1f2e90ab4dd081f1c3b2a0998877aa55ff10",
            "DEPLOYMENT=7142a3f6-5788-4c91-839a-25b06fe58f4b",
            "CONTRACT_X=0xfc3666266d129504dd6c713f9bce107747ae4aee",
            "MODEL_A=DeepSeek-R1-Distill-Llama-70B-Instruct",
            "POOLS=ProHashing,ProHashingCoins,MiningDutch,MiningDutchCoins",
            "WALLET=46vTVFGMpZ8FXGkcRrSV9bKmX9AbCdEf1234567890ghijk",
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
