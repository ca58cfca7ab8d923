//! `.env` files.
#![no_main]

libfuzzer_sys::fuzz_target!(init: sdlrender::fuzzing::begin(), |data: &[u8]| sdlrender::fuzzing::dotenv(data));
