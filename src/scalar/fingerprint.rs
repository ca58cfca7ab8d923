//! A fingerprint of a document's events: one hash for each stretch between scalars that hold markers.
//!
//! The marker document leaves one; the filled document must leave the same. So nothing but the marked scalars can have changed,
//! and neither document's events need to be kept.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use granit_parser::{Event, Tag};

use super::Style;

/// The hashes of one document, and the keys they were made with.
#[derive(Debug, Default)]
pub struct Fingerprint {
    /// Each with the number of events before its end.
    stretches: Vec<(u64, u64)>,
}

/// Reads events one by one.
#[derive(Debug)]
pub(crate) struct Reader {
    state: RandomState,
    hasher: std::hash::DefaultHasher,
    events: u64,
}

impl Default for Reader {
    fn default() -> Self {
        let state = RandomState::new();
        Self { hasher: state.build_hasher(), state, events: 0 }
    }
}

impl Reader {
    /// A reader with the same keys, for the other document.
    pub(crate) fn again(&self) -> Self {
        Self { state: self.state.clone(), hasher: self.state.build_hasher(), events: 0 }
    }

    /// An event that is not a scalar.
    pub(crate) fn structure(&mut self, event: &Event<'_>) {
        self.events += 1;
        let (kind, detail) = match event {
            Event::StreamStart => (1, 0),
            Event::StreamEnd => (2, 0),
            Event::DocumentStart(explicit, version) => {
                let version =
                    version.as_ref().map_or(0, |version| 1 + u64::from(version.major) * 1000 + u64::from(version.minor));
                (3, version * 2 + u64::from(*explicit))
            }
            Event::DocumentEnd => (4, 0),
            Event::Alias(id) => (5, *id as u64),
            Event::SequenceStart(style, anchor, _) => (6, *anchor as u64 * 2 + *style as u64),
            Event::SequenceEnd => (7, 0),
            Event::MappingStart(style, anchor, _) => (8, *anchor as u64 * 2 + *style as u64),
            Event::MappingEnd => (9, 0),
            _ => (10, 0),
        };
        self.hasher.write_u64(kind << 56 ^ detail);
        if let Some(tag) = event.tag() {
            tag.parts().hash(&mut self.hasher);
        }
    }

    /// A scalar without markers.
    pub(crate) fn scalar(&mut self, value: &str, style: Style, anchor: usize, tag: Option<&Tag>) {
        self.events += 1;
        self.hasher.write_u64(11 << 56 ^ (anchor as u64 * 8 + style as u64));
        value.hash(&mut self.hasher);
        if let Some(tag) = tag {
            tag.parts().hash(&mut self.hasher);
        }
    }

    /// The number of events read so far.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    fn take(&mut self) -> (u64, u64) {
        let hash = self.hasher.finish();
        self.hasher = self.state.build_hasher();
        (self.events, hash)
    }
}

impl Fingerprint {
    /// Closes a stretch with a scalar that holds markers; its value and style are compared elsewhere.
    pub(crate) fn gap(&mut self, reader: &mut Reader, anchor: usize, tag: Option<&Tag>) {
        reader.hasher.write_u64(12 << 56 ^ anchor as u64);
        if let Some(tag) = tag {
            tag.parts().hash(&mut reader.hasher);
        }
        self.stretches.push(reader.take());
        reader.events += 1;
    }

    /// Closes the last stretch.
    pub(crate) fn end(&mut self, reader: &mut Reader) {
        self.stretches.push(reader.take());
    }

    /// The numbers of the scalars that hold markers, counted over all events from 0.
    pub(crate) fn ordinals(&self) -> impl Iterator<Item = u64> {
        self.stretches[..self.stretches.len().saturating_sub(1)].iter().map(|(events, _)| *events)
    }

    /// Whether both documents have the same events but for the values of marked scalars.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.stretches == other.stretches
    }
}
