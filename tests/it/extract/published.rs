//! Every published SDL with something to extract: extracted and rendered, it is the same again.

use std::collections::BTreeMap;

use sdlrender::testing::extract;

use super::tree::fault;
use crate::hostile::corpus;
use crate::hostile::random::is_full;
use crate::support::say_skipped;

#[test]
fn every_published_sdl_is_the_same_after_extract_and_render() {
    let Some(documents) = corpus::documents() else { return say_skipped("the corpus of published SDLs is not here") };
    let (mut extracted, mut nothing, mut faults) = (0, 0, Vec::new());
    let mut stopped: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // A mutant differs from its file in one place: all of them only in a full run.
    let own = |name: &str| is_full() || !name.contains("mutants");
    for document in documents.iter().filter(|document| own(&document.name)) {
        match extract(&document.text) {
            Ok((_, values)) if values.is_empty() => nothing += 1,
            Ok((template, values)) => {
                extracted += 1;
                faults.extend(fault(&document.text, &template, &values).map(|fault| format!("{}: {fault}", document.name)));
            }
            Err(report) => {
                let message = report.diagnostics[0].message.clone();
                stopped.entry(message).or_default().push(document.name.clone());
            }
        }
    }
    for (message, names) in &stopped {
        println!("{message}: {} such as {}", names.len(), names[0]);
    }
    println!("{extracted} extracted, {nothing} with nothing to extract, of {}", documents.len());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(extracted > 30);
}
