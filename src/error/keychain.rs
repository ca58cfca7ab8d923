//! What the keychain's refusals are in words, and what to do on a server or in CI.

use crate::source::KeychainError;

/// What always helps where there is no desktop.
const ELSEWHERE: &str = "on a server or in CI give the value in the environment, in .env, or with --from-command";

/// Why the keychain gives no value for `name`: the reason, in words that can follow "no value for …", and what to do.
pub fn keychain(name: &str, error: &KeychainError) -> (String, String) {
    match error {
        KeychainError::NoSession => (
            "keychain: there is no D-Bus session (DBUS_SESSION_BUS_ADDRESS is not set)".to_owned(),
            format!("{ELSEWHERE}; on a desktop run sdlrender in your own session, not through sudo or cron"),
        ),
        KeychainError::NoService => (
            "keychain: nothing keeps secrets in this D-Bus session (org.freedesktop.secrets)".to_owned(),
            format!("{ELSEWHERE}; on a desktop start GNOME Keyring, KWallet or KeePassXC"),
        ),
        KeychainError::NeverUnlocked => (
            "keychain: there is none yet (org.freedesktop.secrets has no default collection): it was never unlocked".to_owned(),
            format!("{ELSEWHERE}; on a desktop log in with your password, or create a keyring named Login in Passwords and Keys"),
        ),
        KeychainError::Misnamed(attribute) => (
            format!("keychain: an item of service `sdlrender` has `{name}` as `{attribute}`, not as `username`"),
            format!("store it where it is looked for: sdlrender set {name}"),
        ),
        KeychainError::Locked => (
            "keychain: it is locked, and the prompt to unlock it was dismissed or could not be shown".to_owned(),
            format!("{ELSEWHERE}; on a desktop unlock the keyring: with a changed login password it wants the old one"),
        ),
        KeychainError::NobodyAnswered(limit) => (
            format!("keychain: it is locked, and nobody answered its prompt within {} s", limit.as_secs()),
            format!("unlock it when asked, or --keychain-timeout SECONDS gives more time; {ELSEWHERE}"),
        ),
        KeychainError::NoAnswer(limit) => (
            format!("keychain: org.freedesktop.secrets gave no answer within {:.0} s", limit.as_secs_f32()),
            format!("the keyring's process hangs: restart it, or leave it out with --no-keychain; {ELSEWHERE}"),
        ),
        KeychainError::Ambiguous(count) => (
            format!("keychain: {count} items have service `sdlrender` and username `{name}`, and may differ"),
            format!("sdlrender rm {name} removes them all, then sdlrender set {name}"),
        ),
        KeychainError::NotUtf8 => (
            format!("keychain: what it has for `{name}` is not UTF-8"),
            "YAML holds text only; encode it (base64) and decode it in the container".to_owned(),
        ),
        KeychainError::Refused(why) => {
            (format!("keychain: org.freedesktop.secrets refuses: {why}"), format!("--no-keychain leaves it out; {ELSEWHERE}"))
        }
    }
}
