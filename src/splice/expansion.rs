//! Kubernetes expands `$(NAME)` and turns `$$` into `$` in `env`, `command` and `args`. Values there are escaped so that they arrive
//! unchanged (v1.34.1 third_party/forked/golang/expansion/expand.go:38-102).

use zeroize::Zeroizing;

use super::Piece;

/// The values, escaped for a scalar whose template text is `segments` (one more than there are values).
///
/// This follows kubelet's own loop. A `$` in a value is doubled where kubelet would interpret it: before `$`, before `(`, and before a
/// character that is not ASCII, which kubelet breaks into bytes. A single `$` of the template before such a value gets its second `$` from
/// the value. Between a `$(` of the template and the next `)`, kubelet copies everything that is not a variable's name, so nothing is
/// escaped there: a shell's `$(login --password …)` works. The template's own text is not changed: `$(NAME)` there is intended.
pub(crate) fn escape_expansion(segments: &[&str], pieces: &[Piece<'_>]) -> Vec<Zeroizing<String>> {
    let dollars = |text: &str| memchr::memchr_iter(b'$', text.as_bytes()).count();
    let values = pieces.iter().map(|piece| piece.text);
    if segments.iter().copied().chain(values.clone()).all(|text| dollars(text) == 0) {
        return values.map(|value| Zeroizing::new(value.to_owned())).collect();
    }
    let mut out: Vec<Zeroizing<String>> =
        values.map(|value| Zeroizing::new(String::with_capacity(value.len() + dollars(value) + 1))).collect();
    let scalar = ScalarText::new(segments, pieces);
    let special = |c: Option<char>| c.is_some_and(|c| matches!(c, '$' | '(') || !c.is_ascii());
    let mut at = 0;
    while let Some((c, value)) = scalar.at(at) {
        let next = scalar.at(at + 1);
        let after = next.map(|(c, _)| c);
        match (c, value) {
            ('$', None) => match next {
                // `${{ A }}(…)` where A is empty: to the author, the `$` and the rest are separate.
                Some((_, None)) if special(after) && scalar.empty_value(at + 1).is_some() => {
                    scalar.empty_value(at + 1).into_iter().for_each(|value| out[value].push('$'));
                    at += 1;
                }
                Some((_, Some(value))) => {
                    if special(after) {
                        out[value].push('$');
                    }
                    at += 1;
                }
                Some(('(', None)) => {
                    // Everything up to the next `)` is copied; without one, only these two characters.
                    let end = scalar.find(at + 2, ')').unwrap_or(at + 1);
                    scalar.copy(at + 2..end + 1, &mut out);
                    at = end + 1;
                }
                _ => at += 2,
            },
            (c, value) => {
                if let Some(value) = value {
                    out[value].push(c);
                    if c == '$' && special(after) {
                        out[value].push('$');
                    }
                }
                at += 1;
            }
        }
    }
    out
}

/// The characters of a scalar, each with the number of its value, or none if it is the template's. Wiped when dropped.
struct ScalarText {
    characters: Zeroizing<Vec<char>>,
    /// The end of each stretch of characters, and the number of its value.
    stretches: Vec<(usize, Option<usize>)>,
}

impl ScalarText {
    fn new(segments: &[&str], pieces: &[Piece<'_>]) -> Self {
        let length: usize =
            segments.iter().copied().chain(pieces.iter().map(|piece| piece.text)).map(|text| text.chars().count()).sum();
        let mut characters = Zeroizing::new(Vec::with_capacity(length));
        let mut stretches = Vec::with_capacity(segments.len() + pieces.len());
        for (index, segment) in segments.iter().enumerate() {
            characters.extend(segment.chars());
            stretches.push((characters.len(), None));
            if let Some(piece) = pieces.get(index) {
                characters.extend(piece.text.chars());
                stretches.push((characters.len(), Some(index)));
            }
        }
        Self { characters, stretches }
    }

    fn at(&self, index: usize) -> Option<(char, Option<usize>)> {
        let c = *self.characters.get(index)?;
        let stretch = self.stretches.partition_point(|(end, _)| *end <= index);
        Some((c, self.stretches.get(stretch).and_then(|(_, value)| *value)))
    }

    /// The number of an empty value just before the character at `index`.
    fn empty_value(&self, index: usize) -> Option<usize> {
        let first = self.stretches.partition_point(|(end, _)| *end < index);
        let here = self.stretches.get(first + 1..)?.iter().take_while(|(end, _)| *end == index);
        here.filter_map(|(_, value)| *value).next()
    }

    fn find(&self, from: usize, wanted: char) -> Option<usize> {
        self.characters.get(from..)?.iter().position(|c| *c == wanted).map(|at| from + at)
    }

    fn copy(&self, range: std::ops::Range<usize>, out: &mut [Zeroizing<String>]) {
        for (c, value) in range.filter_map(|index| self.at(index)) {
            if let Some(value) = value {
                out[value].push(c);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::splice::PieceKind;

    /// Kubelet's expansion when no variable is set, written from its description: `$$` becomes `$`, and `$(X)` with an unknown X stays.
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
                let values = escape_expansion(&[before, after], &[Piece { text: value, kind: PieceKind::Secret }]);
                let scalar = format!("{before}{}{after}", &*values[0]);
                assert_eq!(expand(&scalar), format!("{}{value}{after}", before.replace("$$", "$")), "{before}{value}{after}");
            }
        }
        let open = escape_expansion(&["K=$", ""], &[Piece { text: "(X)", kind: PieceKind::Secret }]);
        assert_eq!(&*open[0], "$(X)");
        let next = escape_expansion(
            &["", "", ""],
            &[Piece { text: "a$", kind: PieceKind::Secret }, Piece { text: "(b)", kind: PieceKind::Secret }],
        );
        assert_eq!((next[0].as_str(), next[1].as_str()), ("a$$", "(b)"));
        let substituted = escape_expansion(&["$(login ", " | x) "], &[Piece { text: "$(X)", kind: PieceKind::Secret }]);
        assert_eq!(&*substituted[0], "$(X)");
        // Between the template's `$` and what it would make a reference of, there is an empty value.
        for (after, seen) in [("(B)", "K=$(B)"), ("$x", "K=$$x"), ("é", "K=$é"), ("b", "K=$b")] {
            let empty = Piece { text: "", kind: PieceKind::Secret };
            let values = escape_expansion(&["K=$", "", after], &[empty, Piece { text: "", kind: PieceKind::Secret }]);
            assert_eq!(expand(&format!("K=${}{}{after}", &*values[0], &*values[1])), seen);
        }
        let torn = escape_expansion(&["", ""], &[Piece { text: "a$é", kind: PieceKind::Secret }]);
        assert_eq!(&*torn[0], "a$$é");
    }
}
