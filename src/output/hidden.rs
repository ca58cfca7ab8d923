//! A folder for one file, which git never adds: it is called `.git`, in another one, and git never adds what has `.git` in its path.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A folder for one file, which git does not add and only its owner may enter. It is removed when dropped, with the file.
#[derive(Debug)]
pub(crate) struct HiddenFolder(PathBuf);

impl HiddenFolder {
    /// A folder in the folder `beside`.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub(crate) fn new(beside: &Path) -> io::Result<Self> {
        let number = getrandom::u64().map_err(io::Error::other)?;
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let outer = beside.join(format!(".sdlrender-{number:016x}"));
        builder.create(&outer)?;
        let hidden = Self(outer);
        builder.create(hidden.inner())?;
        Ok(hidden)
    }

    /// Creates the file, which only its owner may read.
    ///
    /// # Errors
    /// When the operating system refuses, or it is there already.
    pub(crate) fn create(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.file())
    }

    /// The path of the file.
    pub(crate) fn file(&self) -> PathBuf {
        self.inner().join("output")
    }

    fn inner(&self) -> PathBuf {
        self.0.join(".git")
    }
}

impl Drop for HiddenFolder {
    fn drop(&mut self) {
        // The file may have been renamed, or never created.
        let _ = fs::remove_file(self.file());
        let _ = fs::remove_dir(self.inner());
        let _ = fs::remove_dir(&self.0);
    }
}
