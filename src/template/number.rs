//! Where a template takes plain variables for numbers.
//!
//! A number of a values file keeps its text ([`super::Given`]): `vars` gives that text. Where a variable is compared, calculated with or
//! tested, it has to be the number. [`uses`] finds those places, and [`patched`] writes another name there, [`NUMBERS`], which is as long, so
//! that every offset stays: its object gives the numbers. A name that a loop or an assignment gives to a part of a variable is followed; a part
//! that is both compared and written out is a number, and [`super::environment`] writes it as its author did.

use std::collections::{BTreeSet, HashMap};

use minijinja::machinery::ast::{self, Expr, Stmt};

/// The object of all plain variables.
const VARIABLES: &str = "vars";

/// The same with each number as a number. Nobody else's name: in a template in which it occurs nothing is patched.
pub(super) const NUMBERS: &str = "_n_s";

/// Where numbers are wanted.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Where [`VARIABLES`] is written, in bytes of the template.
    at: BTreeSet<usize>,
    /// The variables of which a part has a name of its own under which it is taken for a number.
    pub(super) renamed: BTreeSet<String>,
}

/// `text` of a template with [`NUMBERS`] where a number is wanted.
pub(super) fn patched(text: &str, uses: &Uses) -> String {
    let mut patched = text.to_owned();
    for at in &uses.at {
        let range = *at..at + VARIABLES.len();
        if text.get(range.clone()) == Some(VARIABLES) {
            patched.replace_range(range, NUMBERS);
        }
    }
    patched
}

/// Where the template `root`, whose text this is, wants numbers.
pub(super) fn uses(root: &Stmt<'_>, text: &str) -> Uses {
    let mut finder = Finder { uses: Uses::default(), scopes: vec![HashMap::new()] };
    if !text.contains(NUMBERS) {
        finder.statement(root);
    }
    finder.uses
}

/// A part of a variable: where it is taken from `vars`, and the variable's name.
#[derive(Debug, Clone)]
struct VariablePart {
    at: usize,
    name: String,
}

struct Finder<'s> {
    uses: Uses,
    /// Names given by loops and assignments, and what they are parts of.
    scopes: Vec<HashMap<&'s str, Option<VariablePart>>>,
}

/// Filters that want a number.
const FILTERS: [&str; 5] = ["abs", "round", "int", "float", "sum"];

/// Tests that want a number.
const TESTS: [&str; 13] =
    ["odd", "even", "divisibleby", "number", "integer", "float", "lt", "lessthan", "gt", "greaterthan", "le", "ge", "boolean"];

impl<'s> Finder<'s> {
    /// What `expression` is a part of, if it only names one.
    fn part(&self, expression: &Expr<'s>) -> Option<VariablePart> {
        match expression {
            Expr::GetAttr(attr) => match &attr.expr {
                Expr::Var(var) if self.is_root(var.id) => {
                    Some(VariablePart { at: var.span().start_offset as usize, name: attr.name.to_owned() })
                }
                inner => self.part(inner),
            },
            Expr::GetItem(item) => match (&item.expr, &item.subscript_expr) {
                (Expr::Var(var), Expr::Const(key)) if self.is_root(var.id) => {
                    Some(VariablePart { at: var.span().start_offset as usize, name: key.value.as_str()?.to_owned() })
                }
                (inner, _) => self.part(inner),
            },
            Expr::Var(var) => self.named(var.id).flatten(),
            Expr::Filter(filter) if matches!(filter.name, "default" | "d") => self.part(filter.expr.as_ref()?),
            _ => None,
        }
    }

    /// What the name stands for, if a loop or an assignment gave it.
    fn named(&self, name: &str) -> Option<Option<VariablePart>> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name).cloned())
    }

    fn is_root(&self, name: &str) -> bool {
        name == VARIABLES && self.named(name).is_none()
    }

    /// An expression of which a number is wanted.
    fn number(&mut self, expression: &Expr<'s>) {
        if let Some(part) = self.part(expression) {
            if !matches!(root(expression), Some(name) if self.is_root(name)) {
                self.uses.renamed.insert(part.name);
            }
            self.uses.at.insert(part.at);
        }
        match expression {
            Expr::UnaryOp(operation) => self.number(&operation.expr),
            Expr::BinOp(operation) if matches!(operation.op, ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr) => {
                self.number(&operation.left);
                self.number(&operation.right);
            }
            Expr::Filter(filter) if matches!(filter.name, "default" | "d") => self.arguments(&filter.args),
            other => self.expression(other),
        }
    }

    /// Expressions that are compared or calculated with each other: numbers, unless one is a text.
    fn numbers(&mut self, expressions: &[&Expr<'s>]) {
        let is_text = |expression: &&&Expr<'_>| matches!(expression, Expr::Const(constant) if constant.value.as_str().is_some());
        let text = expressions.iter().find(is_text).is_some();
        expressions.iter().for_each(|one| if text { self.expression(one) } else { self.number(one) });
    }

    fn expression(&mut self, expression: &Expr<'s>) {
        match expression {
            Expr::Var(_) | Expr::Const(_) => {}
            Expr::Slice(slice) => {
                self.expression(&slice.expr);
                [&slice.start, &slice.stop, &slice.step].into_iter().flatten().for_each(|bound| self.number(bound));
            }
            Expr::UnaryOp(operation) => self.number(&operation.expr),
            Expr::BinOp(operation) => match operation.op {
                ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr | ast::BinOpKind::Concat | ast::BinOpKind::In => {
                    self.expression(&operation.left);
                    self.expression(&operation.right);
                }
                _ => self.numbers(&[&operation.left, &operation.right]),
            },
            Expr::Compare(compare) => {
                let sides: Vec<&Expr<'s>> = std::iter::once(&compare.expr).chain(compare.ops.iter().map(|op| &op.expr)).collect();
                self.numbers(&sides);
            }
            Expr::IfExpr(cond) => {
                self.number(&cond.test_expr);
                self.expression(&cond.true_expr);
                cond.false_expr.iter().for_each(|other| self.expression(other));
            }
            Expr::Filter(filter) => {
                let inner = filter.expr.iter();
                inner.for_each(|inner| if FILTERS.contains(&filter.name) { self.number(inner) } else { self.expression(inner) });
                self.arguments(&filter.args);
            }
            Expr::Test(test) => match TESTS.contains(&test.name) {
                true => {
                    self.number(&test.expr);
                    positional(&test.args).for_each(|value| self.number(value));
                }
                false => {
                    self.expression(&test.expr);
                    self.arguments(&test.args);
                }
            },
            Expr::GetAttr(attr) => self.expression(&attr.expr),
            Expr::GetItem(item) => {
                self.expression(&item.expr);
                self.expression(&item.subscript_expr);
            }
            Expr::Call(call) => {
                self.expression(&call.expr);
                positional(&call.args).for_each(|value| self.number(value));
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.expression(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expression(item)),
            Expr::Map(map) => map.keys.iter().chain(&map.values).for_each(|item| self.expression(item)),
        }
    }

    fn arguments(&mut self, arguments: &[ast::CallArg<'s>]) {
        positional(arguments).for_each(|value| self.expression(value));
    }

    /// Gives the name `target` to what `value` is a part of; every name, where there are several.
    fn assign(&mut self, target: &Expr<'s>, value: Option<VariablePart>) {
        match target {
            Expr::Var(var) => _ = self.scopes.last_mut().map(|scope| scope.insert(var.id, value)),
            Expr::List(list) => list.items.iter().for_each(|item| self.assign(item, value.clone())),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.assign(item, value.clone())),
            _ => {}
        }
    }

    fn scoped(&mut self, walk: impl FnOnce(&mut Self)) {
        self.scopes.push(HashMap::new());
        walk(self);
        self.scopes.pop();
    }

    fn block(&mut self, statements: &[Stmt<'s>]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Stmt<'s>) {
        match statement {
            Stmt::Template(template) => self.block(&template.children),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            Stmt::EmitRaw(_) | Stmt::Import(_) | Stmt::FromImport(_) | Stmt::Extends(_) | Stmt::Include(_) => {}
            Stmt::ForLoop(each) => {
                self.expression(&each.iter);
                let part = self.iterated(&each.iter);
                self.scoped(|finder| {
                    finder.assign(&each.target, part);
                    each.filter_expr.iter().for_each(|filter| finder.number(filter));
                    finder.block(&each.body);
                });
                self.scoped(|finder| finder.block(&each.else_body));
            }
            Stmt::IfCond(cond) => {
                self.number(&cond.expr);
                self.block(&cond.true_body);
                self.block(&cond.false_body);
            }
            Stmt::WithBlock(with) => self.scoped(|finder| {
                with.assignments.iter().for_each(|(target, value)| finder.set(target, value));
                finder.block(&with.body);
            }),
            Stmt::Set(set) => self.set(&set.target, &set.expr),
            Stmt::SetBlock(set) => {
                self.scoped(|finder| finder.block(&set.body));
                self.assign(&set.target, None);
            }
            Stmt::AutoEscape(escape) => self.block(&escape.body),
            Stmt::FilterBlock(filter) => self.block(&filter.body),
            Stmt::Block(block) => self.scoped(|finder| finder.block(&block.body)),
            Stmt::Do(call) => positional(&call.call.args).for_each(|value| self.expression(value)),
        }
    }

    fn set(&mut self, target: &Expr<'s>, value: &Expr<'s>) {
        self.expression(value);
        let part = self.part(value);
        self.assign(target, part);
    }

    /// What a loop over `expression` takes its items from, behind filters such as `sort` and `items`.
    fn iterated(&self, expression: &Expr<'s>) -> Option<VariablePart> {
        match expression {
            Expr::Filter(filter) => self.iterated(filter.expr.as_ref()?),
            other => self.part(other),
        }
    }
}

/// The name that a path begins with.
fn root<'s>(expression: &Expr<'s>) -> Option<&'s str> {
    match expression {
        Expr::Var(var) => Some(var.id),
        Expr::GetAttr(attr) => root(&attr.expr),
        Expr::GetItem(item) => root(&item.expr),
        Expr::Filter(filter) => root(filter.expr.as_ref()?),
        _ => None,
    }
}

fn positional<'e, 's>(arguments: &'e [ast::CallArg<'s>]) -> impl Iterator<Item = &'e Expr<'s>> {
    arguments.iter().map(|argument| match argument {
        ast::CallArg::Pos(value)
        | ast::CallArg::Kwarg(_, value)
        | ast::CallArg::PosSplat(value)
        | ast::CallArg::KwargSplat(value) => value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::environment::parse;

    #[track_caller]
    fn patch(text: &str) -> (String, Vec<String>) {
        let uses = uses(&parse(text, "t").unwrap(), text);
        (patched(text, &uses), uses.renamed.into_iter().collect())
    }

    #[test]
    fn only_where_a_number_is_wanted() {
        for text in [
            "{{ vars.A }} {{ vars.A | trim }} {{ 'v' ~ vars.A }} {% if vars.A == '1.10' %}x{% endif %}",
            "{% for a in vars.A %}{{ a }}{% endfor %}{% set a = vars.A %}{{ a }}",
            "{% set vars = {} %}{% if vars.A > 1 %}x{% endif %}",
            "{% if _n_s %}{% if vars.A > 1 %}x{% endif %}{% endif %}",
        ] {
            assert_eq!(patch(text), (text.to_owned(), Vec::new()));
        }
        for text in [
            "{% if $.A > 1 %}{{ vars.A }}{% endif %}",
            "{% if $.A %}x{% elif not $.B and $['C'].d[0] is odd %}y{% endif %}",
            "{{ $.A + 1 }} {{ -$.A }} {{ $.A | round(1) }} {{ vars.A if $.B else 'x' }}",
            "{% for n in range($.A) %}{{ n }}{% endfor %}{% if 1 < $.A | default(2) %}x{% endif %}",
        ] {
            assert_eq!(patch(&text.replace('$', "vars")), (text.replace('$', NUMBERS), Vec::new()));
        }
    }

    #[test]
    fn a_part_is_followed_by_its_name() {
        for text in [
            "{% for a in $.A %}{% if a.size > 1.5 %}{{ a.name }}{% endif %}{% endfor %}",
            "{% set a = $.A %}{% set b = a.c %}{% if b %}{{ b }}{% endif %}",
            "{% for k, v in $.A | items %}{% for w in v %}{{ w * 2 }}{% endfor %}{% endfor %}",
        ] {
            assert_eq!(patch(&text.replace('$', "vars")), (text.replace('$', NUMBERS), vec!["A".to_owned()]));
        }
    }
}
