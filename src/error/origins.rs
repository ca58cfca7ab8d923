//! Words for files and stored logins that give no value.

use crate::source::{DockerError, FileError, FileFault};

use super::ENCODE;

/// A file: the reason, and what to do.
pub(super) fn file(error: &FileError) -> (String, String) {
    // The variable may hold the secret itself, by mistake: its content is not shown.
    let (which, path) = match &error.variable {
        Some(variable) => (format!("the file named by `{variable}`"), format!("\"${variable}\"")),
        None => {
            let bare = error.path.strip_prefix("./").ok().filter(|path| !path.as_os_str().is_empty());
            let path = bare.unwrap_or(&error.path).display().to_string();
            (path.clone(), path)
        }
    };
    match &error.fault {
        FileFault::Missing => {
            (format!("{which} does not exist"), format!("the variable must hold the path of a file: `ls -l {path}`"))
        }
        FileFault::Directory => (format!("{which} is a directory"), "give the path of a file".to_owned()),
        FileFault::Io(why) => (format!("can't read {which}: {why}"), format!("`ls -l {path}` shows its permissions")),
        FileFault::TooLong => {
            (format!("{which} is larger than 1 MiB, the limit for a value"), "is it the right file?".to_owned())
        }
        FileFault::NotUtf8 => (format!("{which} is not UTF-8"), ENCODE.to_owned()),
    }
}

/// A stored login: the reason, and what to do.
pub(super) fn docker(error: &DockerError) -> (String, String) {
    match error {
        DockerError::Config(path, why) => {
            (format!("can't read {}: {why}", path.display()), "set DOCKER_CONFIG to use another folder".to_owned())
        }
        DockerError::Syntax(path) => (
            format!("{} is not valid JSON", path.display()),
            "remove it and run docker login again, or set DOCKER_CONFIG to use another folder".to_owned(),
        ),
        DockerError::IdentityToken(host) => (
            format!("the login to {host} is an identity token, which an SDL can't use as a password"),
            format!("create an access token and log in with it: docker login {host} -u USERNAME --password-stdin"),
        ),
        DockerError::Auth(host) => {
            (format!("the stored login to {host} is invalid"), format!("log in again: docker login {host}"))
        }
        DockerError::Helper(program, why) => (
            format!("{program} gave no login: {why}"),
            "if that helper can't run here, give the login through the environment or .env".to_owned(),
        ),
    }
}
