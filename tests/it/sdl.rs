//! The SDL rules: a selection of our own with the findings each must give, and agreement with Akash's parser on shared suites.

#[path = "sdl/cases.rs"]
mod cases;
#[path = "sdl/speed.rs"]
mod speed;
#[path = "sdl/suites.rs"]
mod suites;
#[path = "sdl/unknown.rs"]
mod unknown;
