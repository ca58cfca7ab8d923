//! What `check` says of the project's file.

use super::*;
/// The messages about the project's file.
fn checked(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let ran = folder.run(&[&["check", "--format", "json"], arguments].concat(), &[]);
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let text = |finding: &serde_json::Value, member: &str| finding[member].as_str().unwrap_or_default().to_owned();
    let findings = found["findings"].as_array().expect("findings").iter();
    findings.filter(|one| text(one, "rule") == "project-file").map(|one| text(one, "message")).collect()
}

#[test]
fn a_name_that_no_template_uses_is_a_warning() {
    let folder = folder("a: \"{{ GHCR_TOKEN }}\"\n", "[secrets.GHRC_TOKEN]\n[profile.prod.secrets.OTHER]\n");
    let ran = folder.run(&["check", "t.tmpl.yaml"], &[]);
    for part in [
        "warning[project-file]: no template uses `GHRC_TOKEN`",
        "sdlrender.toml:1:10",
        "did you mean `GHCR_TOKEN`?",
        "no template uses `OTHER`",
        "sdlrender.toml:2:23",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    // Any template of the project will do, one that is included too, and any branch and way to name it.
    folder.file("b.tmpl.yaml", "{% if X is defined %}a: \"{{ env.GHRC_TOKEN }}\"{% endif %}\n");
    assert_eq!(checked(&folder, &["t.tmpl.yaml"]), ["no template uses `OTHER`"]);
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    folder.file("below/c.tmpl.yaml", "{% include 'part.yaml' %}\n");
    folder.file("below/part.yaml", "a: \"{{ secrets['OTHER'] }}\"\n");
    assert!(checked(&folder, &["t.tmpl.yaml"]).is_empty());
    assert!(checked(&folder, &["."]).is_empty());
    // One of another project does not count, and has its own.
    folder.file("below/sdlrender.toml", "[secrets.OTHER]\n[secrets.MORE]\n");
    assert_eq!(checked(&folder, &["t.tmpl.yaml"]), ["no template uses `OTHER`"]);
    assert_eq!(checked(&folder, &["."]), ["no template uses `OTHER`", "no template uses `MORE`"]);
    // Where a name is computed, nobody can tell.
    folder.file("t.tmpl.yaml", "a: \"{{ secrets[vars.X] }}\"\n");
    assert_eq!(checked(&folder, &["t.tmpl.yaml"]), Vec::<String>::new());
}

#[test]
fn a_file_that_can_t_be_used_is_an_error_beside_the_others() {
    let folder = folder("services: {}\n", "[secrets.A]\nvalue = \"hunter2-canary\"\n");
    folder.file("b.tmpl.yaml", "services: {}\n");
    let ran = folder.run(&["check", "."], &[]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.stderr.matches("error[project-file]").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("error[no-version]") && !ran.stderr.contains("canary"), "{}", ran.stderr);
    let ran = folder.run(&["check", "sdlrender.toml"], &[]);
    assert!(ran.code == Some(1) && ran.stderr.contains("1 file checked: 1 error"), "{}", ran.stderr);
    let ran = folder.run(&["check", "--skip-others", "sdlrender.toml", "other.toml"], &[]);
    assert!(ran.stderr.contains("error[project-file]"), "{}", ran.stderr);
}

#[test]
fn it_is_checked_as_it_is_staged() {
    if !require("git") {
        return;
    }
    let folder = folder("a: \"{{ A }}\"\n", "");
    let git = |arguments: &[&str]| {
        assert!(Command::new("git").args(arguments).current_dir(folder.path()).status().expect("git starts").success())
    };
    git(&["init", "--quiet"]);
    folder.file("sdlrender.toml", format!("# ghp_{}\n", "a1B2c3D4e5F6".repeat(3)));
    git(&["add", "sdlrender.toml"]);
    folder.file("sdlrender.toml", "");
    assert_eq!(checked(&folder, &["--staged"]), ["sdlrender.toml holds a GitHub personal access token"]);
}
