//! Words for a keychain that gives no value, and what to do on a desktop, on a server and in CI.

use crate::diagnostic::for_shell;
use crate::source::KeychainError;

/// What always works where there is no desktop.
const ELSEWHERE: &str = "on a server or in CI, give the value in the environment, in .env or with --from-command";

/// Why the keychain gives no value for `name`, and what to do.
pub(crate) fn keychain(name: &str, error: &KeychainError) -> (String, String) {
    let reason = match error {
        KeychainError::NotBuilt => "this build of sdlrender has no keychain support".to_owned(),
        KeychainError::NoSession => "no keychain: no D-Bus session (see DBUS_SESSION_BUS_ADDRESS)".to_owned(),
        KeychainError::NoService => {
            "no keychain: no keyring is running in this D-Bus session (org.freedesktop.secrets)".to_owned()
        }
        KeychainError::NeverUnlocked => {
            "no keychain has been created yet (org.freedesktop.secrets has no default collection)".to_owned()
        }
        KeychainError::Misnamed(attribute) => {
            format!("the keychain item for service `sdlrender` has `{name}` in the attribute `{attribute}`, not in `username`")
        }
        KeychainError::OtherProfile(profile) => {
            format!("`{name}` is an item of the profile `{profile}`, which was not asked for")
        }
        KeychainError::Locked => {
            "the keychain is locked, and the prompt to unlock it was dismissed or could not be shown".to_owned()
        }
        KeychainError::NobodyAnswered(limit) => {
            format!("the keychain is locked, and its prompt was not answered within {} s", limit.as_secs())
        }
        KeychainError::NoAnswer(limit) => {
            format!("the keychain (org.freedesktop.secrets) did not answer within {:.0} s", limit.as_secs_f32())
        }
        KeychainError::Ambiguous(count) => {
            format!("the keychain has {count} items with service `sdlrender` and username `{name}`, which may differ")
        }
        KeychainError::NotUtf8 => format!("the keychain's value of `{name}` is not UTF-8"),
        KeychainError::Refused(why) => format!("the keychain (org.freedesktop.secrets) failed: {why}"),
    };
    let help = match error.is_of_one_item() {
        true => fix(name, error),
        false => format!("{}; {ELSEWHERE}", fix(name, error)),
    };
    (reason, help)
}

/// What to do about the keychain itself.
pub(super) fn fix(name: &str, error: &KeychainError) -> String {
    let typed = for_shell(name);
    match error {
        KeychainError::NotBuilt => "build it with the feature `keychain`".to_owned(),
        KeychainError::NoSession => "on a desktop, run sdlrender in your own session, not through sudo or cron".to_owned(),
        KeychainError::NoService => "on a desktop, start GNOME Keyring, KWallet or KeePassXC".to_owned(),
        KeychainError::NeverUnlocked => {
            "on a desktop, log in with your password, or create a keyring named Login in Passwords and Keys".to_owned()
        }
        KeychainError::OtherProfile(profile) => format!("--profile {profile} uses that profile's values"),
        KeychainError::Misnamed(_) => format!("store it again: sdlrender set {typed}"),
        KeychainError::Locked => {
            "on a desktop, unlock the keyring; if your login password has changed, it wants the old one".to_owned()
        }
        KeychainError::NobodyAnswered(_) => "unlock it when asked; --keychain-timeout SECONDS waits longer".to_owned(),
        KeychainError::NoAnswer(_) => "restart the keyring, or skip it with --no-keychain".to_owned(),
        KeychainError::Ambiguous(_) => format!("sdlrender rm {typed} removes them all; then sdlrender set {typed}"),
        KeychainError::NotUtf8 => "YAML holds only text: store it as base64 and decode it in the container".to_owned(),
        KeychainError::Refused(_) => "use --no-keychain to skip it".to_owned(),
    }
}

/// The state of the keychain in a few words.
pub(crate) fn state(error: &KeychainError) -> String {
    let state = match error {
        KeychainError::NotBuilt => "no keychain (not in this build)",
        KeychainError::NoSession => "no keychain (no D-Bus session)",
        KeychainError::NoService => "no keychain (no keyring is running)",
        KeychainError::NeverUnlocked => "no keychain (none created yet)",
        KeychainError::Locked => "keychain locked",
        KeychainError::NobodyAnswered(limit) => {
            return format!("keychain locked (prompt not answered within {} s)", limit.as_secs());
        }
        KeychainError::NoAnswer(limit) => return format!("keychain not answering (within {:.0} s)", limit.as_secs_f32()),
        KeychainError::Refused(why) => return format!("keychain failed ({why})"),
        KeychainError::Misnamed(_) | KeychainError::OtherProfile(_) | KeychainError::Ambiguous(_) | KeychainError::NotUtf8 => {
            "keychain item unusable"
        }
    };
    state.to_owned()
}
