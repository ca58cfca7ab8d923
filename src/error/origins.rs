//! Words for files and stored logins that give no value.

use crate::source::{DockerError, FileError, FileFault};

/// A file: the reason, and what to do.
pub(super) fn file(error: &FileError) -> (String, String) {
    // What stands in the variable may be the value itself, in the wrong place: it is not shown.
    let (which, path) = match &error.variable {
        Some(variable) => (format!("the file that `{variable}` names"), format!("\"${variable}\"")),
        None => (error.path.display().to_string(), error.path.display().to_string()),
    };
    match &error.fault {
        FileFault::Missing => (format!("{which} is not there"), format!("it must be a file that holds the value: ls -l {path}")),
        FileFault::Directory => (format!("{which} is a directory"), "name a file in it".to_owned()),
        FileFault::Io(why) => (format!("{which} can't be read: {why}"), format!("ls -l {path} shows who may")),
        FileFault::TooLong => (format!("{which} is larger than 1 MiB"), "a value can't be: is it the right file?".to_owned()),
        FileFault::NotUtf8 => (
            format!("{which} is not UTF-8"),
            "YAML holds text only; encode it (base64) and decode it in the container".to_owned(),
        ),
    }
}

/// A stored login: the reason, and what to do.
pub(super) fn docker(error: &DockerError) -> (String, String) {
    match error {
        DockerError::Config(path, why) => {
            (format!("{} can't be read: {why}", path.display()), "DOCKER_CONFIG names another folder".to_owned())
        }
        DockerError::Syntax(path) => (
            format!("{} is not JSON", path.display()),
            "docker logout and docker login write it anew; DOCKER_CONFIG names another folder".to_owned(),
        ),
        DockerError::IdentityToken(host) => (
            format!("the login to {host} is an identity token, which is no password that an SDL can hold"),
            "make an access token for this registry and give that as the password: docker login -u USERNAME --password-stdin"
                .to_owned(),
        ),
        DockerError::Auth(host) => {
            (format!("the stored login to {host} can't be understood"), format!("log in again: docker login {host}"))
        }
        DockerError::Helper(program, why) => (
            format!("{program} gave no login: {why}"),
            "on a server without that helper, give the login through the environment or .env instead".to_owned(),
        ),
    }
}
