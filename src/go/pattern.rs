//! Patterns: `filepath.Match`.

/// One step of a glob.
enum GlobStep {
    /// `*`
    Any,
    /// One of these ranges: `[a-z0]`, or a character that matches itself.
    One(Vec<(u8, u8)>),
}

/// Whether `label`, which is ASCII, matches `pattern`. Of the signs of a pattern, `*` and `[a-z]` are read: a host has no others.
pub(crate) fn matches(pattern: &[u8], label: &[u8]) -> bool {
    let Some(steps) = steps(pattern) else { return false };
    let (mut step, mut at) = (0, 0);
    // Where to go on after a mismatch: after the last `*`, which takes one more byte each time.
    let mut retry = None;
    loop {
        match steps.get(step) {
            Some(GlobStep::Any) => {
                step += 1;
                retry = Some((step, at));
                continue;
            }
            Some(GlobStep::One(ranges)) if label.get(at).is_some_and(|byte| within(ranges, *byte)) => {
                (step, at) = (step + 1, at + 1);
                continue;
            }
            None if at == label.len() => return true,
            _ => {}
        }
        match retry {
            Some((behind, from)) if from < label.len() => {
                retry = Some((behind, from + 1));
                (step, at) = (behind, from + 1);
            }
            _ => return false,
        }
    }
}

fn within(ranges: &[(u8, u8)], byte: u8) -> bool {
    ranges.iter().any(|(low, high)| (*low..=*high).contains(&byte))
}

/// The steps of a glob; none when a class is malformed: not closed, empty, or a range without an end.
fn steps(pattern: &[u8]) -> Option<Vec<GlobStep>> {
    let mut steps = Vec::new();
    let mut rest = pattern;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        steps.push(match first {
            b'*' => GlobStep::Any,
            b'[' => {
                let mut ranges = Vec::new();
                loop {
                    let low = *rest.first()?;
                    rest = &rest[1..];
                    match low {
                        b']' if !ranges.is_empty() => break,
                        b']' | b'-' => return None,
                        _ => {}
                    }
                    let mut high = low;
                    if let [b'-', end, ..] = rest {
                        (high, rest) = (*end, &rest[2..]);
                        if matches!(high, b']' | b'-') {
                            return None;
                        }
                    }
                    ranges.push((low, high));
                }
                GlobStep::One(ranges)
            }
            byte => GlobStep::One(vec![(*byte, *byte)]),
        });
    }
    Some(steps)
}
