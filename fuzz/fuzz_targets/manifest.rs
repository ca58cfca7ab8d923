//! What a registry serves, and what it says when it refuses.
#![no_main]

libfuzzer_sys::fuzz_target!(init: sdlrender::fuzzing::begin(), |data: &[u8]| sdlrender::fuzzing::manifest(data));
