//! Words for files and stored logins that give no value.

use crate::secret::AUTH_CONFIG;
use crate::source::{DockerError, FileError, FileFault, HelperError};

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
        FileFault::Special => (
            format!("can't read {which}: it is not a regular file, or it is in /proc, /sys or /dev"),
            "copy it to a file of its own; or write {{ NAME }}, and set NAME_FILE to its path".to_owned(),
        ),
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
        DockerError::Config(place, why) => {
            (format!("can't read {place}: {why}"), "set DOCKER_CONFIG or REGISTRY_AUTH_FILE to use another file".to_owned())
        }
        DockerError::Syntax(place) if place == AUTH_CONFIG => (
            format!("{place} is not valid JSON"),
            "it must hold the JSON itself: {\"auths\": {\"HOST\": {\"auth\": \"…\"}}}; REGISTRY_AUTH_FILE names a file"
                .to_owned(),
        ),
        DockerError::Syntax(place) => (
            format!("{place} is not valid JSON"),
            "remove it and log in again, or set DOCKER_CONFIG or REGISTRY_AUTH_FILE to use another file".to_owned(),
        ),
        DockerError::IdentityToken(host) => (
            format!("the login to {host} is an identity token, which an SDL can't use as a password"),
            format!("create an access token and log in with it: docker login {host} -u USERNAME --password-stdin"),
        ),
        DockerError::AzureToken(host) => {
            let name = host.split('.').next().unwrap_or(host);
            (
                format!("the login to {host} is an identity token of Azure, which an SDL can't use as a password"),
                format!(
                    "az acr login --name {name} --expose-token prints one that is a password for three hours, with the username \
                     00000000-0000-0000-0000-000000000000; a token of the registry (az acr token create) lasts longer"
                ),
            )
        }
        DockerError::Auth(host) => {
            (format!("the stored login to {host} is invalid"), format!("log in again: docker login {host}"))
        }
        DockerError::Helper(failure) => {
            let HelperError { program, server, why, said, .. } = &**failure;
            let said = if said.is_empty() { String::new() } else { format!(" and said: {said}") };
            (
                format!("{program} gave no login to {server}: {why}{said}"),
                format!("run it by hand: echo {server} | {program} get; or give the login in the environment or .env"),
            )
        }
    }
}
