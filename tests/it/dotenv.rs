//! `.env` files: what ours reads, what others read, and what is said of a line that is not read.

mod cases;
mod facts;
mod property;
mod random;
mod readers;
mod rules;
mod table;
