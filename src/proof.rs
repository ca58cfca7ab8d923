//! The proof: what was filled is parsed once more and must be the marker document with the values put in.
//!
//! Read again is the excerpt that [`crate::scalar::cut`] describes: every entry that holds a value, under the keys that lead to it. Where
//! nothing can be left out, or the excerpt does not prove, the whole document is read.

use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, Tag};

use crate::scalar::cut::{CLOSING_KEY, OPENING_KEY};
use crate::scalar::{Layout, Style};
use crate::splice::{Filled, Target, Targets};
use crate::tree::{Id, Share, Tree};
use crate::yaml;

/// The filled document is not what it must be. This is a fault of this program; nothing is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproven {
    /// The place of the first scalar that differs, where it is a scalar.
    pub path: Option<String>,
}

/// How much a proof read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Not a byte was changed: nothing.
    Nothing,
    /// The entries that hold values.
    Excerpt,
    /// The whole document.
    Whole,
}

/// Checks that every marked scalar of `filled` has its value in `targets`, that a secret is quoted, and that all else that is read again
/// is what the marker document has there.
///
/// # Errors
/// When anything differs.
pub fn prove(layout: &Layout<'_>, targets: &Targets, filled: &Filled) -> Result<Extent, Unproven> {
    if targets.0.is_empty() && layout.comments.is_empty() {
        return Ok(Extent::Nothing);
    }
    if let Some(excerpt) = &filled.excerpt
        && Walk::new(layout, targets, if filled.closed { Closing::Key } else { Closing::None }, true).read(excerpt).is_ok()
    {
        return Ok(Extent::Excerpt);
    }
    prove_whole(layout, targets, filled).map(|()| Extent::Whole)
}

/// [`prove`], leaving nothing out.
///
/// # Errors
/// When anything differs.
pub fn prove_whole(layout: &Layout<'_>, targets: &Targets, filled: &Filled) -> Result<(), Unproven> {
    Walk::new(layout, targets, Closing::None, false).read(&filled.text)
}

/// A walk along the marker document's tree, led by a parser's events.
struct Walk<'w> {
    layout: &'w Layout<'w>,
    targets: &'w [Target],
    /// Only an excerpt is read.
    excerpt: bool,
    levels: Vec<Level>,
    /// How many marked scalars have been read.
    marked: usize,
    /// The line that ends an excerpt's last entry.
    closing: Closing,
    documents: usize,
    anchors: HashMap<usize, Id>,
}

/// Where the walk stands in one collection.
#[derive(Debug)]
struct Level {
    /// The node that must come next.
    next: Option<Id>,
    /// Everything in the collection is read again, or what the excerpt has of it.
    share: Share,
    mapping: bool,
    /// In a mapping: what is read of the entry whose value comes next; none when a key does.
    entry: Option<Share>,
}

#[derive(Debug, PartialEq, Eq)]
enum Closing {
    None,
    Key,
    Value,
}

fn differs() -> Unproven {
    Unproven { path: None }
}

impl<'w> Walk<'w> {
    fn new(layout: &'w Layout<'w>, targets: &'w Targets, closing: Closing, excerpt: bool) -> Self {
        let share = if excerpt { Share::Part } else { Share::Whole };
        let levels = vec![Level { next: layout.tree.root(), share, mapping: false, entry: None }];
        Self { layout, targets: &targets.0, excerpt, levels, marked: 0, closing, documents: 0, anchors: HashMap::new() }
    }

    fn tree(&self) -> &'w Tree<'w> {
        &self.layout.tree
    }

    fn read(mut self, text: &str) -> Result<(), Unproven> {
        for next in yaml::events(text) {
            let (event, _) = next.map_err(|_| differs())?;
            match &event {
                Event::Scalar(value, style, anchor, tag) => self.scalar(value, *style, *anchor, tag.as_deref())?,
                Event::SequenceStart(..) | Event::MappingStart(..) => self.enter(&event)?,
                Event::SequenceEnd | Event::MappingEnd => {
                    let level = self.levels.pop().ok_or_else(differs)?;
                    if level.next.is_some() || self.levels.is_empty() {
                        return Err(differs());
                    }
                }
                Event::Alias(anchor) => {
                    let (id, _) = self.expect()?;
                    let target = self.anchors.get(anchor);
                    if !self.tree().is_alias(id) || target != Some(&self.tree().target(id)) {
                        return Err(differs());
                    }
                }
                Event::DocumentStart(..) => self.documents += 1,
                _ => {}
            }
        }
        let done = self.levels.len() == 1
            && self.levels[0].next.is_none()
            && self.marked == self.targets.len()
            && self.closing == Closing::None
            && (self.excerpt || self.documents == self.tree().documents());
        if done { Ok(()) } else { Err(differs()) }
    }

    /// The node that must come now, and what is read of it. The walk goes on behind it.
    fn expect(&mut self) -> Result<(Id, Share), Unproven> {
        let tree = self.tree();
        let level = self.levels.last_mut().ok_or_else(differs)?;
        let id = level.next.ok_or_else(differs)?;
        let share = match (level.share, level.entry) {
            (Share::Whole, _) => Share::Whole,
            (_, Some(entry)) => entry,
            _ => tree.share(id),
        };
        level.entry = match level.entry {
            None if level.mapping => Some(share),
            _ => None,
        };
        level.next = tree.next(id);
        skip(tree, level);
        Ok((id, share))
    }

    fn enter(&mut self, event: &Event<'_>) -> Result<(), Unproven> {
        let (id, share) = self.expect()?;
        // An opening line has no tag of the collection that it opens.
        let same = match share {
            Share::Whole => self.tree().is_collection(id, event),
            _ => event.tag().is_none() && self.tree().is_block(id, event),
        };
        if !same {
            return Err(differs());
        }
        if let Some(anchor) = event.anchor_id().filter(|anchor| *anchor != 0) {
            self.anchors.insert(anchor, id);
        }
        let mapping = matches!(event, Event::MappingStart(..));
        let mut level = Level { next: self.tree().first(id), share, mapping, entry: None };
        skip(self.tree(), &mut level);
        self.levels.push(level);
        Ok(())
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>) -> Result<(), Unproven> {
        if self.closes(value, style)? {
            return Ok(());
        }
        let (id, share) = self.expect()?;
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        if share == Share::Part {
            // Only a key on the way to an entry is a scalar that is read in part.
            return if value == OPENING_KEY && style == ScalarStyle::Plain { Ok(()) } else { Err(differs()) };
        }
        let marked = self.layout.scalars.get(self.marked).filter(|scalar| scalar.node == id);
        let Some((scalar, want)) = marked.zip(self.targets.get(self.marked)) else {
            let same = self.tree().is_scalar(id, value, Style::from(style), anchor != 0, tag);
            return if same { Ok(()) } else { Err(differs()) };
        };
        self.marked += 1;
        let same = *want.value == *value
            && !(want.quoted && style == ScalarStyle::Plain)
            && self.tree().is_decorated(id, anchor != 0, tag);
        if same { Ok(()) } else { Err(Unproven { path: Some(self.layout.path(scalar)) }) }
    }

    /// Whether the scalar is of the line that ends the excerpt, which comes when the last entry's mapping holds no more.
    fn closes(&mut self, value: &str, style: ScalarStyle) -> Result<bool, Unproven> {
        let plain = |text: &str| if value == text && style == ScalarStyle::Plain { Ok(true) } else { Err(differs()) };
        // The root's level is one, each collection one more.
        let here = self.levels.len() == self.layout.cut.last.1 + 1;
        match (&self.closing, self.levels.last()) {
            (Closing::Value, _) => {
                self.closing = Closing::None;
                plain(CLOSING_KEY)
            }
            (Closing::Key, Some(Level { next: None, entry: None, mapping: true, .. })) if here => {
                self.closing = Closing::Value;
                plain(CLOSING_KEY)
            }
            _ => Ok(false),
        }
    }
}

/// Goes on to the next key or item that the excerpt holds.
fn skip(tree: &Tree<'_>, level: &mut Level) {
    if level.share == Share::Whole || level.entry.is_some() {
        return;
    }
    while let Some(id) = level.next.filter(|id| tree.share(*id) == Share::Left) {
        let behind = tree.next(id);
        level.next = if level.mapping { behind.and_then(|value| tree.next(value)) } else { behind };
    }
}
