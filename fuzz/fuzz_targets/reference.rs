//! Image references, and hosts of credentials.
#![no_main]

libfuzzer_sys::fuzz_target!(init: sdlrender::fuzzing::begin(), |data: &[u8]| sdlrender::fuzzing::reference(data));
