//! Starts the command: in this process's place, or as a child that is waited for if there are files to remove.

use std::io;
use std::process::{Command, ExitStatus};

use super::{Handover, StartError};
use crate::system::HeldSignals;

impl Handover {
    /// Starts the command. It takes this process's place, so that this returns only if it can't; or it is waited for if a document is in a
    /// file, which is removed then, and this returns its exit code.
    ///
    /// The signal that ended a child ends this process as well.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start(mut self) -> Result<u8, StartError> {
        #[cfg(target_os = "linux")]
        if self.keepers.iter().all(super::Keeper::ends_by_itself) {
            let failure = self.replace_process();
            return Err(StartError::Refused(self.program, failure));
        }
        let held = self.held.take().unwrap_or_default();
        let ended = self.run(&held);
        // The files are removed before a signal takes effect.
        self.keepers.clear();
        drop(held);
        match ended {
            Ok(status) => Ok(code(status)),
            Err(failure) => Err(StartError::Refused(self.program, failure)),
        }
    }

    /// Returns only if it fails: with the reason.
    #[cfg(target_os = "linux")]
    fn replace_process(&self) -> io::Error {
        use std::ffi::{CString, OsStr};
        use std::os::unix::ffi::OsStrExt as _;
        // No word contains NUL, and neither does what the system gave.
        let text = |text: &OsStr| CString::new(text.as_bytes()).unwrap_or_default();
        let words: Vec<CString> = self.words.iter().map(|word| text(word)).collect();
        let variable = |(name, value): &(std::ffi::OsString, std::ffi::OsString)| {
            let mut entry = name.clone();
            entry.push("=");
            entry.push(value);
            text(&entry)
        };
        let environment: Vec<CString> = self.environment.iter().map(variable).collect();
        for keeper in &self.keepers {
            if let super::Keeper::Memory(memory) = keeper
                && let Err(failure) = memory.bequeath()
            {
                return failure;
            }
        }
        crate::system::exec(&text(self.program.as_os_str()), &words, &environment)
    }

    fn run(&self, held: &HeldSignals) -> io::Result<ExitStatus> {
        let mut command = Command::new(&self.program);
        command.args(&self.words[1..]).env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        #[cfg(unix)]
        {
            std::os::unix::process::CommandExt::arg0(&mut command, &self.words[0]);
            crate::system::with_signals_of(&mut command, held);
        }
        let _ = held;
        let mut child = command.spawn()?;
        #[cfg(unix)]
        return wait(&mut child, held);
        #[cfg(not(unix))]
        child.wait()
    }
}

/// Waits for the child, which gets the signals that come meanwhile.
#[cfg(unix)]
fn wait(child: &mut std::process::Child, held: &HeldSignals) -> io::Result<ExitStatus> {
    use rustix::process::{Pid, Signal, kill_process};
    const LONGEST: std::time::Duration = std::time::Duration::from_millis(20);
    let mut pause = std::time::Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        for signal in held.take() {
            // It has not been waited for, so that its number is still its own.
            let known = Signal::from_named_raw(signal).filter(|signal| !comes_from_terminal(*signal));
            if let (Some(signal), Some(child)) = (known, Pid::from_raw(child.id().cast_signed())) {
                let _ = kill_process(child, signal);
            }
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(LONGEST);
    }
}

/// Whether the terminal sent the child this signal, too: Ctrl-C is for all that is in the foreground.
#[cfg(unix)]
fn comes_from_terminal(signal: rustix::process::Signal) -> bool {
    use rustix::process::{Signal, getpgrp};
    let foreground = || rustix::termios::tcgetpgrp(std::fs::File::open("/dev/tty").ok()?).ok();
    (signal == Signal::INT || signal == Signal::QUIT) && foreground() == Some(getpgrp())
}

/// Its exit code as a shell has it. The signal that ended it ends this process, unless that ignores it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        if matches!(signal, libc::SIGINT | libc::SIGTERM | libc::SIGHUP | libc::SIGQUIT) {
            crate::system::raise(signal);
        }
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
