//! `profiles.placement.NAME.pricing.PROFILE`: `go/sdl/coin.go`, and the denominations of the Cosmos SDK.

use crate::finding::Rule;
use crate::go::decimal::decimal;
use crate::sdl::decode::node::is_number;
use crate::sdl::decode::{Decoded, Decoder, Field, Fields, Key, Mapping, Null, Want};
use crate::yaml::tree::{Id, NodeKind};

/// The highest price, in units of 10⁻¹⁸.
const CAP: u128 = 10_000_000 * 10_u128.pow(18);

/// The most that a unit may cost per block.
#[derive(Debug, Default)]
pub(crate) struct Price<'t> {
    /// It is null, of which Go makes no coin.
    pub(crate) null: bool,
    pub(crate) amount: Field<&'t str>,
    pub(crate) denom: Field<&'t str>,
    /// It is above Akash's limit.
    pub(crate) above_cap: bool,
}

impl<'t> Mapping<'t> for Price<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("amount", |decoder, price, _, value| price.amount = decoder.text(value, Want::Any)),
        ("denom", |decoder, price, _, value| price.denom = decoder.text(value, Want::Text)),
    ];
}

impl Decoded for Price<'_> {
    fn unknown() -> Self {
        Self { null: false, amount: Field::unknown_anywhere(), denom: Field::unknown_anywhere(), above_cap: false }
    }
}

pub(super) fn price<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, value: Id) -> Price<'t> {
    if decoder.is_null(value) {
        return Price { null: true, ..Price::unknown() };
    }
    let mut price = decoder.mapping(value, Null::Fine);
    if decoder.tree.kind(value) == NodeKind::Mapping {
        amount(decoder, at, &mut price);
        denomination(decoder, at, &mut price);
    }
    price
}

fn amount<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, price: &mut Price<'t>) {
    let Some(text) = price.amount.value else { return };
    let node = price.amount.node.unwrap_or(at.id);
    let (rule, message, help) = match decimal(text) {
        Ok((_, 0)) => (Rule::PriceZero, "a price must not be zero", "write a price above 0"),
        Ok((true, _)) => (Rule::PriceNegative, "a price can't be negative", "write a price above 0"),
        Ok((false, atto)) => {
            price.above_cap = atto > CAP;
            if is_number(decoder.tree, node) || text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
                return;
            }
            let message = "Console does not accept this form of a price";
            (Rule::PriceForm, message, "write digits, with a decimal point if need be")
        }
        Err("") => (Rule::PriceAmount, "the price has no amount", "add `amount:`, such as `amount: 10000`"),
        Err(help) => (Rule::PriceAmount, "this is not a decimal number that Akash accepts", help),
    };
    decoder.report.add(rule, node, message, help);
}

fn denomination<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, price: &mut Price<'t>) {
    let Some(text) = price.denom.value else { return };
    let node = price.denom.node.unwrap_or(at.id);
    if !is_denomination(text) {
        let message = match price.denom.node {
            Some(node) if !text.is_empty() => {
                format!("{} is not a denomination, and crashes Akash's parser", decoder.report.quote(node))
            }
            _ => "the price has no denomination, which crashes Akash's parser".to_owned(),
        };
        decoder.report.add(Rule::Denom, node, &message, "write `denom: uact` or `denom: uakt`");
        price.denom.value = None;
    } else if !matches!(text, "uakt" | "uact") && !text.starts_with("ibc/") {
        let message = format!("Console does not know the denomination {}", decoder.report.quote(node));
        decoder.report.add(Rule::DenomConsole, node, &message, "write `uact` or `uakt`");
    }
}

/// The Cosmos SDK's `[a-zA-Z][a-zA-Z0-9/:._-]{2,127}`.
fn is_denomination(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"/:._-".contains(&byte);
    (3..=128).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(inner)
}
