//! Whether this user has allowed the commands of a project's file. What is remembered is the file's path and content: after a change, and
//! in another clone, it has to be allowed again.
//!
//! `$XDG_STATE_HOME/sdlrender/trust/` has a file for each project, named after its path. Where nothing is remembered, as in CI, the variable
//! `SDLRENDER_TRUST` has the digest of the content.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{NAME, Project};
use crate::output::{OutputError, OutputFile};

/// The variable with the digests of the files that are trusted, separated by commas or blanks.
pub(crate) const VARIABLE: &str = "SDLRENDER_TRUST";

/// Why trust can't be remembered.
#[derive(Debug)]
pub(crate) enum TrustError {
    /// There is no home folder to remember it in.
    NoHome,
    /// The folder can't be made, or the file can't be removed.
    Io(PathBuf, io::Error),
    /// The file can't be written.
    Output(OutputError),
}

impl Project {
    /// The SHA-256 of its content, as `sha256sum` prints it.
    pub(crate) fn digest(&self) -> String {
        hex(&[self.text.as_bytes()])
    }

    /// Whether its commands may run.
    pub(crate) fn is_trusted(&self) -> bool {
        let given = std::env::var(VARIABLE).unwrap_or_default();
        let digest = self.digest();
        if given.split([',', ' ', '\n']).any(|one| one.eq_ignore_ascii_case(&digest)) {
            return true;
        }
        let remembered = self.remembered_in().and_then(|file| fs::read_to_string(file).ok());
        remembered.is_some_and(|text| text.lines().next() == Some(&self.bound_digest()))
    }

    /// Remembers that its commands may run.
    ///
    /// # Errors
    /// See [`TrustError`].
    pub(crate) fn trust(&self) -> Result<(), TrustError> {
        let file = self.remembered_in().ok_or(TrustError::NoHome)?;
        if let Some(folder) = file.parent() {
            make(folder).map_err(|error| TrustError::Io(folder.to_owned(), error))?;
        }
        // The second line is for people.
        let text = format!("{}\n{}\n", self.bound_digest(), self.file().display());
        OutputFile::new(&file, []).and_then(|file| file.write(text.as_bytes())).map_err(TrustError::Output)
    }

    /// Forgets that its commands may run. Gives whether they might.
    ///
    /// # Errors
    /// See [`TrustError`].
    pub(crate) fn distrust(&self) -> Result<bool, TrustError> {
        let file = self.remembered_in().ok_or(TrustError::NoHome)?;
        match fs::remove_file(&file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(TrustError::Io(file, error)),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// The digest of its path and content.
    fn bound_digest(&self) -> String {
        // No path has a NUL, so no other path and content give the same bytes.
        hex(&[self.file().as_os_str().as_encoded_bytes(), b"\0", self.text.as_bytes()])
    }

    fn remembered_in(&self) -> Option<PathBuf> {
        Some(state()?.join("sdlrender/trust").join(hex(&[self.file().as_os_str().as_encoded_bytes()])))
    }
}

fn hex(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The folder for what programs remember of a user. A relative path is ignored, as the XDG specification says.
fn state() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let home = || folder("HOME").or_else(|| folder("USERPROFILE"));
    folder("XDG_STATE_HOME").or_else(|| Some(home()?.join(".local/state")))
}

/// Makes `folder` and those above it, which only this user may enter.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
