//! `.env` files: what ours reads, what others read, and what is said of a line that is not read.

#![allow(clippy::print_stdout, reason = "a passing test says how much it tried")]

mod support;

#[path = "dotenv/cases.rs"]
mod cases;
#[path = "hostile/random.rs"]
#[allow(dead_code)] // its values are for YAML
mod chance;
#[path = "dotenv/facts.rs"]
mod facts;
#[path = "dotenv/property.rs"]
mod property;
#[path = "dotenv/random.rs"]
mod random;
#[path = "dotenv/readers.rs"]
mod readers;
#[path = "dotenv/rules.rs"]
mod rules;
#[path = "dotenv/table.rs"]
mod table;
