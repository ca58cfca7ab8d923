//! Kubernetes expands `$(NAME)` and turns `$$` into `$` in `env`, `command` and `args`; a value is escaped so that it arrives
//! as it is (v1.34.1 third_party/forked/golang/expansion/expand.go:38-102).

use zeroize::Zeroizing;

use super::Piece;

/// The values, escaped for a scalar whose template text is `segments` (one more than there are values).
///
/// A `$` of a value is doubled where `$` or `(` follows it in the scalar. A `$` of the template that stands alone before a value
/// that begins with one of these gets its second `$` from the value. The template's own text is left alone: `$(NAME)` there is meant.
pub fn escape_expansion(segments: &[&str], pieces: &[Piece<'_>]) -> Vec<Zeroizing<String>> {
    let special = |c: Option<char>| matches!(c, Some('$' | '('));
    // What follows value `index`: the first character of the rest that is not empty.
    let following = |index: usize| {
        let mut rest = (index + 1..segments.len())
            .flat_map(|at| [segments.get(at).copied(), pieces.get(at).map(|piece| piece.text)])
            .flatten();
        rest.find(|text| !text.is_empty()).and_then(|text| text.chars().next())
    };
    let mut open = false;
    let mut values = Vec::with_capacity(pieces.len());
    for (index, piece) in pieces.iter().enumerate() {
        open = ends_open(segments[index], open);
        let dollars = memchr::memchr_iter(b'$', piece.text.as_bytes()).count();
        let mut out = Zeroizing::new(String::with_capacity(piece.text.len() + dollars + 1));
        let mut chars = piece.text.chars().peekable();
        if open && special(chars.peek().copied()) {
            out.push('$');
        }
        if !piece.text.is_empty() {
            open = false;
        }
        while let Some(c) = chars.next() {
            out.push(c);
            let next = chars.peek().copied().or_else(|| following(index));
            if c == '$' && special(next) {
                out.push('$');
            }
        }
        values.push(out);
    }
    values
}

/// Whether `text` of the template leaves a `$` at its end that is not the second of a pair.
fn ends_open(text: &str, open: bool) -> bool {
    if text.is_empty() {
        return open;
    }
    let dollars = text.bytes().rev().take_while(|byte| *byte == b'$').count();
    // All of it dollars: one that was open before pairs with the first.
    let carried = usize::from(open && dollars == text.len());
    (dollars + carried) % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::splice::Kind;

    /// Kubelet's expansion with no variable known, written from its description: `$$` is `$`, `$(X)` of an unknown X stays.
    fn expand(text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let (mut out, mut at) = (String::new(), 0);
        while at < chars.len() {
            match (chars[at], chars.get(at + 1)) {
                ('$', Some('$')) => {
                    out.push('$');
                    at += 2;
                }
                ('$', Some('(')) => match chars[at..].iter().position(|c| *c == ')') {
                    Some(_) => {
                        out.push_str("<expanded>");
                        at += 2;
                    }
                    None => {
                        out.push_str("$(");
                        at += 2;
                    }
                },
                (c, _) => {
                    out.push(c);
                    at += 1;
                }
            }
        }
        out
    }

    #[test]
    fn the_container_sees_the_value() {
        for value in ["p@$$w0rd", "$(HOME)", "a$", "$", "$$", "$$$", "$2a$10$x", "x$(", "(a)", "$((", ""] {
            for (before, after) in [("", ""), ("K=", ""), ("K=", "/x"), ("a$$", "b")] {
                let values = escape_expansion(&[before, after], &[Piece { text: value, kind: Kind::Secret }]);
                let scalar = format!("{before}{}{after}", &*values[0]);
                assert_eq!(expand(&scalar), format!("{}{value}{after}", before.replace("$$", "$")), "{before}{value}{after}");
            }
        }
        let open = escape_expansion(&["K=$", ""], &[Piece { text: "(X)", kind: Kind::Secret }]);
        assert_eq!(&*open[0], "$(X)");
        let next = escape_expansion(
            &["", "", ""],
            &[Piece { text: "a$", kind: Kind::Secret }, Piece { text: "(b)", kind: Kind::Secret }],
        );
        assert_eq!((&*next[0] as &str, &*next[1] as &str), ("a$$", "(b)"));
    }
}
