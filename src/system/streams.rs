//! Standard input and output without the standard library's buffers, which are never wiped; and reading within a time limit.

use std::io::{self, Read, Write};
use std::time::Instant;

/// Standard output without a buffer: leaves no copy of the data in this process.
#[derive(Debug, Clone, Copy)]
pub struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(unix)]
        {
            use std::os::fd::AsFd as _;
            // Borrowed for this call; the standard library closes it.
            let descriptor = io::stdout().as_fd().try_clone_to_owned()?;
            std::fs::File::from(descriptor).write(bytes)
        }
        #[cfg(not(unix))]
        io::stdout().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        #[cfg(unix)]
        return Ok(());
        #[cfg(not(unix))]
        io::stdout().flush()
    }
}

/// Standard input without a buffer: leaves no copy of the data except the reader's.
#[derive(Debug, Clone, Copy)]
pub struct Stdin;

impl Read for Stdin {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        {
            use std::os::fd::AsFd as _;
            let descriptor = io::stdin().as_fd().try_clone_to_owned()?;
            std::fs::File::from(descriptor).read(into)
        }
        #[cfg(windows)]
        {
            use std::os::windows::io::AsHandle as _;
            let handle = io::stdin().as_handle().try_clone_to_owned()?;
            std::fs::File::from(handle).read(into)
        }
        #[cfg(not(any(unix, windows)))]
        io::stdin().read(into)
    }
}

/// Reads from a pipe, but not after `deadline`: then fails with `TimedOut`.
#[derive(Debug)]
pub struct Until<R> {
    /// What is read.
    pub from: R,
    /// When it ends.
    pub deadline: Instant,
}

#[cfg(unix)]
impl<R: Read + std::os::fd::AsFd> Read for Until<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let left = self.deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
        let ready = poll(&mut [PollFd::new(&self.from, PollFlags::IN)], Some(&left))?;
        if ready == 0 { Err(io::ErrorKind::TimedOut.into()) } else { self.from.read(into) }
    }
}

/// Other systems have no time limit for a pipe.
#[cfg(not(unix))]
impl<R: Read> Read for Until<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.from.read(into)
    }
}
