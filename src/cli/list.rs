//! `list`.

use clap::Args;

use super::{Format, Inputs};

/// Show which values a template needs and where each would come from, but never the values
#[derive(Debug, Args)]
#[command(mut_arg("template", |template| template.required(false).required_unless_present("stored")))]
pub struct List {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// List the names in the keychain instead of a template's
    #[arg(long = "keychain", id = "stored", conflicts_with_all = ["template", "no_keychain"])]
    pub stored: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}
