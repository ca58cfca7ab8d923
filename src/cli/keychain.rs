//! The commands on the keychain: `set`, `get`, `rm`.

use std::path::PathBuf;

use clap::Args;

use super::UNLOCKING;
use super::argument::{name, no_value};

/// An item of the keychain.
#[derive(Debug, Args)]
pub struct KeychainItem {
    /// Use the keychain item PROFILE/NAME
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Seconds to wait for the keychain to be unlocked (0: never prompt)
    #[arg(long, value_name = "SECONDS", default_value_t = UNLOCKING, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub keychain_timeout: u64,
    /// Takes whatever follows the name, so that no message repeats it: it may be a value.
    #[arg(hide = true, value_name = "VALUE", value_parser = no_value, num_args = 0..)]
    pub surplus: Vec<String>,
}

/// Store a secret in the keychain, typed at a hidden prompt or read from standard input
#[derive(Debug, Args)]
pub struct Set {
    /// The name, as written in the template
    #[arg(value_name = "NAME", value_parser = name, required_unless_present = "all")]
    pub name: Option<String>,
    /// Read the value from a file; for values with several lines, such as a key or a certificate
    #[arg(long, value_name = "FILE")]
    pub from_file: Option<PathBuf>,
    /// Ask for every secret of this template that no source has
    #[arg(long, value_name = "TEMPLATE", conflicts_with_all = ["name", "from_file"])]
    pub all: Option<PathBuf>,
    /// Which item.
    #[command(flatten)]
    pub item: KeychainItem,
}

/// Print a secret from the keychain
#[derive(Debug, Args)]
pub struct Get {
    /// The name, as written in the template
    #[arg(value_name = "NAME", value_parser = name)]
    pub name: String,
    /// Show the value on a terminal
    #[arg(long)]
    pub reveal: bool,
    /// Write the value even to a file that git could commit
    #[arg(long)]
    pub allow_unignored: bool,
    /// Which item.
    #[command(flatten)]
    pub item: KeychainItem,
}

/// Remove a secret from the keychain
#[derive(Debug, Args)]
pub struct Remove {
    /// The name, as written in the template
    #[arg(value_name = "NAME", value_parser = name)]
    pub name: String,
    /// Which item.
    #[command(flatten)]
    pub item: KeychainItem,
}
