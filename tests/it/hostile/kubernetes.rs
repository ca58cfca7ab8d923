//! What Kubernetes makes of a text in `env`, `command` or `args`.
//!
//! Written after its expansion (`third_party/forked/golang/expansion`), byte by byte as there, so that a value's way into
//! the container is judged by what arrives and not by how it is escaped.

/// What a container would get of `text`, where every name that a variable can have is set: to `⟨NAME⟩`, so that an expansion shows.
/// A name that no variable can have, such as a shell's `$(cat file)`, stays as written.
pub(crate) fn container_sees(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut seen = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied();
        match (bytes[at], next) {
            (b'$', Some(b'$')) => {
                seen.push(b'$');
                at += 2;
            }
            (b'$', Some(b'(')) => match bytes[at + 2..].iter().position(|byte| *byte == b')') {
                Some(length) => {
                    let name = &bytes[at + 2..at + 2 + length];
                    if is_name(name) {
                        seen.extend(["⟨".as_bytes(), name, "⟩".as_bytes()].concat());
                    } else {
                        seen.extend(&bytes[at..=at + 2 + length]);
                    }
                    at += length + 3;
                }
                None => {
                    seen.extend(b"$(");
                    at += 2;
                }
            },
            // The byte after the dollar is taken for a character: anything but ASCII is torn apart.
            (b'$', Some(other)) => {
                seen.push(b'$');
                seen.extend(char::from(other).to_string().as_bytes());
                at += 2;
            }
            (byte, _) => {
                seen.push(byte);
                at += 1;
            }
        }
    }
    seen
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)) && !name[0].is_ascii_digit()
}

/// Whether Kubernetes expands the text at this place of an SDL. What a merge key brings, be it one of a list, counts as standing
/// where it is merged.
pub(crate) fn expands(path: &[String]) -> bool {
    let mut keys = path.iter().map(String::as_str).filter(|key| !matches!(*key, "<<" | "[]"));
    keys.next() == Some("services") && keys.next().is_some() && matches!(keys.next(), Some("env" | "command" | "args"))
}

#[test]
fn the_expansion_is_the_one_that_kubernetes_documents() {
    let cases = [
        ("$(VAR)", "⟨VAR⟩"),
        ("$$(VAR)", "$(VAR)"),
        ("$$$(VAR)", "$⟨VAR⟩"),
        ("$(VAR", "$(VAR"),
        ("$VAR $", "$VAR $"),
        ("$2a$10$x", "$2a$10$x"),
        ("$(cat a) $$", "$(cat a) $"),
        ("$(cat $$a)", "$(cat $$a)"),
    ];
    for (text, expected) in cases {
        assert_eq!(String::from_utf8(container_sees(text)).as_deref(), Ok(expected), "{text}");
    }
    assert_eq!(container_sees("$é"), "$Ã".bytes().chain([0xa9]).collect::<Vec<u8>>());
    assert_eq!(container_sees("$$é"), "$é".as_bytes());
}
