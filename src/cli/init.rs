//! `init`.

use clap::{Args, ValueEnum};

use crate::starter::Starter;

pub(super) const STARTING: &str = "\
Examples:
  sdlrender init                                      asks for registry and image
  sdlrender init --image ghcr.io/my-org/my-app:1.0.0
  sdlrender init ecr --make --ci github
  sdlrender init --hook                               adds to a project that has a template
  sdlrender init ghcr --print > app.tmpl.yaml

Nothing is replaced: a file that is there stays as it is, and lines are added to .gitignore.";

/// Begin a project: a template for your registry, .env.example, sdlrender.toml and the lines of .gitignore
#[derive(Debug, Args)]
pub struct Init {
    /// The registry of the image; without one, the registry that --image names
    #[arg(value_enum, value_name = "REGISTRY")]
    pub registry: Option<Starter>,
    /// The image to deploy
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// Add a Makefile that renders and deploys
    #[arg(long)]
    pub make: bool,
    /// Add a hook for pre-commit that checks what is committed
    #[arg(long)]
    pub hook: bool,
    /// Add a job that checks each push
    #[arg(long, value_enum, value_name = "SERVICE")]
    pub ci: Option<Ci>,
    /// Print the template instead of writing files; with --make, --hook or --ci, print those files
    #[arg(long)]
    pub print: bool,
}

/// Where jobs run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    Github,
    Gitlab,
}
