//! `--pin`: replaces the tags in a rendered document with the verified digests.

use std::ops::Range;

use zeroize::Zeroizing;

use super::services::{images, tree};

/// `image` with `digest` instead of its tag: `ghcr.io/o/a:1` becomes `ghcr.io/o/a@sha256:…`.
pub fn pinned(image: &str, digest: &str) -> String {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let end = name[last..].find(':').map_or(name.len(), |colon| last + colon);
    format!("{}@{digest}", &name[..end])
}

/// `document` with the image of each service pinned to its digest. `digests` has one for each service, in the order of the document. Every
/// other byte is unchanged. None if an image is written in a way that can't be replaced, or if a digest is missing.
pub fn pin(document: &str, digests: &[String]) -> Option<Zeroizing<String>> {
    let found = images(&tree(document)?).len();
    if found != digests.len() {
        return None;
    }
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut expected: Vec<Zeroizing<String>> = Vec::new();
    {
        let tree = tree(document)?;
        for ((_, image), digest) in images(&tree).into_iter().zip(digests) {
            let image = image?;
            let text = tree.text(image);
            let new = pinned(text, digest);
            let range = tree.range(image);
            let written = &document[range.clone()];
            let edit = match written.find(text).filter(|_| !tree.is_alias(image)) {
                Some(at) => (range.start + at..range.start + at + text.len(), new.clone()),
                // An alias, or text with escapes, which a reference does not need.
                None => (range, format!("\"{new}\"")),
            };
            // One image may be used by several services.
            if !edits.contains(&edit) {
                edits.push(edit);
            }
            expected.push(Zeroizing::new(new));
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    if edits.windows(2).any(|two| two[0].0.end > two[1].0.start) {
        return None;
    }
    let added: usize = edits.iter().map(|(_, new)| new.len()).sum();
    let mut result = Zeroizing::new(String::with_capacity(document.len() + added));
    let mut copied = 0;
    for (range, new) in &edits {
        result.push_str(&document[copied..range.start]);
        result.push_str(new);
        copied = range.end;
    }
    result.push_str(&document[copied..]);
    // Read it back to prove that it is what was intended.
    let proven = {
        let tree = tree(&result)?;
        let read = images(&tree);
        read.len() == expected.len()
            && read.iter().zip(&expected).all(|((_, image), expected)| image.is_some_and(|image| tree.text(image) == **expected))
    };
    proven.then_some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_digest_replaces_a_tag() {
        for (image, name) in [
            ("nginx", "nginx"),
            ("nginx:1", "nginx"),
            ("localhost:5000/a", "localhost:5000/a"),
            ("localhost:5000/a:1", "localhost:5000/a"),
            ("ghcr.io/o/a:1@sha256:00", "ghcr.io/o/a"),
        ] {
            assert_eq!(pinned(image, DIGEST), format!("{name}@{DIGEST}"), "{image}");
        }
    }

    #[test]
    fn every_other_byte_stays() {
        let document = "\
x: &i ghcr.io/o/z:1
services:
  a: {image: ghcr.io/o/a:1, env: [\"ghcr.io/o/a:1\"]} # ghcr.io/o/a:1
  b:
    image:   'ghcr.io/o/b:1'   # kept
  c:
    image: \"ghcr.io/o\\x2Fc:1\"
  d:
    image: >-
      ghcr.io/o/d
  e:
    image: *i
";
        let digests = vec![DIGEST.to_owned(); 5];
        let result = pin(document, &digests).unwrap();
        let expected = document
            .replacen("image: ghcr.io/o/a:1", &format!("image: ghcr.io/o/a@{DIGEST}"), 1)
            .replace("'ghcr.io/o/b:1'", &format!("'ghcr.io/o/b@{DIGEST}'"))
            .replace("\"ghcr.io/o\\x2Fc:1\"", &format!("\"ghcr.io/o/c@{DIGEST}\""))
            .replace("ghcr.io/o/d\n", &format!("ghcr.io/o/d@{DIGEST}\n"))
            .replace("*i\n", &format!("\"ghcr.io/o/z@{DIGEST}\"\n"));
        assert_eq!(*result, expected);
        assert!(pin(document, &digests[1..]).is_none());
        assert!(pin("services: {a: {}}", &digests[..1]).is_none());
    }
}
