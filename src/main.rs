//! The program: reads its arguments, runs the command, draws what went wrong, ends with the exit code.

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::panic;
use std::process::ExitCode;

use sdlrender::program::{
    COMPLETE, Cli, Diagnostic, Handover, Redirect, Severity, Streams, complete, first_steps, grouped, on_panic,
    run as run_command, start, system, unknown_word,
};

#[global_allocator]
static ALLOCATOR: system::WipingAllocator = system::WipingAllocator;

fn main() -> ExitCode {
    #[cfg(feature = "faults")]
    system::faults::read();
    system::shut_off();
    #[cfg(unix)]
    system::wipe_at_signals();
    on_panic(draw);
    // Whatever happens, all is dropped, and so wiped, before the last scrub.
    let end = panic::catch_unwind(run).unwrap_or(End::Exit(101));
    system::erase_environment();
    system::scrub();
    let code = match end {
        End::Exit(code) => code,
        End::Start(handover) => start(*handover).unwrap_or_else(|error| {
            error.diagnostics.iter().for_each(draw);
            error.code
        }),
    };
    ExitCode::from(code)
}

/// How the program ends.
enum End {
    /// With this exit code.
    Exit(u8),
    /// A command takes its place.
    Start(Box<Handover>),
}

fn draw(diagnostic: &Diagnostic) {
    let color = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    // Nothing can be done when standard error itself is closed.
    let _ = io::stderr().lock().write_all(diagnostic.draw(color).as_bytes());
}

/// Apart from `main`, so that all frames that secrets pass through, and what stood on the stack before them, are below `main`'s own, which
/// the last scrub leaves as it is.
#[inline(never)]
fn run() -> End {
    if let Some(shell) = std::env::var_os(COMPLETE) {
        // A shell that no longer reads needs no completions.
        let _ = system::Stdout.write_all(&complete(&shell, std::env::args_os()));
        return End::Exit(0);
    }
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.len() < 2 {
        let _ = io::stderr().lock().write_all(first_steps().as_bytes());
        return End::Exit(2);
    }
    if let Some(diagnostic) = unknown_word(&arguments) {
        draw(&diagnostic);
        return End::Exit(2);
    }
    let cli = match Cli::read(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help asked for ends with 0, a usage error with 2; a closed pipe is no reason to complain.
            let _ = error.print();
            return End::Exit(u8::from(error.use_stderr()) * 2);
        }
    };
    // Not the standard library's own: their buffers are never wiped.
    let (mut stdin, mut stdout, mut stderr) = (system::Stdin, system::Stdout, io::stderr());
    let warned = Cell::new(false);
    let mut warn = |diagnostic: &Diagnostic| {
        warned.set(warned.get() || diagnostic.severity == Severity::Warning);
        draw(diagnostic);
    };
    #[cfg(unix)]
    let mut ask = system::ask;
    #[cfg(not(unix))]
    let mut ask = |question: &str| rpassword::prompt_password(question).map(zeroize::Zeroizing::new);
    let mut streams = Streams {
        stdin: &mut stdin,
        stdout: &mut stdout,
        stderr: &mut stderr,
        warn: &mut warn,
        warned: &warned,
        terminal: io::stdout().is_terminal(),
        progress: io::stderr().is_terminal(),
        redirect: Redirect::of_stdout(),
        ask: if io::stdin().is_terminal() { Some(&mut ask) } else { None },
    };
    match run_command(&cli, &mut streams) {
        Ok(handover) => handover.map_or(End::Exit(0), |handover| End::Start(Box::new(handover))),
        Err(error) => {
            grouped(error.diagnostics).iter().for_each(draw);
            End::Exit(error.code)
        }
    }
}
