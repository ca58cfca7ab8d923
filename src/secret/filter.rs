//! The filters that a template can use on a secret. They run at the splice, on memory that is wiped; their errors never hold the value.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use zeroize::{Zeroize, Zeroizing};

use super::{Part, Secret, SecretUse};

/// A filter on a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    /// `default(…)`: replaces a secret that no source has.
    Default(Fallback),
    /// `trim`: removes white space at both ends.
    Trim,
    /// `b64encode`: standard base64 with padding (RFC 4648 section 4).
    Base64Encode,
    /// `b64decode`: the reverse; line breaks and spaces are ignored, padding may be left out, and `-` and `_` are `+` and `/`.
    Base64Decode,
    /// `urlencode`: every byte that RFC 3986 reserves as `%XX`.
    UrlEncode,
    /// `json("field")`: a member of a JSON object; `a.b` is a nested one.
    Json(String),
    /// `shell_quote`: one word for a POSIX shell.
    ShellQuote,
    /// `int`: a decimal integer; it stays a number if it is the whole plain scalar.
    Int,
    /// `[…] | join`, `~`: what stands before it and behind it.
    Join(Vec<Part>, Vec<Part>),
}

/// What `default` falls back on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Fallback {
    /// Text in the template.
    Text(String),
    /// Another secret.
    Secret(Box<SecretUse>),
}

/// Why a filter could not be applied. Holds nothing of the value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum FilterError {
    /// `b64decode`: the value is not base64.
    NotBase64,
    /// `b64decode`: the decoded bytes are not UTF-8 text; without padding, much that is not base64 can be decoded.
    NotText,
    /// `json`: the value is not JSON.
    NotJson,
    /// `json`: there is no such member; its path as written in the template.
    NoMember(String),
    /// `json`: the member is an object, a list or null, not text, a number or a boolean.
    NotScalar(String),
    /// `int`: the value is not a decimal integer.
    NotInteger,
    /// `shell_quote`: the value contains a NUL, which a shell word can't.
    Nul,
}

impl Operation {
    /// The filter's name in a template.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Default(_) => "default",
            Self::Trim => "trim",
            Self::Base64Encode => "b64encode",
            Self::Base64Decode => "b64decode",
            Self::UrlEncode => "urlencode",
            Self::Json(_) => "json",
            Self::ShellQuote => "shell_quote",
            Self::Int => "int",
            Self::Join(..) => "join",
        }
    }

    /// The other secrets that it needs.
    pub(crate) fn secrets(&self) -> Vec<&SecretUse> {
        match self {
            Self::Default(Fallback::Secret(other)) => vec![other],
            Self::Join(before, behind) => {
                let parts = before.iter().chain(behind);
                parts.filter_map(|part| if let Part::Secret(secret) = part { Some(secret) } else { None }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Applies the filter to `text`. `Default` and `Join`, which are about other secrets, return it unchanged.
    ///
    /// # Errors
    /// When the value does not fit the filter.
    pub(crate) fn apply(&self, text: &str) -> Result<Secret, FilterError> {
        let out = match self {
            Self::Default(_) | Self::Join(..) => Zeroizing::new(text.to_owned()),
            Self::Trim => Zeroizing::new(text.trim().to_owned()),
            Self::Base64Encode => Zeroizing::new(STANDARD.encode(text)),
            Self::Base64Decode => return base64_decode(text),
            Self::UrlEncode => url_encode(text),
            Self::Json(path) => json_member(text, path)?,
            Self::ShellQuote => shell_quote(text)?,
            Self::Int => integer(text)?,
        };
        Ok(Secret::new(out))
    }
}

/// Padding is as it comes.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn base64_decode(text: &str) -> Result<Secret, FilterError> {
    let standard = |byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    };
    // At full size from the start, so that growing leaves no copy behind.
    let mut packed = Zeroizing::new(Vec::with_capacity(text.len()));
    packed.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).map(standard));
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(packed.len())]);
    let length = LENIENT.decode_slice(&*packed, &mut bytes).map_err(|_| FilterError::NotBase64)?;
    bytes.truncate(length);
    Secret::from_bytes(bytes).map_err(|_| FilterError::NotText)
}

fn url_encode(text: &str) -> Zeroizing<String> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Zeroizing::new(String::with_capacity(text.len() * 3));
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => {
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)].into());
                out.push(HEX[usize::from(byte & 15)].into());
            }
        }
    }
    out
}

fn json_member(text: &str, path: &str) -> Result<Zeroizing<String>, FilterError> {
    let mut root: serde_json::Value = serde_json::from_str(text).map_err(|_| FilterError::NotJson)?;
    let found = path.split('.').try_fold(&root, |value, key| match value {
        serde_json::Value::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
        other => other.get(key),
    });
    let out = match found {
        None => Err(FilterError::NoMember(path.to_owned())),
        Some(serde_json::Value::String(text)) => Ok(Zeroizing::new(text.clone())),
        Some(serde_json::Value::Number(number)) => Ok(Zeroizing::new(number.to_string())),
        Some(serde_json::Value::Bool(flag)) => Ok(Zeroizing::new(flag.to_string())),
        Some(_) => Err(FilterError::NotScalar(path.to_owned())),
    };
    wipe(&mut root);
    out
}

/// Overwrites every string in JSON that was read from a secret.
fn wipe(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => text.zeroize(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(wipe),
        serde_json::Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

fn shell_quote(text: &str) -> Result<Zeroizing<String>, FilterError> {
    if text.contains('\0') {
        return Err(FilterError::Nul);
    }
    // Each `'` becomes four bytes. Allocated at full size, so that growing leaves no copy behind.
    let mut out = Zeroizing::new(String::with_capacity(text.len() + 2 + 3 * text.matches('\'').count()));
    out.push('\'');
    for (index, part) in text.split('\'').enumerate() {
        if index > 0 {
            out.push_str(r"'\''");
        }
        out.push_str(part);
    }
    out.push('\'');
    Ok(out)
}

fn integer(text: &str) -> Result<Zeroizing<String>, FilterError> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" || (!digits.starts_with('0') && !digits.is_empty());
    if canonical && digits.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_ok() {
        Ok(Zeroizing::new(text.to_owned()))
    } else {
        Err(FilterError::NotInteger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(operation: Operation, text: &str) -> Result<String, FilterError> {
        operation.apply(text).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn filters_do_what_their_names_say() {
        assert_eq!(apply(Operation::Trim, " a\n").unwrap(), "a");
        assert_eq!(apply(Operation::Base64Encode, "user:p@ss").unwrap(), "dXNlcjpwQHNz");
        for text in ["dXNl\ncjpwQHNz", " dXNlcjpwQHNz ", "dXNlcjpwQHNz\r\n"] {
            assert_eq!(apply(Operation::Base64Decode, text).unwrap(), "user:p@ss", "{text}");
        }
        for text in ["Pz8/fn5-", "Pz8_fn5+", "Pz8_fn5-"] {
            assert_eq!(apply(Operation::Base64Decode, text).unwrap(), "???~~~", "{text}");
        }
        for text in ["YQ==", "YQ=", "YQ"] {
            assert_eq!(apply(Operation::Base64Decode, text).unwrap(), "a", "{text}");
        }
        assert_eq!(apply(Operation::UrlEncode, "p@ss word/ä~").unwrap(), "p%40ss%20word%2F%C3%A4~");
        assert_eq!(apply(Operation::ShellQuote, "it's").unwrap(), r"'it'\''s'");
        assert_eq!(apply(Operation::Json("a.b.1".into()), r#"{"a":{"b":[1,"x"]}}"#).unwrap(), "x");
        assert_eq!(apply(Operation::Int, " 42\n").unwrap(), "42");
    }

    #[test]
    fn a_value_that_does_not_fit_is_an_error_without_the_value() {
        for text in ["%%%", "a", "YR==", "Y=Q=", "YQ==YQ=="] {
            assert_eq!(apply(Operation::Base64Decode, text), Err(FilterError::NotBase64), "{text}");
        }
        assert_eq!(apply(Operation::Base64Decode, "/w=="), Err(FilterError::NotText));
        assert_eq!(apply(Operation::Json("a".into()), "hunter2"), Err(FilterError::NotJson));
        assert_eq!(apply(Operation::Json("b".into()), r#"{"a":1}"#), Err(FilterError::NoMember("b".into())));
        assert_eq!(apply(Operation::Json("a".into()), r#"{"a":{}}"#), Err(FilterError::NotScalar("a".into())));
        for text in ["", "-", "01", "1.0", "1e3", "0x1", "99999999999999999999", "1 2"] {
            assert_eq!(apply(Operation::Int, text), Err(FilterError::NotInteger), "{text}");
        }
        assert_eq!(apply(Operation::ShellQuote, "a\0b"), Err(FilterError::Nul));
    }
}
