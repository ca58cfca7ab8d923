//! What is known of registries, against tables of verdicts from outside.

use std::io::Write;
use std::path::Path;

use sdlrender::registry::host::{Match, serves};
use sdlrender::registry::reference::Reference;

/// Every row of a table that was executed with kubelet's own code.
#[test]
fn every_host_reaches_what_kubelet_says() {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/akash/host-matching.tsv");
    let Ok(table) = std::fs::read_to_string(&table) else {
        // Not `eprintln!`: the test runner would keep it to itself.
        let _ = writeln!(std::io::stderr(), "skipped: {} is not there", table.display());
        return;
    };
    let mut rows = 0;
    for line in table.lines().skip(1) {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_else(|| panic!("{line}")).replace("\\n", "\n");
        let (host, image, expected) = (cell(), cell(), cell());
        let verdict = match Reference::parse(&image) {
            Err(_) => "IMAGE-ERR",
            Ok(image) => match serves(&host, &image) {
                Match::Yes => "MATCH",
                Match::No => "NO",
                Match::Ignored => "KEY-IGNORED",
            },
        };
        assert_eq!(verdict, expected.trim_end_matches("(default)"), "{line}");
        rows += 1;
    }
    assert!(rows >= 86, "{rows} rows");
    println!("{rows} of {rows} rows agree");
}
