//! What a registry asks for, and where it sends.
#![no_main]

libfuzzer_sys::fuzz_target!(init: sdlrender::fuzzing::begin(), |data: &[u8]| sdlrender::fuzzing::challenge(data));
