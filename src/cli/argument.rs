//! Parses option values. One may be a secret typed there by mistake: messages say what is wrong and never repeat the value.

/// `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("expected NAME=…, with a name before the `=`".to_owned()),
    }
}

/// A secret's name.
pub(super) fn name(text: &str) -> Result<String, String> {
    if text.contains('=') {
        return Err("give only the name; the value is read from a prompt, standard input or --from-file".to_owned());
    }
    match text.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.')) && !text.is_empty() {
        true => Ok(text.to_owned()),
        false => Err("a name consists of letters, digits, `_`, `-` and `.`".to_owned()),
    }
}

/// The names in one `--only`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameList(pub Vec<String>);

/// Names with commas between them; none is no name at all.
pub(super) fn allowed(text: &str) -> Result<NameList, String> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(name)
        .collect::<Result<_, _>>()
        .map(NameList)
        .map_err(|_| "expected names: --only GHCR_USERNAME,GHCR_TOKEN".to_owned())
}

/// An argument that is never accepted.
pub(super) fn no_value(_text: &str) -> Result<String, String> {
    Err("a value can't be an argument, where others could see it; it is read from a prompt, standard input or --from-file"
        .to_owned())
}

/// A time in seconds, up to a day.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("expected a number of seconds: more than 0, at most 86400".to_owned()),
    }
}
