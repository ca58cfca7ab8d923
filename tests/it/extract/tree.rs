//! Whether a rendered SDL is the original again: read by libyaml's port, with what a container sees in place of what Kubernetes expands.

use serde_json::Value;

use crate::hostile::events;
use crate::hostile::tree::actual;
use crate::support::fill;

/// What is wrong, if `template` with `values` does not render back to `original`.
pub(crate) fn fault(original: &str, template: &str, values: &[(String, String)]) -> Option<String> {
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let rendered = match fill(template, &values) {
        Ok(rendered) => rendered,
        Err(error) => return Some(error),
    };
    let (Some(before), Some(after)) = (events::read(original), events::read(&rendered)) else {
        return Some("a parser refuses one of them".to_owned());
    };
    differs(&actual(&before), &actual(&after), &mut Vec::new())
}

/// Where two trees differ. A scalar may have been given quotes below `services`, where all texts are strings.
fn differs(before: &Value, after: &Value, path: &mut Vec<String>) -> Option<String> {
    match (before, after) {
        (Value::Array(one), Value::Array(other)) => {
            if one.len() != other.len() {
                return Some(format!("{path:?}: {} and {} nodes", one.len(), other.len()));
            }
            one.iter().zip(other).find_map(|(one, other)| differs(one, other, path))
        }
        (Value::Object(one), Value::Object(other)) => {
            let ((kind, one), (other_kind, other)) = (one.iter().next()?, other.iter().next()?);
            let quoted = kind == "o" && other_kind == "s";
            path.push(kind.clone());
            let found =
                if kind == other_kind || quoted { differs(one, other, path) } else { Some(format!("{path:?}: {other_kind}")) };
            path.pop();
            found
        }
        _ => (before != after).then(|| format!("{path:?}: a text differs")),
    }
}
