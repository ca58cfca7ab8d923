//! Rules on how a document is read.

macro_rules! yaml {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    NotYaml("not-yaml") Error {
        summary: "the document is not YAML",
        why: "Nothing can be read from it. The usual causes are a tab in the indentation, a missing quote and a line that is \
            indented too far.",
        refused_by: "Akash's parser: `yaml: line N: …`; Console.",
        source: "YAML 1.2.2; go-yaml v3.0.1 scannerc.go and parserc.go",
        place: ExamplePlace::Lines("services.web"),
        bad: "image: \"ghcr.io/team/app:1.0",
        good: "image: \"ghcr.io/team/app:1.0\"",
    }

    EmptyDocument("empty-document") Error {
        summary: "the document is empty",
        why: "There is nothing to deploy. A file with nothing but comments, or with an empty first document, is empty too.",
        refused_by: "Akash's parser: `sdl: uninitialized`; Console.",
        source: "chain-sdk go/sdl/sdl.go:21",
        place: ExamplePlace::File,
        bad: "# nothing here",
        good: r#"
            version: "2.0"
            services:
              web:
                image: ghcr.io/team/app:1.0
                expose:
                  - {port: 80, to: [{global: true}]}
            profiles:
              compute:
                web:
                  resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}
              placement:
                akash:
                  pricing:
                    web: {denom: uact, amount: 1000}
            deployment:
              web:
                akash: {profile: web, count: 1}
        "#,
    }

    YamlDirective("yaml-directive") Error {
        summary: "a `%YAML` directive names another version than 1.1",
        why: "go-yaml accepts only `%YAML 1.1`. Without a directive it reads what Akash needs.",
        refused_by: "Akash's parser: `yaml: found incompatible YAML document`.",
        source: "go-yaml v3.0.1 parserc.go; YAML 1.2.2 section 6.8.1",
        place: ExamplePlace::Before,
        bad: r"
            %YAML 1.2
            ---
        ",
        good: "---",
    }

    FurtherDocument("further-document") Warning {
        summary: "there is more than one YAML document in the file",
        why: "Akash reads the first document and ignores the rest without a word. A `---` in the middle of an SDL cuts it in \
            two.",
        refused_by: "nobody: what follows is lost.",
        source: "chain-sdk go/sdl/sdl.go:21, one Unmarshal",
        place: ExamplePlace::After,
        bad: r#"
            ---
            version: "2.0"
        "#,
        good: "# one document per file",
    }

    ExcessiveAliases("excessive-aliases") Error {
        summary: "too much of the document is written as aliases",
        why: "A few lines of aliases of aliases can expand to millions of nodes, so go-yaml gives up on a document that is \
            mostly aliases.",
        refused_by: "Akash's parser: `yaml: document contains excessive aliasing`.",
        source: "go-yaml v3.0.1 decode.go, allowedAliasRatio",
        place: ExamplePlace::Described("aliases of aliases, ten deep and ten wide"),
        bad: r"
            a: &a [x, x, x, x, x, x, x, x, x, x]
            b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
            c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
        ",
        good: "a list written out, or a loop of the template: {% for … %}",
    }

    AliasOfItself("alias-of-itself") Error {
        summary: "an alias is inside the value it refers to",
        why: "The value would never end. It usually happens when an anchor is moved up one level, so that it covers the line \
            that merges it.",
        refused_by: "Akash's parser: `yaml: anchor 'small' value contains itself`.",
        source: "go-yaml v3.0.1 decode.go, alias",
        place: ExamplePlace::Lines("profiles.compute"),
        bad: r"
            web: &small
              <<: *small
              resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}
        ",
        good: r"
            web: &small
              resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}
            large:
              <<: *small
        ",
    }

    BadMerge("bad-merge") Error {
        summary: "`<<` is not followed by a mapping",
        why: "A merge key takes the entries of a mapping, or of each mapping in a list that is written in place. It can't take \
            a text, nor an alias of a list.",
        refused_by: "Akash's parser: `yaml: map merge requires map or sequence of maps as the value`.",
        source: "go-yaml v3.0.1 decode.go, merge",
        place: ExamplePlace::Lines("services.web"),
        bad: "<<: defaults",
        good: "<<: {command: [run]}",
    }

    BadTag("bad-tag") Error {
        summary: "a value is not what its tag says",
        why: "A tag such as `!!int` or `!!binary` makes go-yaml read the text as that type. If it can't, the whole document \
            fails.",
        refused_by: "Akash's parser: `yaml: cannot decode …`.",
        source: "go-yaml v3.0.1 resolve.go",
        place: ExamplePlace::Lines("services.web"),
        bad: "image: !!int ghcr.io/team/app:1.0",
        good: "image: ghcr.io/team/app:1.0",
    }

    KeyNotText("key-not-text") Error {
        summary: "a key is a list or a mapping",
        why: "Every key of an SDL is a name. `{{ NAME }}` without quotes at the start of a value, or a `?`, makes a key of \
            something else.",
        refused_by: "Akash's parser: `cannot unmarshal !!seq into string`.",
        source: "go-yaml v3.0.1 decode.go, mapping",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r"
            attributes:
              [region]: eu
        ",
        good: r"
            attributes:
              region: eu
        ",
    }

    DuplicateKey("duplicate-key") Error {
        summary: "a mapping has the same key twice",
        why: "YAML allows each key once. Readers that let it pass keep one of the two values, and not all keep the same one.",
        refused_by: "Akash's parser: `mapping key \"image\" already defined`; Console.",
        source: "YAML 1.2.2 section 3.2.1.3; go-yaml v3.0.1 decode.go",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            image: ghcr.io/team/app:1.0
            image: ghcr.io/team/app:1.1
        ",
        good: "image: ghcr.io/team/app:1.1",
    }

    DuplicateSection("duplicate-section") Warning {
        summary: "a top-level section is there twice",
        why: "Akash merges the two sections without a word; Console refuses them. Readers of the file see only one of them at \
            a time.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/v2.go:259-309",
        place: ExamplePlace::Lines(""),
        bad: r"
            deployment:
              web: {akash: {profile: web, count: 1}}
            deployment:
              web: {akash: {profile: web, count: 2}}
        ",
        good: r"
            deployment:
              web: {akash: {profile: web, count: 2}}
        ",
    }

    UnknownSection("unknown-section") Error {
        summary: "a top-level key is not a section of an SDL",
        why: "Akash knows `version`, `include`, `services`, `profiles`, `deployment`, `endpoints` and `reclamation`. Unlike \
            other tools it has no `x-…` keys for anchors, and no merge keys at this level.",
        refused_by: "Akash's parser: `sdl: unexpected field x-env`; Console.",
        source: "chain-sdk go/sdl/v2.go:272-293",
        place: ExamplePlace::Lines(""),
        bad: r"
            x-env: &env [LEVEL=info]
            services:
              web:
                image: ghcr.io/team/app:1.0
                env: *env
                expose: [{port: 80, to: [{global: true}]}]
        ",
        good: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                env: &env [LEVEL=info]
                expose: [{port: 80, to: [{global: true}]}]
        ",
    }

    UnknownKey("unknown-key") Warning {
        summary: "a key is not known, so Akash ignores it",
        why: "Akash's parser skips keys it does not know. A typo means that the setting is simply not there: `environment:` \
            starts a container without its variables.",
        refused_by: "Akash's Console. Akash's parser loses the value without a word.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml, additionalProperties; go-yaml without KnownFields",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            environment:
              - LEVEL=info
        ",
        good: r"
            env:
              - LEVEL=info
        ",
    }

    UnusedKey("unused-key") Warning {
        summary: "a key has no effect where it is",
        why: "Akash reads `http_options` inside `to`, but uses only the one beside `port`.",
        refused_by: "Akash's Console. Akash's parser loses the value without a word.",
        source: "chain-sdk go/sdl/v2.go:169-177",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - port: 80
                to:
                  - global: true
                    http_options: {read_timeout: 30000}
        ",
        good: r"
            expose:
              - port: 80
                http_options: {read_timeout: 30000}
                to:
                  - global: true
        ",
    }

    WrongKind("wrong-kind") Error {
        summary: "a list, a mapping or a single value is where another is needed",
        why: "The usual causes are a missing `- `, and a text with `: ` in it, which YAML reads as a mapping unless it is in \
            quotes.",
        refused_by: "Akash's parser: `cannot unmarshal !!map into []string` and the like; Console.",
        source: "go-yaml v3.0.1 decode.go",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            env:
              LEVEL: info
        ",
        good: r"
            env:
              - LEVEL=info
        ",
    }

    NotANumber("not-a-number") Error {
        summary: "a value is not a whole number",
        why: "Ports, counts and timeouts are numbers, not texts: neither quotes nor units are allowed. A secret always becomes \
            text; `{{ NAME | int }}` or a plain variable, `{{ vars.NAME }}`, becomes a number.",
        refused_by: "Akash's parser: `cannot unmarshal !!str into uint32`; Console.",
        source: "chain-sdk go/sdl/v2.go:94-186; go-yaml v3.0.1 decode.go",
        place: ExamplePlace::Lines("deployment.web"),
        bad: "akash: {profile: web, count: \"1\"}",
        good: "akash: {profile: web, count: 1}",
    }

    NotAFlag("not-a-flag") Error {
        summary: "a value is neither true nor false",
        why: "A flag in quotes is a text, and `1` is a number. Akash accepts neither.",
        refused_by: "Akash's parser: `cannot unmarshal !!str into bool`; Console.",
        source: "go-yaml v3.0.1 decode.go",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            expose:
              - {port: 80, to: [{global: "true"}]}
        "#,
        good: r"
            expose:
              - {port: 80, to: [{global: true}]}
        ",
    }

    Size("size") Error {
        summary: "a value is not a size",
        why: "Akash reads a number followed by Ki, Mi, Gi, Ti, Pi, Ei or k, M, G, T, P, E: case counts, there is no `B`, and \
            no space. Most published SDLs that Akash rejects fail on this.",
        refused_by: "Akash's parser: `strconv.ParseFloat: parsing \"8gb\": invalid syntax`.",
        source: "chain-sdk go/sdl/units.go:122-154",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: r"
            memory:
              size: 8gb
        ",
        good: r"
            memory:
              size: 8Gi
        ",
    }

    NullValue("null-value") Warning {
        summary: "a key has no value",
        why: "Akash's parser takes a null for a missing key. Console refuses it.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: "attributes:",
        good: "attributes: {region: eu}",
    }

    NullItem("null-item") Warning {
        summary: "an item of a list has no value",
        why: "Akash drops the item, so the list is shorter than it looks: a word of `args` is gone, and all after it move up.",
        refused_by: "Akash's Console. Akash's parser drops the item without a word.",
        source: "go-yaml v3.0.1 decode.go, sequence",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            args:
              - --name
              -
        ",
        good: r#"
            args:
              - --name
              - ""
        "#,
    }

    UnquotedText("unquoted-text") Warning {
        summary: "a text without quotes reads as a number, a date or a boolean",
        why: "Akash takes the text as it is written; Console wants a string. And what looks like a number is easily changed on \
            the way: `1.10` becomes 1.1 in many tools.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml; go-yaml v3.0.1 resolve.go",
        place: ExamplePlace::Lines("services.web"),
        bad: "args: [--port, 8080]",
        good: "args: [--port, \"8080\"]",
    }

    FlagAsWord("flag-as-word") Warning {
        summary: "`yes`, `on` and the like are written for `true` or `false`",
        why: "Akash's parser takes the words of YAML 1.1 for flags. Console reads YAML 1.2, where they are texts, and refuses \
            them.",
        refused_by: "Akash's Console.",
        source: "go-yaml v3.0.1 decode.go; YAML 1.2.2 section 10.3.2",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - {port: 80, to: [{global: yes}]}
        ",
        good: r"
            expose:
              - {port: 80, to: [{global: true}]}
        ",
    }

    FractionCut("fraction-cut") Warning {
        summary: "a whole number is written with a fraction",
        why: "Akash drops the fraction without a word: `count: 1.5` is one replica.",
        refused_by: "Akash's Console. Akash's parser drops the fraction.",
        source: "go-yaml v3.0.1 decode.go, scalar",
        place: ExamplePlace::Lines("deployment.web"),
        bad: "akash: {profile: web, count: 1.5}",
        good: "akash: {profile: web, count: 2}",
    }
    } };
}
