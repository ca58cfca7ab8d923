//! Characters that nobody sees in a login, and that belong to no login: line breaks, white space around it, quotes around it, a comment.

use crate::finding::{Finding, Level, Rule};
use crate::sdl::Version;

use super::value::{is_base64_lines, is_json};
use super::{Fact, Facts, Filling};

/// Checks username and password where they are known. `fillings` are the placeholders in a field.
pub(crate) fn check_characters<'t, 'v>(
    facts: &Facts<'t>,
    fillings: impl Fn(&Fact<'t>) -> Vec<Filling<'v>>,
    findings: &mut Vec<Finding>,
) {
    let username = facts.username.as_ref().and_then(|field| field.text).map(str::trim);
    for (field, what) in [(&facts.username, "username"), (&facts.password, "password")] {
        let Some((field, text)) = field.as_ref().and_then(|field| Some((field, field.text?))) else { continue };
        let bare = text.trim_matches(is_invisible);
        if bare.is_empty() || what == "password" && (is_pem(bare) || is_json(bare)) {
            continue;
        }
        let fillings = fillings(field);
        // Version 2.1 trims what Go takes for white space.
        let kept = if facts.version == Some(Version::V2_1) { text.trim() } else { text };
        if let Some(stray) = stray(kept, bare) {
            let message = format!("there is {stray} the {what}, which the registry takes for a part of it");
            let help = if text.trim() == bare { trimmed(&fillings) } else { removed(&fillings) };
            findings.push(field.finding(Rule::LoginWhitespace, message, help));
        } else if let Some(escape) = ["\\n", "\\r", "\\t"].iter().find(|escape| bare.ends_with(**escape)) {
            let message = format!("there is `{escape}` at the end of the {what}, as text: nothing makes a line break of it");
            findings.push(field.finding(Rule::LoginWhitespace, message, removed(&fillings)));
        } else if is_quoted(bare) {
            let message = format!("there are quotes around the {what}, which the registry takes for a part of it");
            let help = if let [_] = fillings.as_slice() { removed(&fillings) } else { "remove the inner quotes".to_owned() };
            findings.push(field.finding(Rule::LoginQuotes, message, help));
        } else if let Some(rest) = rest(bare) {
            let message = format!("there is {rest} the {what}, as a part of it");
            findings.push(field.finding_of(Rule::LoginWhitespace, Level::Warning, message, removed(&fillings)));
        }
        if what == "password" && bare.contains(['\n', '\r']) {
            if !(username == Some("_json_key_base64") && is_base64_lines(bare)) {
                let message = "the password has several lines, and is neither a key in PEM nor JSON";
                findings.push(field.finding(Rule::PasswordLines, message, "give only the password, which is one line"));
            }
        } else if bare.contains(char::is_control) {
            let message = format!("there is a line break or a control character in the {what}");
            findings.push(field.finding(Rule::LoginWhitespace, message, format!("give only the {what}, which is one line")));
        } else if bare.contains(|c| c != ' ' && is_invisible(c)) {
            let message = format!("there is an invisible character in the {what}, or a blank that is no space");
            findings.push(field.finding(Rule::LoginWhitespace, message, removed(&fillings)));
        }
    }
}

/// White space, and what takes no space at all.
fn is_invisible(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// What is around `bare` in `text`.
fn stray(text: &str, bare: &str) -> Option<String> {
    if text == bare {
        return None;
    }
    let (first, last) = (text.chars().next()?, text.chars().next_back()?);
    let (outer, place) = if is_invisible(first) { (first, "at the beginning of") } else { (last, "at the end of") };
    let name = match outer {
        '\n' => "a line break",
        '\r' => "a carriage return",
        '\t' => "a tab",
        c if c.is_whitespace() => "a blank",
        _ => "an invisible character",
    };
    Some(format!("{name} {place}"))
}

/// What a file for a shell may have behind a value, and another reader takes for a part of it. A password may have it, too.
fn rest(text: &str) -> Option<&'static str> {
    if text.ends_with('\\') {
        return Some("a `\\` at the end of");
    }
    let (_, behind) = text.split_once([' ', ';'])?;
    let behind = behind.trim_start_matches([' ', ';']);
    if ["# ", "// ", "/* "].iter().any(|comment| behind.starts_with(comment)) {
        return Some("a comment behind");
    }
    let behind = behind.strip_prefix("export ").unwrap_or(behind);
    let name = behind.split_once('=').map_or("", |(name, _)| name);
    let is_name = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    is_name.then_some("another setting behind")
}

fn is_quoted(text: &str) -> bool {
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('«', '»'), ('„', '“')];
    // A shell has `$'…'`, too. Copied out of JSON, a comma follows.
    let text = text.strip_prefix('$').unwrap_or(text).trim_end_matches([',', ';']);
    text.chars().count() > 1 && pairs.iter().any(|(open, close)| text.starts_with(*open) && text.ends_with(*close))
}

fn is_pem(text: &str) -> bool {
    text.starts_with("-----BEGIN ") && text.trim_end().ends_with("-----")
}

/// Where something that no filter takes away is to be removed.
fn removed(fillings: &[Filling<'_>]) -> String {
    match fillings {
        [filling] => format!("remove it where `{}` is set", filling.shown()),
        _ => "remove it".to_owned(),
    }
}

/// How to get rid of white space around the value of the placeholders.
fn trimmed(fillings: &[Filling<'_>]) -> String {
    match fillings {
        [] => "remove it".to_owned(),
        [filling] if filling.plain => {
            format!("write `{{{{ {} | trim }}}}`; in a block scalar, `|-` in place of `|`", filling.label)
        }
        _ => "add `| trim` to the placeholder; in a block scalar, write `|-` in place of `|`".to_owned(),
    }
}
