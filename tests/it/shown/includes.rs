//! A file that gives secrets is not a template: neither a `.env` file nor a key is included, whatever its name or the way to it.

use std::os::unix::fs::symlink;

use crate::support::Folder;

const CANARY: &str = "canary-4be2f0aa";

#[track_caller]
fn refuses(folder: &Folder, what: &str) {
    for arguments in [&["t.yaml"][..], &["check", "t.yaml"], &["list", "t.yaml"], &["t.yaml", "--redact"]] {
        let ran = folder.run(arguments, &[]);
        assert!(
            ran.code == Some(1) && ran.stderr.contains(what) && ran.stderr.contains("t.yaml:2"),
            "{arguments:?}\n{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains(CANARY) && !ran.stdout.contains(CANARY), "{ran:?}");
    }
}

#[test]
fn a_file_of_values_is_not_included() {
    for name in [".env", ".env.prod", ".env.local", ".envrc", "sub/.env", ".ENV", ".Env.Local", ".env-prod", "prod.env"] {
        let folder = Folder::new();
        folder.file(name, format!("A: {CANARY}\n"));
        folder.file("t.yaml", format!("a: 1\n{{% include \"{name}\" %}}\n"));
        refuses(&folder, "is a .env file, which is not a template");
    }
    let folder = Folder::new();
    folder.file(".env", format!("A: {CANARY}\n"));
    symlink(".env", folder.path().join("part.yaml")).expect("a link");
    folder.file("t.yaml", "a: 1\n{% include \"part.yaml\" %}\n");
    refuses(&folder, "is a .env file");
    folder.file("t.yaml", "a: 1\n{% set name = \".env\" %}{% include name %}\n");
    refuses(&folder, "is a .env file");
    // An example holds no values.
    folder.file(".env.example", "b: 2\n");
    folder.file("t.yaml", "a: 1\n{% include \".env.example\" %}\n");
    assert_eq!(folder.run(&["t.yaml"], &[]).ok(), "a: 1\nb: 2\n");
}

#[test]
fn a_key_is_not_included() {
    for content in [
        format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----\n"),
        format!("\n-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}\n"),
        // What tools write above it, and keys of other programs.
        format!("Bag Attributes\n    friendlyName: x\n-----BEGIN PRIVATE KEY-----\n{CANARY}\n"),
        format!("# created: 2026-05-04\nAGE-SECRET-KEY-1{CANARY}\n"),
        format!("PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n{CANARY}\n"),
        format!("{{\"type\": \"service_account\", \"private_key\": \"-----BEGIN PRIVATE KEY-----\\n{CANARY}\"}}\n"),
    ] {
        let folder = Folder::new();
        folder.file("key", content);
        folder.file("t.yaml", "a: 1\n{% include \"key\" %}\n");
        refuses(&folder, "is a key, which is not a template");
    }
}
