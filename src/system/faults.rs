//! Faults that tests inject to check that they would detect secrets left in memory.

use std::sync::atomic::{AtomicBool, Ordering};

static KEEP: AtomicBool = AtomicBool::new(false);

/// Reads `SDLRENDER_FAULT`.
pub fn read() {
    KEEP.store(std::env::var_os("SDLRENDER_FAULT").is_some_and(|fault| fault == "keep"), Ordering::Relaxed);
}

/// Whether wiping is disabled.
pub fn keeps() -> bool {
    KEEP.load(Ordering::Relaxed)
}

/// Panics if requested.
pub fn panic() {
    assert!(std::env::var_os("SDLRENDER_FAULT").is_none_or(|fault| fault != "panic"), "asked for");
}
