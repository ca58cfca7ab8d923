//! What may have been meant by an unknown name.

use std::cell::Cell;

/// The known name closest to `name`, if it is close enough that `name` may be a typo.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    /// Nobody types a longer name.
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return None;
    }
    let (fold, letters) = (name.to_ascii_lowercase(), letters(name));
    let limit = limit(name);
    // Letters that only one of the two has must be changed at least: counting them spares most names the costly comparison.
    let may_be = |other: &str| {
        other.len() <= LONGEST && !other.is_empty() && other != name && {
            let differing = letters.iter().zip(self::letters(other)).map(|(one, other)| usize::from(one.abs_diff(other)));
            // A character has up to four bytes, and one in place of another counts twice.
            let width = if name.is_ascii() && other.is_ascii() { 1 } else { 4 };
            differing.sum::<usize>() <= 2 * limit * width
        }
    };
    let scored = known.into_iter().filter(|other| may_be(other)).map(|other| {
        let distance = strsim::osa_distance(&fold, &other.to_ascii_lowercase());
        (distance, other)
    });
    scored.filter(|(distance, _)| *distance <= limit).min().map(|(_, other)| other)
}

/// How many letters may be wrong. With one of one or two letters wrong, any name would be close to any other.
fn limit(name: &str) -> usize {
    name.chars().count() / 3
}

/// Looks for what was meant by one name after another, up to so many comparisons: for thousands of unknown names among thousands of known
/// ones, it would take longer than all else.
#[derive(Debug)]
pub(crate) struct Typos {
    left: Cell<usize>,
}

impl Default for Typos {
    fn default() -> Self {
        Self { left: Cell::new(20_000) }
    }
}

impl Typos {
    /// As [`nearest`], and nothing once there were too many comparisons.
    pub(crate) fn nearest<'n>(&self, name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        if self.left.get() == 0 {
            return None;
        }
        nearest(name, known.into_iter().inspect(|_| self.left.set(self.left.get().saturating_sub(1))))
    }
}

/// How often each letter is in a name, whatever its case; other characters are counted by groups.
fn letters(name: &str) -> [u8; 32] {
    let mut counts = [0_u8; 32];
    name.bytes().for_each(|byte| counts[usize::from(byte % 32)] = counts[usize::from(byte % 32)].saturating_add(1));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What counting letters passes over is never near enough.
    #[test]
    fn no_typo_is_passed_over() {
        let mut random = 1_u64;
        let mut next = |most: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % most
        };
        let mut found = 0;
        for _ in 0..4000 {
            let name: Vec<char> = (0..=next(11)).map(|_| ['A', 'b', '_', '1', 'ü', '日'][next(6) as usize]).collect();
            let mut other = name.clone();
            for _ in 0..=next(4) {
                let at = next(other.len() as u64 + 1) as usize;
                match next(3) {
                    0 => other.insert(at, ['B', 'x', 'é'][next(3) as usize]),
                    1 if at < other.len() => _ = other.remove(at),
                    _ if at + 1 < other.len() => other.swap(at, at + 1),
                    _ => {}
                }
            }
            let (name, other): (String, String) = (name.into_iter().collect(), other.into_iter().collect());
            let distance = strsim::osa_distance(&name.to_ascii_lowercase(), &other.to_ascii_lowercase());
            let is_near = name != other && !other.is_empty() && distance <= limit(&name);
            assert_eq!(nearest(&name, [other.as_str()]).is_some(), is_near, "{name} {other}");
            found += usize::from(is_near);
        }
        assert!(found > 500, "{found}");
    }

    #[test]
    fn a_typo_is_recognised() {
        assert_eq!(nearest("GHRC_TOKEN", ["GHCR_TOKEN", "PATH"]), Some("GHCR_TOKEN"));
        assert_eq!(nearest("ghcr_token", ["GHCR_TOKEN"]), Some("GHCR_TOKEN"));
        assert_eq!(nearest("X", ["Y_LONG", "HOME"]), None);
        assert_eq!(nearest("GEHEIMNIS_ÄÖÜ", ["GEHEIMNIS_äöü"]), Some("GEHEIMNIS_äöü"));
        assert_eq!(nearest("TOKNE", ["TOKEN"]), Some("TOKEN"));
        // Too short to be a typo of anything but its own other case.
        assert_eq!(nearest("X", ["_", "Y"]), None);
        assert_eq!(nearest("DB", ["_", "DC", "D", "DBA"]), None);
        assert_eq!(nearest("db", ["DB"]), Some("DB"));
    }

    #[test]
    fn many_names_are_not_all_looked_for() {
        let known: Vec<String> = (0..4000).map(|number| format!("TOKEN_{number}")).collect();
        let typos = Typos::default();
        let found = (0..4000).filter(|_| typos.nearest("TOKNE_17", known.iter().map(String::as_str)).is_some());
        assert!((5..10).contains(&found.count()));
    }
}
