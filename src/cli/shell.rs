//! What comes with the program for a shell and for `man`: `completions` and `man`.

use clap::{Args, ValueEnum};

pub(super) const SOURCING: &str = "\
Add the line for your shell to its start-up file:
  bash        source <(sdlrender completions bash)
  zsh         source <(sdlrender completions zsh)     (below compinit)
  fish        sdlrender completions fish | source
  PowerShell  sdlrender completions powershell | Out-String | Invoke-Expression
  Elvish      eval (sdlrender completions elvish | slurp)";

/// Print what makes a shell complete commands, options, templates, profiles and names
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// The shells that can complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

impl Shell {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Elvish => "elvish",
        }
    }
}

/// Print the manual page
#[derive(Debug, Args)]
pub struct Man {
    /// The page of this command instead: `sdlrender man check`
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
