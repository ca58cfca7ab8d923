//! `console`: what the Console makes of the SDL and the values is what a render holds, and no secret is in the SDL.
#![cfg(unix)]

mod random;
mod refused;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::hostile::events;
use crate::support::Folder;

/// The values of references, by name.
type Values = BTreeMap<String, String>;

/// What a run of `console` gave.
struct Made {
    sdl: String,
    /// The JSON as it is written.
    json: String,
    values: Values,
}

/// Runs `console` on `t.yaml` with these variables and options.
#[track_caller]
fn made(folder: &Folder, variables: &[(&str, &str)], options: &[&str]) -> Made {
    let arguments = [&["console", "t.yaml", "--sdl", "sdl.yaml", "--secrets", "-", "--no-keychain"], options].concat();
    let ran = folder.run(&arguments, variables);
    assert_eq!(ran.code, Some(0), "{}\n{}", folder.read("t.yaml"), ran.stderr);
    let json = ran.stdout;
    let values: Values = serde_json::from_str(&json).expect("an object of texts");
    Made { sdl: folder.read("sdl.yaml"), json, values }
}

/// Puts the values in the place of their references, as the Console does: in its own words, a reference is
/// `^ac-([a-z]{1,16})://([A-Za-z_][A-Za-z0-9_]{0,63})$`, any other value that begins with `ac-` is an error, and so is a reference
/// without a value and a value without a reference.
#[track_caller]
fn resolved(documents: &Value, values: &Values) -> Value {
    let mut documents = documents.clone();
    let mut used = BTreeSet::new();
    let mut resolve = |text: &str| -> Option<String> {
        let reference = text.strip_prefix("ac-")?;
        let name = reference.strip_prefix("secret://").unwrap_or_else(|| panic!("`{text}` is reserved"));
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.len() <= 64;
        assert!(begins && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "`{text}` is reserved");
        used.insert(name.to_owned());
        Some(values.get(name).unwrap_or_else(|| panic!("no value for `{name}`")).clone())
    };
    let mut services: Vec<&mut Value> = member(&mut documents[0], "services").map(members).unwrap_or_default();
    while let Some(service) = services.pop() {
        let Some(entries) = service.get_mut("m").and_then(Value::as_array_mut) else { continue };
        for entry in entries {
            let key = text_of(&entry[0]).map(str::to_owned);
            match key.as_deref() {
                // What is merged, for readers that leave it to others to merge.
                Some("<<") => services.push(&mut entry[1]),
                Some("env") => {
                    for item in entry[1].get_mut("q").and_then(Value::as_array_mut).into_iter().flatten() {
                        let Some((key, value)) = text_of(item).and_then(|text| text.split_once('=')) else { continue };
                        if let Some(value) = resolve(value) {
                            *item = json!({ "s": format!("{key}={value}") });
                        }
                    }
                }
                Some("credentials") => {
                    for key in ["username", "password"] {
                        let Some(field) = member(&mut entry[1], key) else { continue };
                        if let Some(value) = text_of(field).and_then(&mut resolve) {
                            *field = json!({ "s": value });
                        }
                    }
                }
                _ => {}
            }
        }
    }
    assert_eq!(used, values.keys().cloned().collect(), "every value has a reference");
    assert!(values.len() <= 100);
    documents
}

fn text_of(node: &Value) -> Option<&str> {
    node["s"].as_str().or(node["o"].as_str())
}

fn members(node: &mut Value) -> Vec<&mut Value> {
    node.get_mut("m").and_then(Value::as_array_mut).into_iter().flatten().map(|entry| &mut entry[1]).collect()
}

fn member<'n>(node: &'n mut Value, name: &str) -> Option<&'n mut Value> {
    let entries = node.get_mut("m")?.as_array_mut()?;
    entries.iter_mut().find(|entry| text_of(&entry[0]) == Some(name)).map(|entry| &mut entry[1])
}

/// The tree of `text`.
#[track_caller]
fn tree(text: &str) -> Value {
    events::read(text).unwrap_or_else(|| panic!("not YAML:\n{text}"))
}
