//! The guard: walks the syntax tree of a template before anything runs, and refuses every use of a secret that would give wrong text.
//!
//! Inside minijinja, a secret is an opaque object. Written out, it becomes a marker; compared, tested for truth, sliced or passed to a
//! built-in filter, it would silently give something else. The walk tracks which names can hold a secret (*tainted* names) through
//! scopes, loops, `set` blocks and includes, and reports every place that uses one in another way than writing it, passing it on or
//! giving it to a deferred filter. Whatever the walk misses, the secret objects report themselves.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use minijinja::machinery::{Span, ast};

use super::Sources;
use super::budget::{ADDED, Exceeded, Excess, INCLUDES, too_deep};
use crate::span::Location;

mod expression;

use expression::secret_names;

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

/// The filter that makes one secret of several.
pub(super) const JOIN: &str = "join";

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
    /// A secret.
    Secret,
    /// A collection that contains a secret.
    Collection,
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
pub(super) struct Violations {
    /// The uses that must be refused.
    pub violations: Vec<Violation>,
    /// Names of secrets that a `set` or `with` assigns; such a look-up may go unused.
    pub assigned: Vec<String>,
    /// The included templates that were walked.
    pub walked: Vec<String>,
    /// What they do too much of; the walk stopped there.
    pub exceeded: Option<Exceeded>,
}

/// Walks the template `name`. Free names count as secrets.
pub(super) fn walk<'s>(root: &ast::Stmt<'s>, name: &str, source: &'s str, load: Load<'s>) -> Violations {
    let mut walker = Walker::new(name, source, load);
    walker.statement(root);
    walker.found
}

/// What templates ask for, in branches that are not taken too.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The secrets that may come from any source.
    pub secrets: BTreeSet<String>,
    /// The secrets that may come from one source only, each with it: `env.NAME`, `dotenv.NAME`, `keychain.NAME`.
    pub pinned: BTreeSet<(String, String)>,
    /// The secrets that a template asks whether they are defined.
    pub tested: BTreeSet<String>,
    /// The plain variables.
    pub variables: BTreeSet<String>,
    /// Whether the name of a secret is the result of an expression.
    pub computes_secrets: bool,
    /// Whether the name of a secret from one source is.
    pub computes_pinned: bool,
    /// Whether the name of a variable is.
    pub computes_variables: bool,
    /// The files and logins, and the included templates.
    pub reached: Vec<Reached>,
}

/// How a template reaches for something outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// `file("PATH")`
    File,
    /// `docker("HOST")`
    Login,
    /// `{% include "PATH" %}` and its like
    Include,
}

/// Something that a template reaches for.
#[derive(Debug)]
pub(crate) struct Reached {
    /// How.
    pub means: Means,
    /// Its name, or the expression that computes it.
    pub name: String,
    /// Where.
    pub at: Location,
}

impl Asked {
    /// Adds what the templates `sources` ask for.
    pub(crate) fn add(&mut self, sources: &Sources) {
        for (name, source) in sources {
            // Nor is one that was refused unread.
            let Some(root) = too_deep(source).is_none().then(|| super::environment::parse(source, name).ok()).flatten() else {
                continue;
            };
            let mut walker = Walker { asked: Some(std::mem::take(self)), ..Walker::new(name, source, &|_| None) };
            walker.statement(&root);
            *self = walker.asked.unwrap_or_default();
        }
    }
}

struct Walker<'s> {
    template: String,
    source: &'s str,
    load: Load<'s>,
    scopes: Vec<HashMap<String, Taint>>,
    depth: usize,
    /// How many bytes of includes have been read.
    read: usize,
    found: Violations,
    /// Filled where it is wanted.
    asked: Option<Asked>,
}

impl<'s> Walker<'s> {
    fn new(template: &str, source: &'s str, load: Load<'s>) -> Self {
        let (template, scopes) = (template.to_owned(), vec![HashMap::new()]);
        Self { template, source, load, scopes, depth: 0, read: 0, found: Violations::default(), asked: None }
    }

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
        let items = if matches!(taint, Taint::Namespace | Taint::Collection) { Taint::Secret } else { taint };
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

    /// Notes what is reached for, where that is wanted.
    fn reach(&mut self, means: Means, name: &ast::Expr<'s>) {
        let (span, text) = (name.span(), self.text(name.span()));
        let Some(asked) = &mut self.asked else { return };
        let constant = if let ast::Expr::Const(constant) = name { constant.value.as_str() } else { None };
        let at = Location::new(self.template.as_str(), span.start_offset as usize..span.end_offset as usize);
        asked.reached.push(Reached { means, name: constant.unwrap_or(text).to_owned(), at });
    }

    fn include(&mut self, name: &ast::Expr<'s>) {
        self.reach(Means::Include, name);
        self.plain(name, "as the name of a template");
        let ast::Expr::Const(constant) = name else { return };
        let Some(included) = constant.value.as_str().map(str::to_owned) else { return };
        if self.depth >= INCLUDE_DEPTH || self.found.exceeded.is_some() {
            return;
        }
        let Some(source) = (self.load)(&included) else { return };
        self.read += source.len();
        if self.found.walked.len() >= INCLUDES || self.read > ADDED {
            let span = name.span();
            let range = span.start_offset as usize..span.end_offset as usize;
            self.found.exceeded = Some((Excess::Includes, Some(Location::new(self.template.as_str(), range))));
            return;
        }
        if let Some(range) = too_deep(source) {
            self.found.exceeded = Some((Excess::Steps, Some(Location::new(included, range))));
            return;
        }
        // A syntax error is reported when the template is rendered.
        let Ok(root) = super::environment::parse(source, "") else { return };
        self.found.walked.push(included.clone());
        let outer = (std::mem::replace(&mut self.template, included), std::mem::replace(&mut self.source, source));
        self.depth += 1;
        self.statement(&root);
        self.depth -= 1;
        (self.template, self.source) = outer;
    }
}

/// Whether rendering `body` can write a marker.
fn may_emit(body: &[ast::Stmt<'_>]) -> bool {
    !body.iter().all(|statement| matches!(statement, ast::Stmt::EmitRaw(_) | ast::Stmt::Set(_) | ast::Stmt::Do(_)))
}
