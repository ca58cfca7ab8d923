//! Flags for the linker that make the static build on Linux start faster (see hot.ld) and smaller.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=hot.ld");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let is_musl = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "musl");
    // Debian's linker and LLVM's take the script. A linker that somebody chose themselves may be one that does not; what it links only
    // starts slower.
    let is_chosen =
        env::var_os("RUSTC_LINKER").is_some() || env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link"));
    if is_musl && !is_chosen {
        let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rustc-link-arg-bins=-Wl,--script={folder}/hot.ld");
        if minor_version().is_some_and(|minor| minor >= RELR) {
            println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
}

/// The first Rust, 1.93, whose musl (1.2.5) can start a program with packed relocations. They save a fortieth of the file.
const RELR: u32 = 93;

/// The `93` of `rustc 1.93.0`.
fn minor_version() -> Option<u32> {
    let told = Command::new(env::var_os("RUSTC")?).arg("--version").output().ok()?;
    String::from_utf8(told.stdout).ok()?.strip_prefix("rustc 1.")?.split('.').next()?.parse().ok()
}
