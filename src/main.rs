//! The program: reads its arguments, runs the command, draws what went wrong, ends with the exit code.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use sdlrender::cli::{Cli, Command};
use sdlrender::command::{Streams, list, render, verify};
use sdlrender::diagnostic::Diagnostic;
use sdlrender::error::Report;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(mut error) => {
            // What was typed may be a secret in the wrong place: say which option is wrong, not what it was given.
            if error.kind() == ErrorKind::ValueValidation {
                error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
            }
            // Help asked for ends with 0, a usage error with 2; a closed pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()) * 2);
        }
    };
    let color = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    // Nothing can be done when standard error itself is closed.
    let draw = |diagnostic: &Diagnostic| _ = io::stderr().lock().write_all(diagnostic.draw(color).as_bytes());
    let (mut stdin, mut stdout, mut warn) = (io::stdin(), io::stdout().lock(), draw);
    let (mut stderr, terminal) = (io::stderr(), stdout.is_terminal());
    let progress = stderr.is_terminal();
    let mut streams =
        Streams { stdin: &mut stdin, stdout: &mut stdout, stderr: &mut stderr, warn: &mut warn, terminal, progress };
    let done = match &cli.command {
        Some(Command::List(options)) => list::run(options, &mut streams),
        Some(Command::Verify(options)) => verify::run(options, &mut streams),
        None => render::run(&cli.render, &mut streams),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    match error.downcast_ref::<Report>() {
        Some(report) => {
            report.diagnostics.iter().for_each(draw);
            ExitCode::from(report.code)
        }
        None => {
            draw(&Diagnostic::error(format!("{error:#}")));
            ExitCode::from(2)
        }
    }
}
