//! All tests from outside but the search of memory, in one binary: one link, and one harness that keeps every core busy.
//!
//! A module a subject; its cases as data in `tests/data`. CONTRIBUTING.md says where a new test goes.

mod support;

#[cfg(unix)]
mod action;
#[cfg(unix)]
mod bad_input;
mod budget;
mod check;
#[cfg(target_os = "linux")]
mod commands;
#[cfg(unix)]
mod console;
#[cfg(unix)]
mod diff;
#[cfg(unix)]
mod dotenv;
#[cfg(unix)]
mod exposed;
#[cfg(unix)]
mod extract;
mod faults;
#[cfg(unix)]
mod field;
mod formats;
#[cfg(unix)]
mod front;
#[cfg(unix)]
mod guard;
mod hostile;
#[cfg(unix)]
mod init;
#[cfg(unix)]
mod joined;
mod judge;
mod keychain;
mod language;
#[cfg(unix)]
mod list;
#[cfg(target_os = "linux")]
mod logins;
#[cfg(unix)]
mod names;
mod not_secrets;
mod numbers;
mod onramp;
mod origins;
mod pages;
mod probes;
mod process;
#[cfg(unix)]
mod project;
mod property;
mod reach;
#[cfg(target_os = "linux")]
mod registries;
mod registry;
mod run;
mod several;
mod shipped;
#[cfg(target_os = "linux")]
mod shown;
#[cfg(unix)]
mod sink;
#[cfg(target_os = "linux")]
mod snapshots;
#[cfg(unix)]
mod sources;
mod terminal;
mod tidy;
mod variable_secrets;
mod verify;
mod verify_servers;
mod yaml;
