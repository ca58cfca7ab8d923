//! Events with exact byte spans, from granit-parser.

use granit_parser::{Event as Parsed, Options, Parser, ScalarStyle, Span, StructureStyle};

use super::{At, Event, Extent, NotYaml, Properties, Reach, Sink, Style, Tag};

/// The parser's settings. A block scalar at the end of the file ends as it does for go-yaml.
fn options() -> Options {
    granit_parser::options! { emit_anchor_events: true, block_scalar_eof_without_line_feed: true, emit_comments: false }
}

/// Sends the events of `text` up to `reach` to `sink`.
///
/// # Errors
/// When the text is not YAML.
pub(super) fn read<'d>(text: &'d str, reach: Reach, sink: &mut dyn Sink<'d>) -> Result<Extent, NotYaml> {
    let (mut end, mut further) = (None, None);
    for next in Parser::new_from_str_with_options(text, options()) {
        match (next, end.filter(|_| reach == Reach::First)) {
            (Ok((Parsed::StreamEnd, _)), _) => break,
            (Ok((_, span)), Some(end)) => return Ok(Extent { end, further: Some(At::from(span).range.start) }),
            (Err(error), Some(end)) => return Ok(Extent { end, further: Some(not_yaml(text, &error).offset.max(end)) }),
            (Err(error), None) => return Err(not_yaml(text, &error)),
            // It has a length only if it is written, as `...`.
            (Ok((Parsed::DocumentEnd, span)), None) => end = end.or(Some(At::from(span).range.end)),
            (Ok((Parsed::DocumentStart(..), span)), None) if end.is_some() => {
                further = further.or(Some(At::from(span).range.start))
            }
            (Ok((parsed, span)), None) => give(text, parsed, span, sink),
        }
    }
    Ok(Extent { end: end.filter(|_| further.is_none()).unwrap_or(text.len()), further })
}

fn not_yaml(text: &str, error: &granit_parser::ScanError) -> NotYaml {
    NotYaml {
        offset: error.marker().byte_offset().unwrap_or(0).min(text.len()),
        message: error.info().to_owned(),
        unknown_alias: matches!(error.kind(), granit_parser::ErrorKind::UnknownAnchor),
    }
}

fn give<'d>(text: &str, parsed: Parsed<'d>, span: Span, sink: &mut dyn Sink<'d>) {
    let mut at = At::from(span);
    if matches!(parsed, Parsed::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..)) {
        // The parser's span ends inside the next line's indentation.
        let content = text[at.range.clone()].trim_end_matches(' ');
        if content.ends_with('\n') {
            at.range.end = at.range.start + content.len();
        }
    } else {
        at.indent = 0;
    }
    let own = |tag: &granit_parser::Tag| Tag(format!("{}{}", tag.handle(), tag.suffix()).into());
    let properties = |anchor, tag: Option<&granit_parser::Tag>| Properties { anchor, tag: tag.map(own) };
    let event = match parsed {
        // For a scalar that is left out, the parser reports `~`.
        Parsed::Scalar(_, ScalarStyle::Plain, anchor, tag) if at.range.is_empty() => {
            Event::Scalar { value: "".into(), style: Style::Plain, properties: properties(anchor, tag.as_deref()) }
        }
        Parsed::Scalar(value, style, anchor, tag) => {
            Event::Scalar { value, style: style.into(), properties: properties(anchor, tag.as_deref()) }
        }
        Parsed::SequenceStart(style, anchor, tag) => {
            Event::Start { mapping: false, flow: style == StructureStyle::Flow, properties: properties(anchor, tag.as_deref()) }
        }
        Parsed::MappingStart(style, anchor, tag) => {
            Event::Start { mapping: true, flow: style == StructureStyle::Flow, properties: properties(anchor, tag.as_deref()) }
        }
        Parsed::SequenceEnd | Parsed::MappingEnd => Event::End,
        Parsed::Alias(anchor) => Event::Alias(anchor),
        Parsed::Anchor(_, name) => Event::Anchor(name),
        _ => return,
    };
    sink.event(event, at);
}

impl From<Span> for At {
    fn from(span: Span) -> Self {
        let tag = span.tag_span().and_then(|tag| tag.byte_range()).unwrap_or(0..0);
        Self { range: span.byte_range().unwrap_or(0..0), tag, indent: span.indent.unwrap_or(0) }
    }
}

impl From<ScalarStyle> for Style {
    fn from(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::SingleQuoted => Self::Single,
            ScalarStyle::DoubleQuoted => Self::Double,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
            ScalarStyle::Plain => Self::Plain,
        }
    }
}
