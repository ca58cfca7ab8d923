//! Faults that tests ask for, to see that they would find what must not be there.

use std::sync::atomic::{AtomicBool, Ordering};

static KEEP: AtomicBool = AtomicBool::new(false);

/// Reads `SDLRENDER_FAULT`.
pub fn read() {
    KEEP.store(std::env::var_os("SDLRENDER_FAULT").is_some_and(|fault| fault == "keep"), Ordering::Relaxed);
}

/// Whether nothing is wiped.
pub fn keeps() -> bool {
    KEEP.load(Ordering::Relaxed)
}

/// Panics if asked to.
pub fn panic() {
    assert!(std::env::var_os("SDLRENDER_FAULT").is_none_or(|fault| fault != "panic"), "asked for");
}
