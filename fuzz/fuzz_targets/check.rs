//! Templates: checked as `sdlrender check` does.
#![no_main]

libfuzzer_sys::fuzz_target!(init: sdlrender::fuzzing::begin(), |data: &[u8]| sdlrender::fuzzing::check(data));
