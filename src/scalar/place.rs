//! Where the parser is in the document: `services.web.env[0]`.

use std::borrow::Cow;

/// The path from the root to the current node.
#[derive(Debug, Default)]
pub(super) struct Place<'d> {
    frames: Vec<Frame<'d>>,
}

/// A collection that is open.
#[derive(Debug)]
struct Frame<'d> {
    kind: FrameKind<'d>,
    flow: bool,
    /// The collection is (part of) a mapping key.
    key: bool,
}

#[derive(Debug)]
enum FrameKind<'d> {
    Sequence(usize),
    /// The current key; none if a key comes next.
    Mapping(Option<Cow<'d, str>>),
}

/// Whether Kubernetes expands values under these keys.
pub(super) fn expands<'k>(mut levels: impl Iterator<Item = &'k str>) -> bool {
    levels.next() == Some("services") && matches!(levels.nth(1), Some("env" | "command" | "args"))
}

/// How many levels [`expands`] needs.
pub(super) const DECIDING: usize = 3;

impl<'d> Place<'d> {
    pub(super) fn enter(&mut self, mapping: bool, flow: bool) {
        let key = self.in_key() || self.at_key();
        let flow = flow || self.in_flow();
        let kind = if mapping { FrameKind::Mapping(None) } else { FrameKind::Sequence(0) };
        self.frames.push(Frame { kind, flow, key });
    }

    pub(super) fn leave(&mut self) {
        self.frames.pop();
        self.passed();
    }

    /// A scalar that is a mapping key has been read.
    pub(super) fn passed_key(&mut self, text: Cow<'d, str>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.kind = FrameKind::Mapping(Some(text));
        }
    }

    /// A node other than a scalar key has ended.
    pub(super) fn passed(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        match &mut frame.kind {
            FrameKind::Sequence(index) => *index += 1,
            FrameKind::Mapping(current) => {
                *current = match current {
                    None => Some(Cow::Borrowed("?")),
                    Some(_) => None,
                };
            }
        }
    }

    /// The next node is a mapping key.
    pub(super) fn at_key(&self) -> bool {
        matches!(self.frames.last().map(|frame| &frame.kind), Some(FrameKind::Mapping(None)))
    }

    /// The enclosing collection is part of a mapping key.
    pub(super) fn in_key(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.key)
    }

    pub(super) fn in_flow(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.flow)
    }

    /// Kubernetes expands `$(NAME)` in a container's `env`, `command` and `args`
    /// (v1.34.1 third_party/forked/golang/expansion/expand.go:38-102; Akash's provider passes them on as they are,
    /// cluster/kube/builder/workload.go:169-179).
    pub(super) fn is_expanded(&self) -> bool {
        expands(self.levels(0))
    }

    /// How many collections enclose the next node.
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    /// The keys from the collection at `depth` on, with an empty one for a sequence. A merge key (`<<`) and a sequence of mappings to merge
    /// don't count as levels: what is merged belongs to the enclosing mapping.
    pub(super) fn levels(&self, depth: usize) -> impl Iterator<Item = &str> {
        let mut merging = false;
        self.frames.get(depth..).unwrap_or_default().iter().filter_map(move |frame| {
            let level = match &frame.kind {
                FrameKind::Mapping(Some(key)) if key == "<<" => None,
                FrameKind::Mapping(key) => Some(key.as_deref().unwrap_or_default()),
                FrameKind::Sequence(_) => (!merging).then_some(""),
            };
            merging = level.is_none();
            level
        })
    }
}
