//! The SDL rules: a selection of our own with the findings each must give, and agreement with Akash's parser on shared suites.

mod cases;
mod speed;
mod suites;
mod unknown;
