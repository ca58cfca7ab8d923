//! The guard: walks the syntax tree of a template before anything runs, and refuses every use of a secret that would give wrong text.
//!
//! Inside minijinja, a secret is an opaque object. Written out, it becomes a marker; compared, tested for truth, sliced or passed to a
//! built-in filter, it would silently give something else. The walk tracks which names can hold a secret (*tainted* names) through
//! scopes, loops, `set` blocks and includes, and reports every place that uses one in another way than writing it, passing it on or
//! giving it to a deferred filter. Whatever the walk misses, the secret objects report themselves.

use std::collections::HashMap;
use std::ops::Range;

use minijinja::machinery::{Span, ast};

/// An unsupported use of a secret, or of text that contains placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The template that contains it.
    pub template: String,
    /// The expression, in bytes of that template.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// The filters that are deferred to the splice.
pub(super) const DEFERRED: [&str; 9] =
    ["default", "d", "trim", "b64encode", "b64decode", "urlencode", "json", "shell_quote", "int"];

/// The functions; every other free name is a secret.
pub(super) const FUNCTIONS: [&str; 5] = ["range", "dict", "namespace", FILE, DOCKER];

/// The function whose result is a secret.
pub(super) const FILE: &str = "file";

/// The function whose result has members that are secrets.
pub(super) const DOCKER: &str = "docker";

/// Objects whose members are secrets.
pub(super) const NAMESPACES: [&str; 4] = ["secrets", "env", "dotenv", "keychain"];

const INCLUDE_DEPTH: usize = 32;

/// What a value may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Taint {
    /// Plain data.
    Clean,
    /// One of the objects in [`NAMESPACES`].
    Namespace,
    /// Rendered text that may contain markers.
    Captured,
    /// A secret, or a collection that contains one.
    Secret,
}

impl Taint {
    fn is_tainted(self) -> bool {
        self != Self::Clean
    }
}

/// Returns the text of an included template, if it can be read.
pub(super) type Load<'l> = &'l dyn Fn(&str) -> Option<&'l str>;

/// The result of a walk.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// The uses that must be refused.
    pub violations: Vec<Violation>,
    /// Names of secrets that a `set` or `with` assigns; such a look-up may go unused.
    pub assigned: Vec<String>,
    /// The included templates that were walked.
    pub walked: Vec<String>,
}

/// Walks the template `name`. Free names count as secrets.
pub(super) fn walk<'s>(root: &ast::Stmt<'s>, name: &str, source: &'s str, load: Load<'s>) -> Findings {
    let mut walker =
        Walker { template: name.to_owned(), source, load, scopes: vec![HashMap::new()], depth: 0, found: Findings::default() };
    walker.statement(root);
    walker.found
}

struct Walker<'s> {
    template: String,
    source: &'s str,
    load: Load<'s>,
    scopes: Vec<HashMap<String, Taint>>,
    depth: usize,
    found: Findings,
}

impl<'s> Walker<'s> {
    fn refuse(&mut self, span: Span, message: String, help: &str) {
        let range = span.start_offset as usize..span.end_offset as usize;
        let violation = Violation { template: self.template.clone(), range, message, help: help.to_owned() };
        if !self.found.violations.contains(&violation) {
            self.found.violations.push(violation);
        }
    }

    fn text(&self, span: Span) -> &'s str {
        self.source.get(span.start_offset as usize..span.end_offset as usize).unwrap_or("the secret")
    }

    fn assign(&mut self, target: &ast::Expr<'s>, taint: Taint) {
        match target {
            ast::Expr::Var(var) => {
                if let Some(scope) = self.scopes.last_mut() {
                    let known = scope.entry(var.id.to_owned()).or_insert(taint);
                    *known = (*known).max(taint);
                }
            }
            ast::Expr::List(list) => list.items.iter().for_each(|item| self.assign(item, taint)),
            ast::Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.assign(item, taint)),
            other if taint.is_tainted() => self.refuse(
                other.span(),
                "a secret can't be stored in a namespace".to_owned(),
                "use {% set name = SECRET %}, or write the placeholder where it is needed",
            ),
            _ => {}
        }
    }

    fn block(&mut self, body: &[ast::Stmt<'s>]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    fn scoped(&mut self, body: impl FnOnce(&mut Self)) {
        self.scopes.push(HashMap::new());
        body(self);
        self.scopes.pop();
    }

    /// Refuses a secret in the expression, which decides what the document looks like.
    fn plain(&mut self, expression: &ast::Expr<'s>, what: &str) {
        if self.expression(expression).is_tainted() {
            let text = self.text(expression.span());
            self.refuse(
                expression.span(),
                format!("`{text}` is a secret and can't be used {what}"),
                "secrets are filled in only after the template has run; use a plain variable (vars.NAME), or test with `is defined`",
            );
        }
    }

    fn statement(&mut self, statement: &ast::Stmt<'s>) {
        match statement {
            ast::Stmt::Template(template) => self.block(&template.children),
            ast::Stmt::EmitExpr(emit) => {
                self.expression(&emit.expr);
            }
            ast::Stmt::EmitRaw(_) => {}
            ast::Stmt::ForLoop(each) => self.for_loop(each),
            ast::Stmt::IfCond(cond) => {
                self.plain(&cond.expr, "as a condition");
                self.block(&cond.true_body);
                self.block(&cond.false_body);
            }
            ast::Stmt::WithBlock(with) => self.scoped(|walker| {
                for (target, value) in &with.assignments {
                    walker.set(target, value);
                }
                walker.block(&with.body);
            }),
            ast::Stmt::Set(set) => self.set(&set.target, &set.expr),
            ast::Stmt::SetBlock(set) => {
                self.scoped(|walker| walker.block(&set.body));
                let taint = if may_emit(&set.body) { Taint::Captured } else { Taint::Clean };
                if let Some(filter) = &set.filter {
                    self.captured_filter(filter, taint);
                }
                self.assign(&set.target, taint);
            }
            ast::Stmt::AutoEscape(escape) => self.block(&escape.body),
            ast::Stmt::FilterBlock(filter) => {
                self.block(&filter.body);
                let taint = if may_emit(&filter.body) { Taint::Captured } else { Taint::Clean };
                self.captured_filter(&filter.filter, taint);
            }
            ast::Stmt::Block(block) => self.scoped(|walker| walker.block(&block.body)),
            ast::Stmt::Import(import) => {
                self.include(&import.expr);
                self.assign(&import.name, Taint::Captured);
            }
            ast::Stmt::FromImport(import) => {
                self.include(&import.expr);
                for (name, alias) in &import.names {
                    self.assign(alias.as_ref().unwrap_or(name), Taint::Captured);
                }
            }
            ast::Stmt::Extends(extends) => self.include(&extends.name),
            ast::Stmt::Include(include) => self.include(&include.name),
            ast::Stmt::Do(call) => {
                self.call(&call.call, call.call.span());
            }
        }
    }

    fn for_loop(&mut self, each: &ast::ForLoop<'s>) {
        let taint = self.expression(&each.iter);
        let items = if taint == Taint::Namespace { Taint::Secret } else { taint };
        self.scoped(|walker| {
            walker.assign(&each.target, items);
            if let Some(scope) = walker.scopes.last_mut() {
                scope.insert("loop".to_owned(), Taint::Clean);
            }
            if let Some(filter) = &each.filter_expr {
                walker.plain(filter, "to filter a loop");
            }
            walker.block(&each.body);
        });
        self.scoped(|walker| walker.block(&each.else_body));
    }

    fn set(&mut self, target: &ast::Expr<'s>, value: &ast::Expr<'s>) {
        let taint = self.expression(value);
        if taint.is_tainted() {
            let mut names = Vec::new();
            secret_names(value, &mut names);
            self.found.assigned.extend(names);
        }
        self.assign(target, taint);
    }

    /// Refuses filters on captured text, which contains markers, unless they leave words intact.
    fn captured_filter(&mut self, filter: &ast::Expr<'s>, taint: Taint) {
        if let ast::Expr::Filter(call) = filter {
            if let Some(inner) = &call.expr {
                self.captured_filter(inner, taint);
            }
            self.arguments(&call.args, "as an argument of a filter");
            if taint.is_tainted() && !matches!(call.name, "indent" | "trim") {
                self.refuse(
                    call.span(),
                    format!("the filter `{}` can't be used on text that contains placeholders", call.name),
                    "use the filter on each placeholder; only `indent` and `trim` can be used on such text",
                );
            }
        }
    }

    fn include(&mut self, name: &ast::Expr<'s>) {
        self.plain(name, "as the name of a template");
        let ast::Expr::Const(constant) = name else { return };
        let Some(included) = constant.value.as_str().map(str::to_owned) else { return };
        if self.depth >= INCLUDE_DEPTH {
            return;
        }
        let Some(source) = (self.load)(&included) else { return };
        // A syntax error is reported when the template is rendered.
        let Ok(root) = super::environment::parse(source, "") else { return };
        let outer = (std::mem::replace(&mut self.template, included.clone()), std::mem::replace(&mut self.source, source));
        self.depth += 1;
        self.statement(&root);
        self.depth -= 1;
        (self.template, self.source) = outer;
        self.found.walked.push(included);
    }

    fn arguments(&mut self, arguments: &[ast::CallArg<'s>], what: &str) {
        for argument in arguments {
            match argument {
                ast::CallArg::Pos(value)
                | ast::CallArg::Kwarg(_, value)
                | ast::CallArg::PosSplat(value)
                | ast::CallArg::KwargSplat(value) => self.plain(value, what),
            }
        }
    }

    fn call(&mut self, call: &ast::Call<'s>, span: Span) -> Taint {
        let captured = match &call.expr {
            ast::Expr::Var(var) => {
                if var.id != "super" && var.id != "loop" && self.variable(var.id).is_tainted() {
                    self.refuse(
                        span,
                        format!("there is no function `{}`", var.id),
                        "the functions are file, docker, range, dict and namespace; put text that is not a placeholder between {% raw %} and {% endraw %}",
                    );
                }
                var.id == "super" || var.id == "loop"
            }
            ast::Expr::GetAttr(attr) if matches!(&attr.expr, ast::Expr::Var(var) if var.id == "self") => true,
            ast::Expr::GetAttr(attr) => {
                self.plain(&attr.expr, "as an object with methods");
                false
            }
            other => {
                self.plain(other, "as a function");
                false
            }
        };
        self.arguments(&call.args, "as an argument of a function");
        match &call.expr {
            ast::Expr::Var(var) if var.id == FILE => Taint::Secret,
            ast::Expr::Var(var) if var.id == DOCKER => Taint::Namespace,
            _ if captured => Taint::Captured,
            _ => Taint::Clean,
        }
    }

    fn variable(&self, name: &str) -> Taint {
        if let Some(taint) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return *taint;
        }
        match name {
            "vars" => Taint::Clean,
            "self" => Taint::Captured,
            _ if NAMESPACES.contains(&name) => Taint::Namespace,
            _ if FUNCTIONS.contains(&name) => Taint::Clean,
            _ => Taint::Secret,
        }
    }

    fn expression(&mut self, expression: &ast::Expr<'s>) -> Taint {
        match expression {
            ast::Expr::Var(var) => self.variable(var.id),
            ast::Expr::Const(_) => Taint::Clean,
            ast::Expr::Slice(slice) => {
                for bound in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.plain(bound, "as a bound of a slice");
                }
                self.plain(&slice.expr, "in a slice");
                Taint::Clean
            }
            ast::Expr::UnaryOp(operation) => {
                let what = match operation.op {
                    ast::UnaryOpKind::Not => "with `not`",
                    ast::UnaryOpKind::Neg => "in arithmetic",
                };
                self.plain(&operation.expr, what);
                Taint::Clean
            }
            ast::Expr::BinOp(operation) => self.binary(operation),
            ast::Expr::Compare(compare) => {
                self.plain(&compare.expr, "in a comparison");
                compare.ops.iter().for_each(|op| self.plain(&op.expr, "in a comparison"));
                Taint::Clean
            }
            ast::Expr::IfExpr(cond) => {
                self.plain(&cond.test_expr, "as a condition");
                let chosen = self.expression(&cond.true_expr);
                cond.false_expr.as_ref().map_or(chosen, |other| chosen.max(self.expression(other)))
            }
            ast::Expr::Filter(filter) => self.filter(filter, filter.span()),
            ast::Expr::Test(test) => {
                let taint = self.expression(&test.expr);
                if taint.is_tainted() && !matches!(test.name, "defined" | "undefined") {
                    let text = self.text(test.expr.span());
                    self.refuse(
                        test.span(),
                        format!("the test `{}` can't be used on the secret `{text}`", test.name),
                        "use `is defined` or `is undefined`, the only tests for secrets",
                    );
                }
                self.arguments(&test.args, "as an argument of a test");
                Taint::Clean
            }
            ast::Expr::GetAttr(attr) => self.member(&attr.expr),
            ast::Expr::GetItem(item) => {
                self.plain(&item.subscript_expr, "as a key");
                self.member(&item.expr)
            }
            ast::Expr::Call(call) => self.call(call, call.span()),
            ast::Expr::List(list) => self.all(list.items.iter()),
            ast::Expr::Tuple(tuple) => self.all(tuple.items.iter()),
            ast::Expr::Map(map) => {
                map.keys.iter().for_each(|key| self.plain(key, "as a key"));
                self.all(map.values.iter())
            }
        }
    }

    fn all<'e>(&mut self, items: impl Iterator<Item = &'e ast::Expr<'s>>) -> Taint
    where
        's: 'e,
    {
        items.map(|item| self.expression(item)).max().unwrap_or(Taint::Clean)
    }

    fn member(&mut self, base: &ast::Expr<'s>) -> Taint {
        match self.expression(base) {
            Taint::Namespace => Taint::Secret,
            other => other,
        }
    }

    fn binary(&mut self, operation: &ast::BinOp<'s>) -> Taint {
        let what = match operation.op {
            ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr => "with `and` or `or`",
            ast::BinOpKind::Concat => "with `~`",
            ast::BinOpKind::In => "with `in`",
            ast::BinOpKind::Add
            | ast::BinOpKind::Sub
            | ast::BinOpKind::Mul
            | ast::BinOpKind::Div
            | ast::BinOpKind::FloorDiv
            | ast::BinOpKind::Rem
            | ast::BinOpKind::Pow => "in arithmetic",
            _ => "in a comparison",
        };
        for side in [&operation.left, &operation.right] {
            let taint = self.expression(side);
            if !taint.is_tainted() {
                continue;
            }
            let text = self.text(side.span());
            let help = match operation.op {
                ast::BinOpKind::Concat | ast::BinOpKind::Add => "write the parts next to each other: {{ A }}{{ B }}",
                ast::BinOpKind::ScOr => "for a fallback write {{ NAME | default(\"…\") }}",
                _ => "secrets are filled in only after the template has run; use a plain variable (vars.NAME)",
            };
            self.refuse(side.span(), format!("`{text}` is a secret and can't be used {what}"), help);
        }
        Taint::Clean
    }

    fn filter(&mut self, filter: &ast::Filter<'s>, span: Span) -> Taint {
        let taint = filter.expr.as_ref().map_or(Taint::Clean, |inner| self.expression(inner));
        let fallback = matches!(filter.name, "default" | "d");
        if fallback {
            for argument in &filter.args {
                match argument {
                    ast::CallArg::Pos(value) => {
                        let other = self.expression(value);
                        if other.is_tainted() && !taint.is_tainted() {
                            return other;
                        }
                    }
                    _ => self.arguments(std::slice::from_ref(argument), "as an argument of a filter"),
                }
            }
        } else {
            self.arguments(&filter.args, "as an argument of a filter");
        }
        if !taint.is_tainted() {
            return Taint::Clean;
        }
        let allowed = match taint {
            Taint::Captured => matches!(filter.name, "indent" | "trim"),
            _ => DEFERRED.contains(&filter.name),
        };
        if !allowed {
            let text = filter.expr.as_ref().map_or("the secret", |inner| self.text(inner.span()));
            self.refuse(
                span,
                format!("the filter `{}` can't be used on the secret `{text}`", filter.name),
                "the filters for secrets are default, trim, b64encode, b64decode, urlencode, json(\"field\"), shell_quote and int",
            );
        }
        taint
    }
}

/// Whether rendering `body` can write a marker.
fn may_emit(body: &[ast::Stmt<'_>]) -> bool {
    !body.iter().all(|statement| matches!(statement, ast::Stmt::EmitRaw(_) | ast::Stmt::Set(_) | ast::Stmt::Do(_)))
}

/// The names that an assigned expression looks up.
fn secret_names(expression: &ast::Expr<'_>, names: &mut Vec<String>) {
    match expression {
        ast::Expr::Var(var) => names.push(var.id.to_owned()),
        ast::Expr::GetAttr(attr) => names.push(attr.name.to_owned()),
        ast::Expr::GetItem(item) => {
            if let ast::Expr::Const(key) = &item.subscript_expr {
                names.extend(key.value.as_str().map(str::to_owned));
            }
        }
        ast::Expr::Filter(filter) => {
            filter.expr.iter().for_each(|inner| secret_names(inner, names));
        }
        ast::Expr::IfExpr(cond) => {
            secret_names(&cond.true_expr, names);
            cond.false_expr.iter().for_each(|other| secret_names(other, names));
        }
        ast::Expr::List(list) => list.items.iter().for_each(|item| secret_names(item, names)),
        ast::Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| secret_names(item, names)),
        ast::Expr::Map(map) => map.values.iter().for_each(|item| secret_names(item, names)),
        _ => {}
    }
}
