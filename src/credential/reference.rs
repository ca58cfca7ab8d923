//! Texts that refer to a secret somewhere else, which whoever holds them still has to look up: `op://…`, `ENC[…]`, `${NAME}`.

/// A sort of reference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SecretReference {
    /// What it is, with an article.
    pub what: &'static str,
    /// The command that gives what it refers to; in it NAME is the placeholder's name, other capitals and `…` are for the reader to fill in.
    pub command: &'static str,
    /// Where it can't be meant as it stands.
    pub meant: Scope,
}

/// Where a text can only be a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everywhere: nothing else is written like this.
    Everywhere,
    /// In a login, and in a variable that is a secret: another variable may tell the container where something is.
    Secrets,
    /// In a login: in any variable, the container may be what looks it up.
    Logins,
}

const fn sure(what: &'static str, command: &'static str) -> SecretReference {
    SecretReference { what, command, meant: Scope::Everywhere }
}

const fn unsure(what: &'static str, command: &'static str) -> SecretReference {
    SecretReference { what, command, meant: Scope::Secrets }
}

const SECRETS_MANAGER: &str = "aws secretsmanager get-secret-value --query SecretString --output text --secret-id ID";

/// How each sort begins.
const BEGINNINGS: &[(&str, SecretReference)] = &[
    ("op://", sure("a reference to 1Password (`op://`)", "op read op://…")),
    ("ref+", sure("a reference of vals (`ref+`)", "vals get ref+…")),
    ("secretref+", sure("a reference of vals (`secretref+`)", "vals get secretref+…")),
    ("keeper://", sure("a reference to Keeper (`keeper://`)", "ksm secret notation keeper://…")),
    ("vault:", sure("a reference to Vault (`vault:`)", "vault kv get -field=FIELD PATH")),
    ("ENC[PKCS7,", sure("a value that hiera-eyaml encrypted (`ENC[`)", "eyaml decrypt -f FILE")),
    ("{cipher}", sure("a value that Spring Cloud Config encrypted (`{cipher}`)", "CMD")),
    ("/aws/reference/secretsmanager/", unsure("a reference to AWS Secrets Manager", SECRETS_MANAGER)),
    ("ENC[AES256_GCM", sure("a value that SOPS encrypted (`ENC[`)", "sops -d --extract '[\"NAME\"]' FILE")),
    ("encrypted:", sure("a value that dotenvx encrypted (`encrypted:`)", "dotenvx get NAME")),
    ("$ANSIBLE_VAULT;", sure("a value that Ansible Vault encrypted", "ansible-vault view FILE")),
    ("-----BEGIN AGE ENCRYPTED FILE-----", sure("a value that age encrypted", "age -d -i KEY FILE")),
    ("-----BEGIN PGP MESSAGE-----", sure("a value that PGP encrypted", "gpg -d FILE")),
    ("@Microsoft.KeyVault(", sure("a reference to Azure Key Vault", "az keyvault secret show --query value -o tsv --id ID")),
    ("arn:aws:secretsmanager:", unsure("a reference to AWS Secrets Manager", SECRETS_MANAGER)),
    (
        "arn:aws:ssm:",
        unsure(
            "a reference to AWS Parameter Store",
            "aws ssm get-parameter --with-decryption --query Parameter.Value --output text --name ID",
        ),
    ),
];

/// Text that a shell or a template was to replace.
const UNREPLACED: SecretReference = sure("text that a shell or a template was to replace", "CMD");
const GOOGLE: SecretReference =
    unsure("a reference to Google Secret Manager", "gcloud secrets versions access latest --secret=ID");
const ENCRYPTED: SecretReference = sure("a value that Jasypt encrypted (`ENC(`)", "CMD");
const FILE: SecretReference = SecretReference { what: "the path of a file", command: "cat PATH", meant: Scope::Logins };
const ADDRESS: SecretReference = SecretReference { what: "the address of something", command: "CMD", meant: Scope::Logins };
/// Something else has a variable in it that was not replaced.
const PARTLY: SecretReference = sure("text with a variable in it that was not replaced", "CMD");

/// What programs that look secrets up write before a colon.
const SCHEMES: &str = "\
    env file secret secrets secretref pass gopass keychain keyring ssm gcp azure doppler infisical bitwarden lastpass keepass \
    awssm awssecretsmanager gcpsm gcpsecretmanager azurekeyvault sm exec cmd";

/// Where files with secrets are mounted and kept.
const FOLDERS: [&str; 9] = ["/run/", "/var/run/", "/etc/", "/home/", "/root/", "/mnt/", "~/", "./", "../"];

/// The sort of reference that `text` is, as a whole.
pub(super) fn reference(text: &str) -> Option<&'static SecretReference> {
    let text = text.trim().trim_matches(['"', '\'']);
    let begins =
        |text: &str, beginning: &str| text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning));
    if let Some((beginning, known)) = BEGINNINGS.iter().find(|(beginning, _)| begins(text, beginning)) {
        // `ref+vault://…`, but not a password that begins in that way.
        return (!beginning.ends_with("ref+") || text.contains("://")).then_some(known);
    }
    if is_unreplaced(text) {
        return Some(&UNREPLACED);
    }
    if text.starts_with("projects/") && text.contains("/secrets/") {
        return Some(&GOOGLE);
    }
    if text.ends_with(')') && begins(text, "ENC(") {
        return Some(&ENCRYPTED);
    }
    let is_path = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-#@".contains(&byte));
    if text.starts_with(['/', '~', '.']) && FOLDERS.iter().any(|folder| text.starts_with(folder)) && is_path(&text[1..]) {
        return Some(&FILE);
    }
    let colon = text.split_once(':').filter(|(scheme, rest)| {
        let scheme = scheme.to_ascii_lowercase().replace(['-', '_'], "");
        !rest.is_empty() && is_path(rest) && SCHEMES.split(' ').any(|known| known == scheme)
    });
    if colon.is_some() {
        return Some(&ADDRESS);
    }
    if has_variable(text) {
        return Some(&PARTLY);
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let is_scheme =
        |scheme: &str| scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let is_address = scheme.is_some_and(is_scheme) && !text.contains(char::is_whitespace) && !begins(text, "ac-secret");
    is_address.then_some(&ADDRESS)
}

/// All of the text, on one line, is what a shell (`${NAME}`, `$NAME`, `$(…)`, `` `…` ``, `$env:NAME`, `%NAME%`), a template (`{{ … }}`,
/// `<%= … %>`, `#{…}#`, `%(NAME)s`, `@NAME@`, `__NAME__`) or a CI service (`${{ … }}`, `$[…]`) replaces.
fn is_unreplaced(text: &str) -> bool {
    // Most texts are told by their first character.
    if !text.starts_with(['$', '`', '{', '<', '#', '%', '@', '_']) {
        return false;
    }
    let inside = |open: &str, close: &str| text.strip_prefix(open)?.strip_suffix(close).filter(|inside| !inside.is_empty());
    let capitals = |name: &str| {
        let part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        name.len() > 1 && name.bytes().all(part) && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    let shell = super::shell::whole(text)
        || text.strip_prefix('$').is_some_and(|name| capitals(name) || is_secret_word(name))
        || text.strip_prefix("$env:").or_else(|| text.strip_prefix("$Env:")).is_some_and(super::name::is_name)
        || inside("`", "`").is_some_and(|command| command.contains(' '));
    let enclosed =
        [("$(", ")"), ("{{", "}}"), ("<%", "%>"), ("#{", "}"), ("#{", "}#"), ("${{", "}}"), ("$[", "]"), ("%env(", ")%")];
    let marked = [("%", "%"), ("%(", ")s"), ("@", "@"), ("__", "__")];
    !text.contains(['\n', '\r'])
        && (shell
            || enclosed.iter().any(|(open, close)| inside(open, close).is_some())
            || marked.iter().any(|(open, close)| inside(open, close).is_some_and(capitals)))
}

/// Whether `${NAME}` is anywhere in it.
fn has_variable(text: &str) -> bool {
    super::shell::variables(text)
        .any(|variable| text[variable.range].starts_with("${") && !text[variable.name].contains(|c: char| c.is_ascii_lowercase()))
}

/// `$token`, `$ghcr_password`: of a name that is not in capitals, only where it names a secret.
fn is_secret_word(name: &str) -> bool {
    let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_name && super::names_secret(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_secrets() {
        for (text, command) in [
            ("op://Engineering/ghcr/token", "op read"),
            (" \"OP://a/b/c\"\n", "op read"),
            ("ref+vault://secret/ghcr#/token", "vals get"),
            ("ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]", "sops -d"),
            ("encrypted:BDb7t3QkTRp2", "dotenvx get NAME"),
            ("vault:secret/data/ghcr#token", "vault kv get"),
            ("vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==", "vault kv get"),
            ("${GHCR_PAT}", "CMD"),
            ("${GHCR_PAT:-x}", "CMD"),
            ("$GHCR_PAT", "CMD"),
            ("$token", "CMD"),
            ("$(cat token)", "CMD"),
            ("`cat token`", "CMD"),
            ("{{ GHCR_PAT }}", "CMD"),
            ("<%= token %>", "CMD"),
            ("%GHCR_PAT%", "CMD"),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:x", "get-secret-value"),
            ("projects/p/secrets/s/versions/1", "gcloud"),
            ("bws://x/y", "CMD"),
            ("env:GHCR_PAT", "CMD"),
            ("aws-secretsmanager:prod/ghcr", "CMD"),
            ("secretRef:ghcr#token", "CMD"),
            ("/run/secrets/ghcr", "cat PATH"),
            ("~/.ghcr-token", "cat PATH"),
            ("/aws/reference/secretsmanager/ghcr", "get-secret-value"),
            ("ENC[PKCS7,MIIBygYJKo]", "eyaml"),
            ("ENC(6eaMh/RXtN)", "CMD"),
            ("{cipher}d6bfab63a1", "CMD"),
            ("$env:GHCR_PAT", "CMD"),
            ("${{ secrets.GHCR_PAT }}", "CMD"),
            ("$[variables.pat]", "CMD"),
            ("#{GhcrPat}#", "CMD"),
            ("%env(GHCR_PAT)%", "CMD"),
            ("%(GHCR_PAT)s", "CMD"),
            ("@GHCR_PAT@", "CMD"),
            ("__GHCR_PAT__", "CMD"),
            ("postgres://app:${DB_PASSWORD}@db", "CMD"),
        ] {
            assert!(reference(text).is_some_and(|found| found.command.contains(command)), "{text}");
        }
        for text in [
            "hunter2",
            "pa$$word",
            "$2b$10$abc",
            "$ecret",
            "a${X",
            "ref+x",
            "{\"a\": 1}",
            "-----BEGIN PRIVATE KEY-----",
            "ghp_x://",
            "100%",
            "ac-secret://x",
            "$A",
            "a $(b) c",
            "a:b",
            "pass:word!",
            "/Ab3+cd/9x==",
            "__Secret__",
            "@home@",
            "%(x)s",
            "%%",
            "{{}}",
            "pa${x}",
            "",
            "`x`",
        ] {
            assert_eq!(reference(text), None, "{text}");
        }
    }
}
