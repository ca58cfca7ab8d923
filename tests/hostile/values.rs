//! Values that would hurt a document if they were pasted into it.

/// Short values, one danger each.
const SHORT: &[&str] = &[
    // Indicators, alone and before text.
    "-", "?", ":", ",", "[", "]", "{", "}", "#", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "=", "~", "<<",
    "*a", "&a", "&a b", "!tag", "!!int 5", "!", "- a", "? a", "a: b", ": b", "a:", "[a", "[a, b]", "{a", "{a: b}", "a, b",
    "| a", "> a", "|-", "%YAML 1.2", "%YAML", "%TAG ! x", "---", "--- a", "...", "... a", "@a", "`a`",
    // Quotes, backslashes, comments.
    "''", "\"\"", "it's", "say \"hi\"", "'a'", "\"a\"", "a'", "a\"", "\\", "\\\\", "a\\", "\\n", "\\x41", "\\u0041", "\\\"", "\\'",
    "a # b", "# a", " #", "a #", "a\t#b", "a#b", "a : b", "a :", "%41", "C:\\dir\\new",
    // White space.
    " ", "  ", " a", "a ", "  a  ", "\t", "\ta", "a\t", "a\tb", " \t ", "a  b",
    // Line breaks.
    "\n", "\n\n", "\r", "\r\n", "a\nb", "a\n", "\na", "a\n\n", "\n\na", "a\n\nb", "a\rb", "a\r", "\ra", "a\r\nb", "a\r\n", "a \nb", "a\n b",
    "a\n  b\n c", "a\n\tb", "\n a", " \n", " \na", "\t\na", "a\n ", "a\n\t", "a\n \nb", "a\\\nb", "a\n# b", "a\n- b", "a\nb: c", "a\n---\nb",
    "a\n...\nb", "---\na", "- a\n- b\n", "a: b\nc: d\n", "%YAML 1.1\n---\n",
    // What templates and shells read.
    "{{ x }}", "{{ X }}", "{{", "}}", "{% raw %}", "{% endraw %}", "{# x #}", "{{ 1 + 1 }}", "${X}", "$X", "`id`", "$((1+1))",
    // What Kubernetes reads.
    "$", "$$", "$$$", "$$$$", "$(X)", "$$(X)", "$$$(X)", "$(X", "$(", "a$", "a$$", "(X)", "(", ")", "$)", "$(a)$(b)", "$ (X)", "$a$",
    "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "$é", "a$\u{1f600}", "é$", "$é$(X)", "$\n(X)", "$\u{85}",
    // Words and numbers that YAML 1.1 or 1.2 types.
    "null", "Null", "NULL", "true", "True", "false", "yes", "no", "on", "off", "y", "n", "0", "-1", "+1", "0123", "0o17", "0x1F", "0b101", "1e5",
    "1_000", "1.5", ".5", "-.inf", ".inf", ".nan", ".NaN", "12:30:45", "2001-01-01", "2001-12-14t21:59:43.10-05:00", "685_230.15", "1.", "_",
    // Characters.
    "\u{1}", "\u{7}", "\u{8}", "\u{b}", "\u{c}", "\u{1b}[31mred", "\u{1f}", "\u{7f}", "\u{80}", "\u{85}", "a\u{85}b", "\u{9f}", "\u{a0}", "\u{ad}",
    "\u{2028}", "\u{2029}", "a\u{2028}b\u{2029}", "\u{200b}", "\u{202e}abc", "\u{feff}", "\u{feff}a", "a\u{feff}b", "\u{fffd}", "\u{fffe}", "\u{ffff}",
    "\u{e000}", "\u{d7ff}", "\u{10ffff}", "\u{1fffe}", "😀", "👩‍👩‍👧", "e\u{301}", "\u{301}", "é", "パスワード", "пароль",
    // What languages of the readers would trip over.
    "__proto__", "constructor", "toString", "hasOwnProperty", "=cmd", "%s%n", "<script>", "Tok", "xTok", "ZZZZ",
];

const SERVICE_ACCOUNT_KEY: &str = r#"{
  "type": "service_account",
  "project_id": "example",
  "private_key_id": "0123456789abcdef0123456789abcdef01234567",
  "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n",
  "client_email": "puller@example.iam.example.com",
  "client_id": "1",
  "universe_domain": "example.com"
}
"#;

const PEM: &str = "-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBj08sp5++4anG
cmQxJjAkBgNVBAoTHVByb2dyZXNzIFNvZnR3YXJlIENvcnBvcmF0aW9uMSAwHgYD
Ix2kA4U=
-----END PRIVATE KEY-----
";

/// Every hostile value; none is empty and none holds a NUL.
pub(crate) fn hostile() -> Vec<String> {
    let mut values: Vec<String> = SHORT.iter().map(|value| (*value).to_owned()).collect();
    values.extend([
        SERVICE_ACCOUNT_KEY.to_owned(),
        SERVICE_ACCOUNT_KEY.trim_end().to_owned(),
        PEM.to_owned(),
        PEM.trim_end().to_owned(),
        PEM.replace('\n', "\r\n"),
        // Longer than a simple key may be, and than a line that an emitter would fold.
        "a".repeat(5 * 1024),
        "a b: c # d ".repeat(500),
        "'\"\\".repeat(400),
        (1..=0x7f).filter_map(char::from_u32).collect(),
        "line\n".repeat(200),
    ]);
    values
}
