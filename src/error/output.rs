//! Words for a result that can't be written where it should go.

use crate::diagnostic::Diagnostic;
use crate::output::OutputError;
use crate::output::git::Verdict;
use crate::template::folder;

/// A result that can't be written.
pub(crate) fn output(error: &OutputError) -> Diagnostic {
    match error {
        OutputError::Symlink(path) => Diagnostic::error(format!("{} is a symbolic link", path.display()))
            .help("write to the file it points to, or omit -o to write to standard output"),
        OutputError::Directory(path) => Diagnostic::error(format!("{} is a directory", path.display()))
            .help(format!("give the path of a file: -o {}", path.join("deploy.yaml").display())),
        OutputError::Special(path) => Diagnostic::error(format!("{} is not a regular file", path.display()))
            .help("omit -o and redirect standard output instead"),
        OutputError::IsTemplate(path) => Diagnostic::error(format!("the output {} is the template itself", path.display()))
            .help("write to another file: -o deploy.yaml"),
        OutputError::NoFolder(path) => Diagnostic::error(format!("the folder of {} does not exist", path.display()))
            .help(format!("mkdir -p {}", folder(path).display())),
        OutputError::Io(path, error) => Diagnostic::error(format!("can't write {}: {error}", path.display())),
        OutputError::Unsafe(path, verdict) => {
            let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
            let path = path.display();
            match verdict {
                Verdict::Tracked => Diagnostic::error(format!("git tracks {path}, and the output contains secrets"))
                    .help(format!("git rm --cached {name} && echo '/{name}' >> .gitignore"))
                    .help("secrets committed earlier remain in the history: replace them"),
                Verdict::Unknown(why) => Diagnostic::error(format!("can't tell whether git ignores {path}: {why}"))
                    .help("fix this first, or use --allow-unignored if git can't commit the file"),
                _ => Diagnostic::error(format!("git does not ignore {path}, and the output contains secrets"))
                    .help(format!("echo '/{name}' >> .gitignore    (in the folder of {name})"))
                    .help("or write to a file outside the repository, or use --allow-unignored"),
            }
        }
    }
}
