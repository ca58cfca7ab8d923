//! Reads the arguments of options. One may be a secret that was typed there by mistake: messages name what is wrong, never the argument.

/// `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("expected NAME=… with a name before the `=`".to_owned()),
    }
}

/// A secret's name.
pub(super) fn name(text: &str) -> Result<String, String> {
    if text.contains('=') {
        return Err("give the name alone; the value comes from a prompt, standard input or --from-file".to_owned());
    }
    match text.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.')) && !text.is_empty() {
        true => Ok(text.to_owned()),
        false => Err("a name has letters, digits, `_`, `-` and `.`".to_owned()),
    }
}

/// What can't be given at all.
pub(super) fn no_value(_text: &str) -> Result<String, String> {
    Err("a value is never an argument, where others could see it: it comes from a prompt, standard input or --from-file"
        .to_owned())
}

/// A time in seconds, up to a day.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("expected a number of seconds between 0 and 86400".to_owned()),
    }
}
