//! Links between pages, and the index of `docs/`.

use super::{pages, root, text};

/// Every link from a page to a file of the repository leads to one, and to a heading that is there.
#[test]
fn links_lead_somewhere() {
    let mut pages = pages();
    pages.extend(["ARCHITECTURE.md", "CONTRIBUTING.md", "dist/README.md"].map(str::to_owned));
    let mut links = 0;
    for page in pages {
        let folder = root().join(&page).parent().expect("a folder").to_owned();
        for target in text(&page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { root().join(&page) } else { folder.join(file) };
            assert!(path.exists(), "{page} links to {target}");
            if !heading.is_empty() {
                let linked = std::fs::read_to_string(&path).expect("a page");
                let found = linked.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading);
                assert!(found, "{page} links to {target}, which has no such heading");
            }
            links += 1;
        }
    }
    assert!(links > 60, "only {links} links are found");
}

/// A heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Whoever opens `docs/` finds every page.
#[test]
fn the_index_names_every_page() {
    let index = text("docs/README.md");
    for page in pages().iter().filter_map(|page| page.strip_prefix("docs/")).filter(|page| *page != "README.md") {
        assert!(index.contains(&format!("]({page})")), "docs/README.md does not name {page}");
    }
}

/// A screen and a half, and a transcript.
#[test]
fn the_readme_is_short() {
    let lines = text("README.md").lines().count();
    assert!(lines <= 125, "README.md has {lines} lines");
}
