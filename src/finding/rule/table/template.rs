//! Rules on a template as such.

macro_rules! template {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    Unreadable("unreadable") Error {
        summary: "the template can't be read",
        why: "A file that is missing, empty, not UTF-8, too large or not readable for you was not checked at all, so nothing \
            can be said about it.",
        refused_by: "sdlrender itself.",
        source: "sdlrender: a template is UTF-8 text of at most 64 MiB",
        place: ExamplePlace::Described("what makes a template unreadable"),
        bad: "a file saved as Latin-1 or UTF-16; a path that does not exist",
        good: "a file saved as UTF-8",
    }

    TemplateSyntax("template-syntax") Error {
        summary: "a statement or placeholder of the template is malformed, or fails when it runs",
        why: "The template is expanded before anything else, so a statement that can't be read or run leaves no document. Text \
            of another language that only looks like a placeholder belongs between `{% raw %}` and `{% endraw %}`.",
        refused_by: "sdlrender itself: it writes nothing.",
        source: "minijinja's syntax, as sdlrender uses it",
        place: ExamplePlace::Lines("services.web"),
        bad: "image: \"ghcr.io/team/app:{{ vars.TAG ! }}\"",
        good: "image: \"ghcr.io/team/app:{{ vars.TAG }}\"",
    }

    SecretUse("secret-use") Error {
        summary: "a secret is used in a way that would give a wrong text",
        why: "A secret is not known while the template is expanded; it is put in at the very end. A comparison, a loop or a \
            filter that needs its value at once would silently work on something else.",
        refused_by: "sdlrender itself: it writes nothing.",
        source: "sdlrender: a secret allows only the filters that are applied to its value at the end",
        place: ExamplePlace::Lines("services.web"),
        bad: "image: \"{{ IMAGE | upper }}\"",
        good: "image: \"{{ IMAGE | trim }}\"",
    }

    PlaceholderPlace("placeholder-place") Error {
        summary: "a placeholder is where no value can go",
        why: "A value may replace a scalar or a part of one. A key, an anchor, an alias or a tag is part of the document's \
            structure, which no value may change.",
        refused_by: "sdlrender itself: it writes nothing.",
        source: "sdlrender: what goes in comes out as one scalar, whatever it holds",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            env:
              - A=1
              - {{ NAME }}: x
        ",
        good: r#"
            env:
              - A=1
              - "B={{ NAME }}"
        "#,
    }

    YamlAmbiguous("yaml-ambiguous") Error {
        summary: "YAML parsers read this text differently",
        why: "Some characters end a line for one YAML parser and not for another: what you see in your editor may not be what \
            Akash reads.",
        refused_by: "sdlrender itself, so that it never writes a document that Akash would read differently.",
        source: "YAML 1.2.2 section 5.4 and YAML 1.1 section 4.1.4 differ on U+0085, U+2028 and U+2029",
        place: ExamplePlace::Described("a raw U+2028 in a quoted text"),
        bad: "- \"A=first line<U+2028>second line\"",
        good: "- \"A=first line\\u2028second line\"",
    }

    VariableText("variable-text") Error {
        summary: "a variable that has no text is used as text",
        why: "A list or a mapping has no text of its own, and what is printed for one would not be the value you meant.",
        refused_by: "sdlrender itself: it writes nothing.",
        source: "sdlrender: a plain variable becomes one scalar",
        place: ExamplePlace::Described("with `LIST: [a, b]` in a values file"),
        bad: "command: [\"{{ vars.LIST }}\"]",
        good: "command: [{% for word in vars.LIST %}\"{{ word }}\", {% endfor %}]",
    }

    ShellPlaceholder("shell-placeholder") Warning {
        summary: "a `$` before a placeholder stays in the text",
        why: "`${{ NAME }}` is how GitHub's workflows write a value. Here only `{{ NAME }}` is the placeholder, so the \
            container sees a `$` before the value.",
        refused_by: "nobody: the value is wrong, and you find out when the container runs.",
        source: "sdlrender: every byte outside a placeholder stays as it is",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            env:
              - "LEVEL=${{ LEVEL }}"
        "#,
        good: r#"
            env:
              - "LEVEL={{ LEVEL }}"
        "#,
    }

    ShellVariable("shell-variable") Error or Warning {
        summary: "a shell's `${NAME}` or `$NAME` is left in the template",
        why: "envsubst and Compose fill it in; sdlrender fills in `{{ NAME }}` only, and Akash neither: the text stays as it is. \
            An error in credentials, a warning elsewhere. `command` and `args` are not looked at, as a shell may read them.",
        refused_by: "the registry (401) in credentials; elsewhere nobody, and you find out when the container runs.",
        source: "sdlrender: only `{{ NAME }}` is filled in",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            env:
              - LEVEL=${LEVEL}
        ",
        good: r#"
            env:
              - "LEVEL={{ LEVEL }}"
        "#,
    }

    VariableSecret("variable-secret") Error or Warning {
        summary: "a plain variable is used where a secret belongs",
        why: "`vars.NAME` is for what may be seen: it can come from a file in the repository, from the command line, and it is a number \
            where it reads as one. `{{ NAME }}` is always a string, asks the keychain and `--from-command` too, and is wiped. Here it is \
            treated as a secret all the same: masked, and kept out of files that git could commit. A warning when rendering.",
        refused_by: "nobody: Akash would accept it.",
        source: "sdlrender: a secret belongs in a placeholder for secrets",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ vars.GHCR_TOKEN }}"
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    EnvQuotes("env-quotes") Warning {
        summary: "quotes inside an item of `env` reach the container",
        why: "In `- KEY=\"{{ X }}\"` YAML takes the whole item for plain text, quotes included, and nothing removes them: the \
            variable's value begins and ends with a quote. Put the quotes around the whole item.",
        refused_by: "nobody: the value is wrong, and you find out when the container runs.",
        source: "YAML 1.2.2 section 7.3.3: a plain scalar holds quotes as they are",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            env:
              - DB_PASSWORD="{{ DB_PASSWORD }}"
        "#,
        good: r#"
            env:
              - "DB_PASSWORD={{ DB_PASSWORD }}"
        "#,
    }

    UrlUnencoded("url-unencoded") Warning {
        summary: "a secret in an address is not percent-encoded",
        why: "Between `://` and `@` a `/`, `@`, `:`, `#`, `?` or `%` in the secret ends the login, and the rest is taken for the host. \
            `| urlencode` writes such characters so that they arrive. When rendering, only a value that needs it is told.",
        refused_by: "nobody: the address is wrong, and you find out when the container runs.",
        source: "RFC 3986 section 3.2.1",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            env:
              - "DATABASE_URL=postgres://app:{{ DB_PASSWORD }}@db/app"
        "#,
        good: r#"
            env:
              - "DATABASE_URL=postgres://app:{{ DB_PASSWORD | urlencode }}@db/app"
        "#,
    }

    UnknownRule("unknown-rule") Warning {
        summary: "a comment allows a rule that does not exist",
        why: "The comment has no effect, so the finding it was meant for is reported, or will be as soon as it appears.",
        refused_by: "nobody.",
        source: "sdlrender: `sdlrender check --rules` lists the rules",
        place: ExamplePlace::Lines("services.web"),
        bad: "image: ghcr.io/team/app   # sdlrender: allow image-tags",
        good: "image: ghcr.io/team/app   # sdlrender: allow image-tag",
    }

    DotenvSecret("dotenv-secret") Error {
        summary: "a secret is written in a `.env` file that git tracks",
        why: "A `.env` file is where secrets are kept out of the repository. Once one is committed, everyone who reads the \
            repository has them, and they remain in its history.",
        refused_by: "nobody.",
        source: "sdlrender: judged by names and by tokens of known shapes",
        place: ExamplePlace::Described("a line of `.env`, which is staged"),
        bad: "GHCR_TOKEN=the-token-itself",
        good: "`.env` is in .gitignore, and .env.example has: GHCR_TOKEN=",
    }
    } };
}
