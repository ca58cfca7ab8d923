//! Rules on how a document is read.

macro_rules! yaml {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    NotYaml("not-yaml") Error {
        summary: "the document is not YAML",
    }
    EmptyDocument("empty-document") Error {
        summary: "the document is empty",
    }
    YamlDirective("yaml-directive") Error {
        summary: "Akash refuses a `%YAML` directive of another version",
    }
    FurtherDocument("further-document") Warning {
        summary: "Akash reads the first YAML document alone",
    }
    ExcessiveAliases("excessive-aliases") Error {
        summary: "aliases stand for too large a part of the document",
    }
    AliasOfItself("alias-of-itself") Error {
        summary: "an alias is inside the value it stands for",
    }
    BadMerge("bad-merge") Error {
        summary: "`<<` does not stand with a mapping",
    }
    BadTag("bad-tag") Error {
        summary: "a value can't be what its tag says",
    }
    KeyNotText("key-not-text") Error {
        summary: "a key is no text",
    }
    DuplicateKey("duplicate-key") Error {
        summary: "a key stands twice in a mapping",
    }
    DuplicateSection("duplicate-section") Warning {
        summary: "a top-level section stands twice",
    }
    UnknownSection("unknown-section") Error {
        summary: "a top-level key is not known",
    }
    UnknownKey("unknown-key") Warning {
        summary: "Akash ignores a key that it does not know, and Console refuses it",
    }
    UnusedKey("unused-key") Warning {
        summary: "a key has no effect where it stands",
    }
    WrongKind("wrong-kind") Error {
        summary: "a list, a mapping or a single value stands where another kind is needed",
    }
    NotANumber("not-a-number") Error {
        summary: "a value is not a whole number",
    }
    NotAFlag("not-a-flag") Error {
        summary: "a value is neither true nor false",
    }
    Size("size") Error {
        summary: "a value is not a size",
    }
    NullValue("null-value") Warning {
        summary: "Console refuses a key without a value",
    }
    NullItem("null-item") Warning {
        summary: "Akash drops an item without a value",
    }
    UnquotedText("unquoted-text") Warning {
        summary: "Console takes a text without quotes for a number, a date or a truth value",
    }
    FlagAsWord("flag-as-word") Warning {
        summary: "Console takes `yes`, `on` and the like for text",
    }
    FractionCut("fraction-cut") Warning {
        summary: "Akash cuts the fraction of a number off",
    }

    } };
}
