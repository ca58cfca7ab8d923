//! Aliases: go-yaml counts what is read through them, and refuses one inside its own value.

use crate::finding::Rule;
use crate::yaml::tree::Id;

use super::Decoder;

impl Decoder<'_> {
    /// Begins to read a node and what it holds; the value of an alias is a step of its own. Whether it may be read: go-yaml refuses a
    /// document that is mostly aliases. [`Self::leave`] must follow, whatever the answer.
    pub(super) fn enter(&mut self, id: Id) -> bool {
        self.steps += 1;
        if self.tree.is_alias(id) {
            self.steps += 1;
            if self.aliases.contains(&id) {
                self.contains_itself(id);
            }
            self.aliases.push(id);
        }
        self.aliased += usize::from(!self.aliases.is_empty());
        if self.aliased > 100 {
            self.weigh(id);
        }
        !self.stopped
    }

    /// Ends reading a node.
    pub(super) fn leave(&mut self, id: Id) {
        if self.tree.is_alias(id) {
            self.aliases.pop();
        }
    }

    fn contains_itself(&mut self, id: Id) {
        self.stopped = true;
        let help = "write out the part that is meant, or give it an anchor of its own";
        self.report.add(Rule::AliasOfItself, id, "this alias is inside the value it refers to", help);
    }

    /// Whether aliases make up too much of what was read.
    fn weigh(&mut self, id: Id) {
        let allowed = match self.steps {
            ..=400_000 => 0.99,
            4_000_000.. => 0.10,
            steps => 0.99 - 0.89 * ((steps - 400_000) as f64 / 3_600_000.0),
        };
        if !self.stopped && self.steps > 1000 && self.aliased as f64 / self.steps as f64 > allowed {
            self.stopped = true;
            let help = "write the shared parts out, or share fewer";
            self.report.add(Rule::ExcessiveAliases, id, "too much of the document is written as aliases", help);
        }
    }
}
