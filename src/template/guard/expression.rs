//! The walk through an expression: what it may give, and what is refused in it.

use minijinja::machinery::{Span, ast};

use super::{DEFERRED, DOCKER, FILE, FUNCTIONS, JOIN, Means, NAMESPACES, Taint, Walker};

/// What to write for a call that gives a variable or a secret in other tools, such as `env("NAME")`.
fn instead(function: &str, arguments: &[ast::CallArg<'_>]) -> Option<String> {
    let mut texts = arguments.iter().filter_map(|argument| match argument {
        ast::CallArg::Pos(ast::Expr::Const(constant)) => constant.value.as_str(),
        _ => None,
    });
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = |name: &str| name.starts_with(|c: char| is_part(c) && !c.is_ascii_digit());
    let name = texts.next_back().filter(|name| begins(name) && name.chars().all(is_part))?;
    let of = |words: &[&str]| words.iter().any(|word| function.to_ascii_lowercase().contains(word));
    let written = match () {
        () if of(&["env"]) => format!("env.{name}"),
        () if of(&["keychain", "keyring"]) => format!("keychain.{name}"),
        () if of(&["secret", "lookup", "vault", "password"]) => name.to_owned(),
        () if of(&["var", "value"]) => format!("vars.{name}"),
        () => return None,
    };
    Some(format!("write {{{{ {written} }}}}"))
}

impl<'s> Walker<'s> {
    pub(super) fn arguments(&mut self, arguments: &[ast::CallArg<'s>], what: &str) {
        for argument in arguments {
            match argument {
                ast::CallArg::Pos(value)
                | ast::CallArg::Kwarg(_, value)
                | ast::CallArg::PosSplat(value)
                | ast::CallArg::KwargSplat(value) => self.plain(value, what),
            }
        }
    }

    pub(super) fn call(&mut self, call: &ast::Call<'s>, span: Span) -> Taint {
        let captured = match &call.expr {
            ast::Expr::Var(var) => {
                if var.id != "super" && var.id != "loop" && self.variable(var.id).is_tainted() {
                    let written = instead(var.id, &call.args)
                        .unwrap_or_else(|| "the functions are file, docker, range, dict and namespace".to_owned());
                    let help = format!("{written}; put text that is not a placeholder between {{% raw %}} and {{% endraw %}}");
                    self.refuse(span, format!("there is no function `{}`", var.id), &help);
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
        if let (ast::Expr::Var(var), [ast::CallArg::Pos(name), ..]) = (&call.expr, &call.args[..]) {
            match var.id {
                FILE => self.reach(Means::File, name),
                DOCKER => self.reach(Means::Login, name),
                _ => {}
            }
        }
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

    /// What the expression may give; refuses every use of a secret in it that would give wrong text.
    pub(super) fn expression(&mut self, expression: &ast::Expr<'s>) -> Taint {
        self.note(expression);
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
            ast::Expr::BinOp(operation) => self.binary(operation, operation.span()),
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
            ast::Expr::GetAttr(attr) => {
                self.plain_member(&attr.expr, attr.name, attr.span());
                self.member(&attr.expr)
            }
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
        // All of them, since each may hold something to refuse.
        let tainted = items.filter(|item| self.expression(item).is_tainted()).count();
        if tainted > 0 { Taint::Collection } else { Taint::Clean }
    }

    fn member(&mut self, base: &ast::Expr<'s>) -> Taint {
        let base = match base {
            // Noted with its member.
            ast::Expr::Var(var) => self.variable(var.id),
            other => self.expression(other),
        };
        match base {
            Taint::Namespace | Taint::Collection => Taint::Secret,
            other => other,
        }
    }

    /// Refuses `NAME.member` of a secret, which is text.
    fn plain_member(&mut self, base: &ast::Expr<'s>, member: &str, span: Span) {
        let ast::Expr::Var(var) = base else { return };
        if self.variable(var.id) == Taint::Secret && self.scopes.iter().all(|scope| !scope.contains_key(var.id)) {
            let name = var.id;
            self.refuse(
                span,
                format!("`{name}` is a secret, so it has no member `{member}`"),
                &format!(
                    "a secret named `{name}.{member}` is written secrets[\"{name}.{member}\"]; the member of a JSON value is {name} | json(\"{member}\")"
                ),
            );
        }
    }

    /// The object and the name that the expression asks for; no name if that is computed.
    fn literal<'e>(&self, expression: &'e ast::Expr<'s>) -> Option<(&'e str, Option<&'e str>)> {
        let base = |expression: &ast::Expr<'s>| match expression {
            ast::Expr::Var(var) if var.id == "vars" || NAMESPACES.contains(&var.id) => Some(var.id),
            _ => None,
        };
        match expression {
            ast::Expr::GetAttr(attr) => base(&attr.expr).map(|base| (base, Some(attr.name))),
            ast::Expr::GetItem(item) => {
                let key = match &item.subscript_expr {
                    ast::Expr::Const(key) => key.value.as_str(),
                    _ => None,
                };
                base(&item.expr).map(|base| (base, key))
            }
            ast::Expr::Var(var) if base(expression).is_some() => Some((var.id, None)),
            ast::Expr::Var(var) if self.variable(var.id) == Taint::Secret => Some(("secrets", Some(var.id))),
            _ => None,
        }
    }

    /// Notes the name that the expression asks for, where names are wanted.
    fn note(&mut self, expression: &ast::Expr<'s>) {
        if self.asked.is_none() {
            return;
        }
        let literal = self.literal(expression);
        let tested = match expression {
            ast::Expr::Test(test) if matches!(test.name, "defined" | "undefined") => self.literal(&test.expr),
            _ => None,
        };
        let Some(asked) = &mut self.asked else { return };
        asked.tested.extend(tested.and_then(|(_, name)| name).map(str::to_owned));
        match literal {
            Some(("vars", Some(name))) => _ = asked.variables.insert(name.to_owned()),
            Some(("vars", None)) => asked.computes_variables = true,
            Some(("secrets", Some(name))) => _ = asked.secrets.insert(name.to_owned()),
            Some(("secrets", None)) => asked.computes_secrets = true,
            Some((from, Some(name))) => _ = asked.pinned.insert((from.to_owned(), name.to_owned())),
            Some((_, None)) => asked.computes_pinned = true,
            None => {}
        }
    }

    fn binary(&mut self, operation: &ast::BinOp<'s>, span: Span) -> Taint {
        let what = match operation.op {
            ast::BinOpKind::Concat => return self.glued(operation),
            ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr => "with `and` or `or`",
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
        let sides = [&operation.left, &operation.right];
        let tainted = sides.map(|side| self.expression(side).is_tainted());
        // The whole of `a-b-c`, of which `a-b` is the inner operation.
        let written = self.source.get(span.start_offset as usize..).and_then(dashed);
        if let (ast::BinOpKind::Sub, Some(name), true) = (&operation.op, written, tainted.contains(&true)) {
            let inner = span.start_offset as usize..=span.end_offset as usize;
            self.found.violations.retain(|known| !(inner.contains(&known.range.start) && inner.contains(&known.range.end)));
            let help = format!("a name with `-` is written {}", subscripted(name));
            self.refuse(span, format!("`{name}` is read as a subtraction"), &help);
            return Taint::Clean;
        }
        for (side, _) in sides.iter().zip(tainted).filter(|(_, tainted)| *tainted) {
            let text = self.text(side.span());
            let help = match operation.op {
                ast::BinOpKind::Add => "to make one text of several, write A ~ B, or [A, B] | join",
                ast::BinOpKind::ScOr => "for a fallback write {{ NAME | default(\"…\") }}",
                _ => "secrets are filled in only after the template has run; use a plain variable (vars.NAME)",
            };
            self.refuse(side.span(), format!("`{text}` is a secret and can't be used {what}"), help);
        }
        Taint::Clean
    }

    /// `A ~ B`: text that the secrets in it are filled into at the splice.
    fn glued(&mut self, operation: &ast::BinOp<'s>) -> Taint {
        let mut whole = Taint::Clean;
        for side in [&operation.left, &operation.right] {
            let taint = self.expression(side);
            if taint.is_tainted() && taint != Taint::Secret {
                let text = self.text(side.span());
                self.refuse(
                    side.span(),
                    format!("`{text}` holds placeholders and can't be used with `~`"),
                    "use `~` on the secrets themselves: A ~ \":\" ~ B, or [A, \":\", B] | join",
                );
            }
            whole = whole.max(taint);
        }
        whole
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
            Taint::Collection => fallback || filter.name == JOIN,
            _ => DEFERRED.contains(&filter.name),
        };
        if !allowed {
            let text = filter.expr.as_ref().map_or("the secret", |inner| self.text(inner.span()));
            let (what, help) = match taint {
                Taint::Collection => ("list", "join makes one secret of a list: [A, \":\", B] | join"),
                _ if filter.name == JOIN => ("secret", "join makes one secret of a list: [A, \":\", B] | join"),
                _ => (
                    "secret",
                    "the filters for secrets are default, trim, b64encode, b64decode, urlencode, json(\"field\"), shell_quote and int",
                ),
            };
            self.refuse(span, format!("the filter `{}` can't be used on the {what} `{text}`", filter.name), help);
        }
        if filter.name == JOIN { Taint::Secret } else { taint }
    }
}

/// The name with `-` that `text`, which the engine reads as a subtraction, begins with: `ghcr-token`, `env.ghcr-token`.
fn dashed(text: &str) -> Option<&str> {
    let name = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).next()?;
    let (before, behind) = name.split_once('-')?;
    (!before.is_empty() && !behind.is_empty() && !name.ends_with('-')).then_some(name)
}

/// How a name with characters that are operators is written: `secrets["ghcr-token"]`.
fn subscripted(name: &str) -> String {
    match name.split_once('.') {
        Some((namespace, name)) if namespace == "vars" || NAMESPACES.contains(&namespace) => format!("{namespace}[\"{name}\"]"),
        _ => format!("secrets[\"{name}\"]"),
    }
}

/// The names that an assigned expression looks up.
pub(super) fn secret_names(expression: &ast::Expr<'_>, names: &mut Vec<String>) {
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
        ast::Expr::BinOp(operation) => {
            secret_names(&operation.left, names);
            secret_names(&operation.right, names);
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
