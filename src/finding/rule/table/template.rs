//! Rules on a template as such.

macro_rules! template {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    Unreadable("unreadable") Error {
        summary: "the template can't be read",
    }
    TemplateSyntax("template-syntax") Error {
        summary: "the template's statements can't be understood or run",
    }
    SecretUse("secret-use") Error {
        summary: "a secret is used in a way that can't be honoured",
    }
    PlaceholderPlace("placeholder-place") Error {
        summary: "a placeholder stands where no value can go",
    }
    YamlAmbiguous("yaml-ambiguous") Error {
        summary: "YAML parsers read this differently",
    }
    VariableText("variable-text") Error {
        summary: "a variable that is a list or a mapping has no text",
    }
    ShellPlaceholder("shell-placeholder") Warning {
        summary: "the `$` of `${{ NAME }}` is kept",
    }
    UnknownRule("unknown-rule") Warning {
        summary: "`# sdlrender: allow` names no rule",
    }

    } };
}
