//! What a container sees of a text in `env`, `command` or `args` after Kubernetes has expanded it
//! (v1.34.1 third_party/forked/golang/expansion/expand.go:38-102), which works byte by byte.

use zeroize::Zeroizing;

/// What a container sees, where the values of variables are not known. Wiped when dropped.
#[derive(PartialEq, Eq)]
pub(crate) struct ContainerText {
    /// The bytes, with `$(NAME)` as it is written.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Where in `bytes` Kubernetes puts the value of a variable, if there is one of that name.
    pub references: Vec<std::ops::Range<usize>>,
}

impl std::fmt::Debug for ContainerText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContainerText")
    }
}

/// What a container sees of `text`.
pub(crate) fn container_sees(text: &str) -> ContainerText {
    let input = text.as_bytes();
    // A byte that is not ASCII becomes two behind a `$`.
    let mut bytes = Zeroizing::new(Vec::with_capacity(input.len() * 2));
    let mut references = Vec::new();
    let mut at = 0;
    while at < input.len() {
        let close = || input[at + 2..].iter().position(|byte| *byte == b')').map(|length| at + 2 + length);
        match (input[at], input.get(at + 1)) {
            (b'$', Some(b'$')) => {
                bytes.push(b'$');
                at += 2;
            }
            (b'$', Some(b'(')) if close().is_some() => {
                let end = close().unwrap_or(at) + 1;
                references.push(bytes.len()..bytes.len() + (end - at));
                bytes.extend_from_slice(&input[at..end]);
                at = end;
            }
            (b'$', Some(other)) => {
                bytes.push(b'$');
                let mut character = [0; 4];
                bytes.extend_from_slice(char::from(*other).encode_utf8(&mut character).as_bytes());
                at += 2;
            }
            (byte, _) => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    ContainerText { bytes, references }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_container_sees_what_kubernetes_leaves() {
        for (text, seen, references) in [
            ("a$$b", "a$b", vec![]),
            ("a$b$", "a$b$", vec![]),
            ("x$$y$$$", "x$y$$", vec![]),
            ("$(A)-$(", "$(A)-$(", vec![(0, 4)]),
            ("$$(A)", "$(A)", vec![]),
            ("$$$(A)", "$$(A)", vec![(1, 5)]),
            ("$$\u{e9}", "$\u{e9}", vec![]),
        ] {
            let got = container_sees(text);
            let ranges: Vec<_> = got.references.iter().map(|range| (range.start, range.end)).collect();
            assert_eq!((String::from_utf8_lossy(&got.bytes).as_ref(), ranges), (seen, references), "{text}");
        }
        assert_eq!(&*container_sees("$\u{e9}").bytes, b"$\xc3\x83\xa9");
    }
}
