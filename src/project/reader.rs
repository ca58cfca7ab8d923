//! Reads the text of the project's file, and refuses what it must not hold: unknown keys, and values.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Profile, Said, SecretNotes};
use crate::credential::is_name;
use crate::registry::token::{self, Token};
use crate::source::CommandLine;
use crate::template::Given;

/// Something wrong in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectFault {
    /// Where.
    pub range: Range<usize>,
    /// What must not be shown: it may be a value.
    pub hidden: Option<Range<usize>>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// It is not TOML: the parser's reason.
    Syntax(String),
    /// A token.
    Token(Token),
    /// A value for this name, or a place for one.
    Value(String),
    /// A key that this table does not have.
    UnknownKey(String, Table),
    /// This key is not what it must be.
    Type(String, Table),
    /// It can't be the name of a secret.
    Name(String),
    /// It can't be the name of a profile.
    Profile(String),
}

/// A table of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    /// The whole file.
    Root,
    /// `[secrets.NAME]`
    Secret,
    /// `[profile.NAME]`
    Profile,
}

impl Table {
    /// The keys that it may have.
    pub(crate) fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Root => &["secrets", "profile"],
            Self::Secret => &["description", "where", "required", "command"],
            Self::Profile => &["secrets", "vars", "env_files"],
        }
    }
}

/// Keys under which people would write a value.
const VALUES: [&str; 8] = ["value", "default", "values", "secret", "password", "token", "key", "fallback"];

/// Reads `text`.
///
/// # Errors
/// With everything that is wrong, in the order of the text.
pub(super) fn read(text: &str) -> Result<Said, Vec<ProjectFault>> {
    let tokens: Vec<ProjectFault> = token::scan(text)
        .into_iter()
        .map(|(token, range)| ProjectFault { hidden: Some(range.clone()), range, kind: FaultKind::Token(token) })
        .collect();
    if !tokens.is_empty() {
        return Err(tokens);
    }
    let root = DeTable::parse(text).map_err(|error| {
        let range = error.span().unwrap_or(0..0);
        // What is written there may be meant as a value.
        vec![ProjectFault { hidden: None, range, kind: FaultKind::Syntax(error.message().to_owned()) }]
    })?;
    let mut reader = ProjectReader { text, faults: Vec::new() };
    let said = reader.root(root.get_ref());
    reader.faults.sort_by_key(|fault| fault.range.start);
    if reader.faults.is_empty() { Ok(said) } else { Err(reader.faults) }
}

type TomlKey<'k> = Spanned<DeString<'k>>;
type TomlValue<'k> = Spanned<DeValue<'k>>;

struct ProjectReader<'t> {
    text: &'t str,
    faults: Vec<ProjectFault>,
}

impl ProjectReader<'_> {
    fn fault(&mut self, key: &TomlKey<'_>, value: &TomlValue<'_>, kind: FaultKind) {
        // The span of a table is its head.
        let hidden = (!matches!(value.get_ref(), DeValue::Table(_))).then(|| value.span());
        self.faults.push(ProjectFault { range: key.span(), hidden, kind });
    }

    /// The members of `value`, which must be a table.
    fn table<'v, 'k>(&mut self, key: &TomlKey<'_>, value: &'v TomlValue<'k>, table: Table) -> Option<&'v DeTable<'k>> {
        match value.get_ref() {
            DeValue::Table(members) => Some(members),
            _ => {
                self.fault(key, value, FaultKind::Type(key.get_ref().to_string(), table));
                None
            }
        }
    }

    fn unknown(&mut self, key: &TomlKey<'_>, value: &TomlValue<'_>, table: Table) {
        self.fault(key, value, FaultKind::UnknownKey(key.get_ref().to_string(), table));
    }

    fn root(&mut self, root: &DeTable<'_>) -> Said {
        let mut said = Said::default();
        for (key, value) in root {
            match key.get_ref().as_ref() {
                "secrets" => said.secrets = self.secrets(key, value, Table::Root),
                "profile" => {
                    for (name, value) in self.table(key, value, Table::Root).into_iter().flatten() {
                        let profile = self.profile(name, value);
                        said.profiles.insert(name.get_ref().to_string(), profile);
                    }
                }
                _ => self.unknown(key, value, Table::Root),
            }
        }
        self.vars_are_no_secrets(root, &said);
        said
    }

    /// Refuses a variable with the name of a secret: its value would be in the file.
    fn vars_are_no_secrets(&mut self, root: &DeTable<'_>, said: &Said) {
        let member = |table: Option<&DeTable<'_>>, wanted: &str| -> Vec<(Range<usize>, String, Range<usize>)> {
            let found = table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == wanted));
            let Some((_, value)) = found else { return Vec::new() };
            let DeValue::Table(members) = value.get_ref() else { return Vec::new() };
            members.iter().map(|(key, value)| (key.span(), key.get_ref().to_string(), value.span())).collect()
        };
        let profiles = root.iter().find(|(key, _)| key.get_ref() == "profile").map(|(_, value)| value.get_ref());
        let Some(DeValue::Table(profiles)) = profiles else { return };
        for (name, value) in profiles {
            let DeValue::Table(table) = value.get_ref() else { continue };
            let own = said.profiles.get(name.get_ref().as_ref());
            for (range, var, hidden) in member(Some(table), "vars") {
                if said.secrets.contains_key(&var) || own.is_some_and(|own| own.secrets.contains_key(&var)) {
                    self.faults.push(ProjectFault { range, hidden: Some(hidden), kind: FaultKind::Value(var) });
                }
            }
        }
    }

    fn secrets(&mut self, key: &TomlKey<'_>, value: &TomlValue<'_>, table: Table) -> BTreeMap<String, SecretNotes> {
        let mut secrets = BTreeMap::new();
        for (name, value) in self.table(key, value, table).into_iter().flatten() {
            let text = name.get_ref();
            match value.get_ref() {
                _ if !is_name(text) => self.fault(name, value, FaultKind::Name(text.to_string())),
                DeValue::Table(members) => _ = secrets.insert(text.to_string(), self.secret(name, members)),
                // `[secrets]` and below it `NAME = "…"`.
                _ => self.fault(name, value, FaultKind::Value(text.to_string())),
            }
        }
        secrets
    }

    fn secret(&mut self, name: &TomlKey<'_>, members: &DeTable<'_>) -> SecretNotes {
        let mut entry = SecretNotes { at: name.span(), ..SecretNotes::default() };
        for (key, value) in members {
            let known = key.get_ref().as_ref();
            match (known, value.get_ref()) {
                ("description", DeValue::String(text)) => entry.description = Some(one_line(text)),
                ("where", DeValue::String(text)) => entry.place = Some(one_line(text)),
                ("required", DeValue::Boolean(required)) => entry.required = Some(*required),
                ("command", value) if command(value).is_some() => entry.command = command(value),
                _ if Table::Secret.keys().contains(&known) => {
                    self.fault(key, value, FaultKind::Type(known.to_owned(), Table::Secret));
                }
                _ if VALUES.contains(&known.to_ascii_lowercase().as_str()) => {
                    self.fault(key, value, FaultKind::Value(name.get_ref().to_string()));
                }
                _ => self.unknown(key, value, Table::Secret),
            }
        }
        entry
    }

    fn profile(&mut self, name: &TomlKey<'_>, value: &TomlValue<'_>) -> Profile {
        let mut profile = Profile::default();
        if name.get_ref().is_empty() || name.get_ref().contains(['/', '\\']) {
            self.fault(name, value, FaultKind::Profile(name.get_ref().to_string()));
        }
        for (key, value) in self.table(name, value, Table::Root).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "secrets" => profile.secrets = self.secrets(key, value, Table::Profile),
                "vars" => {
                    if let Some(members) = self.table(key, value, Table::Profile) {
                        profile.vars = Given::of_toml(members, self.text);
                    }
                }
                "env_files" => match texts(value.get_ref()) {
                    Some(files) => profile.env_files = Some(files),
                    None => self.fault(key, value, FaultKind::Type("env_files".to_owned(), Table::Profile)),
                },
                _ => self.unknown(key, value, Table::Profile),
            }
        }
        profile
    }
}

fn command(value: &DeValue<'_>) -> Option<CommandLine> {
    texts(value).and_then(CommandLine::of)
}

/// The texts of an array of nothing else, none of them with a NUL.
fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    let DeValue::Array(items) = value else { return None };
    let text = |item: &TomlValue<'_>| match item.get_ref() {
        DeValue::String(text) if !text.contains('\0') => Some(text.to_string()),
        _ => None,
    };
    items.iter().map(text).collect()
}

/// `text` on one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, FaultKind)> {
        let faults = read(text).err().unwrap_or_default();
        faults.into_iter().map(|fault| (text[fault.range].to_owned(), fault.kind)).collect()
    }

    #[test]
    fn what_is_said_is_read() {
        let said = read(
            "[secrets.A]\ndescription = 'what\\tit is'\nwhere = \"\"\"an\naddress\"\"\"\nrequired = true\n[secrets]\nB = {command = ['p', 'a b']}\n\
             [profile.prod]\nenv_files = ['x.env']\n[profile.prod.vars]\nTAG = 1.10\n[profile.prod.secrets.A]\nrequired = false\n",
        )
        .unwrap();
        let a = &said.secrets["A"];
        assert_eq!((a.description.as_deref(), a.place.as_deref()), (Some("what\\tit is"), Some("an address")));
        assert_eq!((a.required, &a.command), (Some(true), &None));
        assert_eq!(said.secrets["B"].command, CommandLine::of(vec!["p".to_owned(), "a b".to_owned()]));
        let prod = &said.profiles["prod"];
        assert_eq!((prod.env_files.as_deref(), prod.secrets["A"].required), (Some(&["x.env".to_owned()][..]), Some(false)));
        assert!(read("").unwrap().secrets.is_empty());
    }

    #[test]
    fn everything_wrong_is_found_at_its_place() {
        let unknown = |key: &str, table| (key.to_owned(), FaultKind::UnknownKey(key.to_owned(), table));
        assert_eq!(
            faults("secret = 1\n[secrets.A]\ndescripton = ''\n[profile.p]\nenv_file = []\n[vars]\n"),
            [
                unknown("secret", Table::Root),
                unknown("descripton", Table::Secret),
                unknown("env_file", Table::Profile),
                unknown("vars", Table::Root)
            ]
        );
        let value = |at: &str, name: &str| (at.to_owned(), FaultKind::Value(name.to_owned()));
        assert_eq!(
            faults("[secrets]\nA = 'x'\nB.value = 'x'\n[secrets.C]\ndefault = 1\n[profile.p.secrets]\nD = ['x']\n"),
            [value("A", "A"), value("value", "B"), value("default", "C"), value("D", "D")]
        );
        assert_eq!(
            faults("[secrets.A]\n[profile.p.secrets.B]\n[profile.p.vars]\nA = 1\nB = 1\nC = 1\n"),
            [value("A", "A"), value("B", "B")]
        );
        let kind = |at: &str, table| (at.to_owned(), FaultKind::Type(at.to_owned(), table));
        assert_eq!(
            faults("[secrets.A]\ncommand = 'op read x'\nrequired = 'yes'\nwhere = []\n[profile.p]\nenv_files = 'x'\nvars = 1\n"),
            [
                kind("command", Table::Secret),
                kind("required", Table::Secret),
                kind("where", Table::Secret),
                kind("env_files", Table::Profile),
                kind("vars", Table::Profile)
            ]
        );
        for command in ["[]", "['']", "[1]", "['a\\u0000']", "[['a']]"] {
            assert_eq!(
                faults(&format!("[secrets.A]\ncommand = {}\n", command.replace("'a\\u0000'", "\"a\\u0000\""))).len(),
                1,
                "{command}"
            );
        }
        assert_eq!(faults("[secrets.'A B']\n")[0].1, FaultKind::Name("A B".to_owned()));
        assert_eq!(faults("[profile.'a/b']\n")[0].1, FaultKind::Profile("a/b".to_owned()));
        assert!(matches!(&faults("[secrets.A\n")[..], [(_, FaultKind::Syntax(_))]));
        let token = format!("# ghp_{}\n[secrets.A]\nvalue = 1\n", "a1B2c3D4e5F6".repeat(3));
        assert!(matches!(&faults(&token)[..], [(_, FaultKind::Token(Token::GitHubClassic))]));
    }
}
