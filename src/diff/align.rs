//! Which items of a list in the deployed SDL are which of the template's: one that was put in front of others changes none of them.

use std::collections::VecDeque;
use std::hash::{Hash as _, Hasher as _};
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use super::place::{DiffPlace, DiffStep};

/// For lists with more pairs of items than this between their equal ends, items are paired as they come.
const MOST_PAIRS: usize = 1_000_000;

/// Gives each item of `old` the number of the item of `new` that it is, or marks it as gone.
pub(super) fn align(new: &[DiffPlace<'_>], old: &mut [DiffPlace<'_>]) {
    below(new, old, 0);
}

/// The places of `new` and `old` have their first `depth` steps in common.
fn below(new: &[DiffPlace<'_>], old: &mut [DiffPlace<'_>], depth: usize) {
    let (theirs, own) = (groups(new, depth), groups(old, depth));
    let is_item = |places: &[DiffPlace<'_>], group: &Range<usize>| matches!(places[group.start].steps[depth], DiffStep::Item(_));
    let items = |places: &[DiffPlace<'_>], groups: &[Range<usize>]| -> Vec<Range<usize>> {
        groups.iter().filter(|group| is_item(places, group)).cloned().collect()
    };
    let (new_items, old_items) = (items(new, &theirs), items(old, &own));
    let matches = match is_expose(new, depth) {
        true => by_identity(&identities(new, &new_items, depth), &identities(old, &old_items, depth)),
        false => in_order(&digests(new, &new_items, depth), &digests(old, &old_items, depth)),
    };
    for (group, matched) in old_items.into_iter().zip(matches) {
        let other = matched.map(|number| new_items[number].clone());
        for place in &mut old[group.clone()] {
            let step = &mut place.steps[depth];
            *step = match (&other, &*step) {
                (Some(other), _) => new[other.start].steps[depth].clone(),
                (None, DiffStep::Item(number)) => DiffStep::GoneItem(*number),
                (None, step) => step.clone(),
            };
        }
        if let Some(other) = other {
            below(&new[other], &mut old[group], depth + 1);
        }
    }
    let by_step: FxHashMap<&DiffStep, Range<usize>> =
        theirs.into_iter().map(|group| (&new[group.start].steps[depth], group)).collect();
    for group in own {
        // Items are done.
        let step = &old[group.start].steps[depth];
        if step.key().is_some()
            && let Some(other) = by_step.get(step)
        {
            below(&new[other.clone()], &mut old[group], depth + 1);
        }
    }
}

/// The places with the same step at `depth`, which are together.
fn groups(places: &[DiffPlace<'_>], depth: usize) -> Vec<Range<usize>> {
    let mut start = 0;
    let same = |one: &DiffPlace<'_>, other: &DiffPlace<'_>| one.steps.get(depth) == other.steps.get(depth);
    let lengths = places.chunk_by(same).map(<[_]>::len);
    let ranges = lengths.map(|length| (start..start + length, start += length).0);
    ranges.filter(|range| places[range.start].steps.len() > depth).collect()
}

/// Whether these are the items of `services.NAME.expose`, which Akash sorts.
fn is_expose(places: &[DiffPlace<'_>], depth: usize) -> bool {
    let keys = places.first().map(|place| place.steps[..depth].iter().map(DiffStep::key).collect::<Vec<_>>());
    matches!(keys.as_deref(), Some([Some("services"), _, Some("expose")]))
}

/// Of each item of `expose` what tells it from others: its port, the port that it is seen as, the protocol.
fn identities(places: &[DiffPlace<'_>], items: &[Range<usize>], depth: usize) -> Vec<[String; 3]> {
    let of = |item: &Range<usize>| {
        let field = |name: &str| {
            let is_field = |place: &&DiffPlace<'_>| matches!(&place.steps[depth + 1..], [step] if step.key() == Some(name));
            places[item.clone()].iter().find(is_field).map(|place| place.leaf.text().to_owned())
        };
        let port = field("port").unwrap_or_default();
        let proto = field("proto").unwrap_or_else(|| "tcp".to_owned()).to_ascii_lowercase();
        [field("as").unwrap_or_else(|| port.clone()), port, proto]
    };
    items.iter().map(of).collect()
}

/// Pairs items with the same identity wherever they are, and then the others as they come.
fn by_identity(new: &[[String; 3]], old: &[[String; 3]]) -> Vec<Option<usize>> {
    let mut waiting: FxHashMap<&[String; 3], VecDeque<usize>> = FxHashMap::default();
    for (number, identity) in new.iter().enumerate() {
        waiting.entry(identity).or_default().push_back(number);
    }
    let matches: Vec<Option<usize>> = old.iter().map(|identity| waiting.get_mut(identity)?.pop_front()).collect();
    let mut free: Vec<usize> = waiting.into_values().flatten().collect();
    free.sort_unstable();
    let mut free = free.into_iter();
    matches.into_iter().map(|matched| matched.or_else(|| free.next())).collect()
}

/// A number for each item that equal items have in common. Those of different items are compared all the same, should they be equal.
fn digests(places: &[DiffPlace<'_>], items: &[Range<usize>], depth: usize) -> Vec<u64> {
    let of = |place: &DiffPlace<'_>| {
        let mut hasher = FxHasher::default();
        (&place.steps[depth + 1..], place.leaf.text()).hash(&mut hasher);
        hasher.finish()
    };
    // The order of keys does not count.
    items.iter().map(|item| places[item.clone()].iter().map(of).fold(0, u64::wrapping_add)).collect()
}

/// Pairs as many equal items as can be paired without changing their order, and then those between them as they come.
fn in_order(new: &[u64], old: &[u64]) -> Vec<Option<usize>> {
    let front = new.iter().zip(old).take_while(|(one, other)| one == other).count();
    let back = new[front..].iter().rev().zip(old[front..].iter().rev()).take_while(|(one, other)| one == other).count();
    let common = longest_common(&new[front..new.len() - back], &old[front..old.len() - back]);
    let mut pairs: Vec<(usize, usize)> = (0..front).map(|number| (number, number)).collect();
    pairs.extend(common.into_iter().map(|(one, other)| (front + one, front + other)));
    pairs.extend((1..=back).rev().map(|number| (new.len() - number, old.len() - number)));
    let mut matches = vec![None; old.len()];
    let (mut next_new, mut next_old) = (0, 0);
    for (one, other) in pairs.into_iter().chain([(new.len(), old.len())]) {
        (next_new..one).zip(next_old..other).for_each(|(one, other)| matches[other] = Some(one));
        if let Some(matched) = matches.get_mut(other) {
            *matched = Some(one);
        }
        (next_new, next_old) = (one + 1, other + 1);
    }
    matches
}

/// The longest common subsequence, as pairs of positions; none if it would take too long.
fn longest_common(new: &[u64], old: &[u64]) -> Vec<(usize, usize)> {
    let width = old.len() + 1;
    if (new.len() + 1).saturating_mul(width) > MOST_PAIRS {
        return Vec::new();
    }
    // How many of the items from here on are common.
    let mut lengths = vec![0_u32; (new.len() + 1) * width];
    for one in (0..new.len()).rev() {
        for other in (0..old.len()).rev() {
            let at = one * width + other;
            lengths[at] = match new[one] == old[other] {
                true => lengths[at + width + 1] + 1,
                false => lengths[at + width].max(lengths[at + 1]),
            };
        }
    }
    let (mut one, mut other, mut pairs) = (0, 0, Vec::new());
    while one < new.len() && other < old.len() {
        let at = one * width + other;
        if new[one] == old[other] {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if lengths[at + width] >= lengths[at + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_items_are_paired_in_order_and_the_others_as_they_come() {
        for (new, old, matches) in [
            (&[1, 2, 3][..], &[1, 2, 3][..], &[Some(0), Some(1), Some(2)][..]),
            (&[9, 1, 2], &[1, 2], &[Some(1), Some(2)]),
            (&[1, 9, 2], &[1, 2], &[Some(0), Some(2)]),
            (&[1, 2], &[1, 9, 2], &[Some(0), None, Some(1)]),
            (&[1, 8, 2], &[1, 9, 2], &[Some(0), Some(1), Some(2)]),
            (&[8], &[1, 2], &[Some(0), None]),
            (&[2, 1], &[1, 2], &[Some(1), None]),
            (&[], &[1], &[None]),
            (&[1, 1, 1], &[1], &[Some(0)]),
        ] {
            assert_eq!(in_order(new, old), matches, "{new:?} {old:?}");
        }
        let long: Vec<u64> = (0..2000).collect();
        assert_eq!(in_order(&long, &long[1..])[0], Some(1));
        let other: Vec<u64> = (5000..7000).collect();
        assert_eq!(in_order(&long, &other)[7], Some(7));
    }
}
