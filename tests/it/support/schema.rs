//! JSON as `docs/schema` says: the part of JSON Schema that those files use, and an error for any other.

use serde_json::Value;

/// Holds `document` against `docs/schema/NAME.schema.json`.
#[track_caller]
pub fn assert_valid(name: &str, document: &Value) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{name}.schema.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON");
    let mut faults = Vec::new();
    check(&schema, document, "$", &mut faults);
    assert!(faults.is_empty(), "{name}: {}\n{document:#}", faults.join("; "));
}

fn check(schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
        match keyword.as_str() {
            "$schema" | "title" | "description" => {}
            "type" => {
                let types: Vec<&Value> = wanted.as_array().map_or_else(|| vec![wanted], |list| list.iter().collect());
                if !types.iter().any(|kind| is(value, kind.as_str().expect("a type"))) {
                    faults.push(format!("{at} is {value}, not {wanted}"));
                }
            }
            "enum" => {
                if !wanted.as_array().expect("a list").contains(value) {
                    faults.push(format!("{at} is {value}, which is not in {wanted}"));
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(wanted, item, &format!("{at}[{index}]"), faults);
                }
            }
            "required" => {
                for name in wanted.as_array().expect("a list").iter().filter_map(Value::as_str) {
                    if value.get(name).is_none() {
                        faults.push(format!("{at}.{name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, member) in value.as_object().into_iter().flatten() {
                    match wanted.get(name) {
                        Some(schema) => check(schema, member, &format!("{at}.{name}"), faults),
                        None => faults.push(format!("{at}.{name} is not in the schema")),
                    }
                }
            }
            "additionalProperties" => assert_eq!(wanted, false, "a schema lists every member"),
            other => panic!("`{other}` is not checked here"),
        }
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type `{other}`"),
    }
}
