//! `profiles.placement.NAME.pricing.PROFILE`: `go/sdl/coin.go`, the decimals of cosmossdk.io/math and the denominations of the Cosmos SDK.

use crate::finding::Rule;
use crate::tree::{Id, Kind};

use super::decode::{Decoder, Key, Null, Want};
use super::report::Report;
use super::resolve::{Value, resolve};
use super::value::{Field, Part};

/// The highest price, in units of 10⁻¹⁸.
const CAP: u128 = 10_000_000 * 10_u128.pow(18);

/// What a unit may cost a block.
#[derive(Debug, Default)]
pub(super) struct Coin<'t> {
    /// Go made no coin of it: its value is null.
    pub(super) null: bool,
    pub(super) amount: Field<&'t str>,
    pub(super) denom: Field<&'t str>,
    /// It is more than Akash allows.
    dear: bool,
}

impl Part for Coin<'_> {
    fn unknown() -> Self {
        Self { null: false, amount: Field::unknown_anywhere(), denom: Field::unknown_anywhere(), dear: false }
    }
}

pub(super) fn coin<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, value: Id) -> Coin<'t> {
    if decoder.is_null(value) {
        return Coin { null: true, ..Coin::unknown() };
    }
    let mapping = decoder.tree.kind(value) == Kind::Mapping;
    let known = ["amount", "denom"];
    let mut coin = decoder.fields(value, "a mapping", Null::Fine, &known, |decoder, coin: &mut Coin<'t>, key, value| {
        if key.name == "amount" {
            coin.amount = decoder.text(value, Want::Any);
        } else {
            coin.denom = decoder.text(value, Want::Text);
        }
    });
    if mapping {
        amount(decoder, at, &mut coin);
        denomination(decoder, at, &mut coin);
    }
    coin
}

fn amount<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, coin: &mut Coin<'t>) {
    let Some(text) = coin.amount.value else { return };
    let node = coin.amount.node.unwrap_or(at.id);
    let problem = match decimal(text) {
        Ok((_, 0)) => (Rule::PriceZero, "a price of zero is refused", "write a price above 0"),
        Ok((true, _)) => (Rule::PriceNegative, "a price can't be negative", "write a price above 0"),
        Ok((false, atto)) => {
            coin.dear = atto > CAP;
            let number = matches!(resolve(decoder.tree, node), Ok(Value::Integer(_) | Value::Float(_)));
            if !number && !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
                decoder.report.add(
                    Rule::PriceForm,
                    node,
                    "Console does not take this price",
                    "write digits, with a fraction if need be",
                );
            }
            return;
        }
        Err("") => (Rule::PriceAmount, "the price has no amount", "add `amount:`, such as `amount: 10000`"),
        Err(help) => (Rule::PriceAmount, "this is not a decimal number that Akash takes", help),
    };
    decoder.report.add(problem.0, node, problem.1, problem.2);
}

/// 2³¹⁵, above which `math.LegacyDec` holds no number.
const BEYOND: &str = "66749594872528440074844428317798503581334516323645399060845050244444366430645017188217565216768";

/// cosmossdk.io/math `LegacyNewDecFromStr`: whether it is negative, and its size in units of 10⁻¹⁸; the reason if it is none.
fn decimal(text: &str) -> Result<(bool, u128), &'static str> {
    let (minus, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    if text.is_empty() {
        return Err("");
    }
    let mut parts = text.split('.');
    let (whole, fraction) = (parts.next().unwrap_or(""), parts.next());
    if parts.next().is_some() {
        return Err("write one point at most");
    }
    if fraction.is_some_and(|fraction| fraction.is_empty() || whole.is_empty()) {
        return Err("write digits before and behind the point");
    }
    let fraction = fraction.unwrap_or("");
    if fraction.len() > 18 {
        return Err("write at most 18 digits behind the point");
    }
    // Go's big.Int takes a sign of its own.
    let (again, digits) = match whole.as_bytes().first() {
        Some(b'-') => (true, &whole[1..]),
        Some(b'+') => (false, &whole[1..]),
        _ => (false, whole),
    };
    if !digits.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err("write digits alone: no exponent, `_`, unit or space");
    }
    let combined = format!("{digits}{fraction}{}", "0".repeat(18 - fraction.len()));
    let combined = combined.trim_start_matches('0');
    if combined.len() > BEYOND.len() || combined.len() == BEYOND.len() && combined >= BEYOND {
        return Err("write a smaller number");
    }
    let size = if combined.is_empty() { 0 } else { combined.parse().unwrap_or(u128::MAX) };
    Ok((minus != again, size))
}

fn denomination<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, coin: &mut Coin<'t>) {
    let Some(text) = coin.denom.value else { return };
    let node = coin.denom.node.unwrap_or(at.id);
    if !is_denomination(text) {
        let message = match coin.denom.node {
            Some(node) if !text.is_empty() => {
                format!("{} is no denomination: Akash's parser crashes", decoder.report.quote(node))
            }
            _ => "the price has no denomination: Akash's parser crashes".to_owned(),
        };
        decoder.report.add(Rule::Denom, node, &message, "write `denom: uact` or `denom: uakt`");
        coin.denom.value = None;
    } else if !matches!(text, "uakt" | "uact") && !text.starts_with("ibc/") {
        let message = format!("Console knows no denomination {}", decoder.report.quote(node));
        decoder.report.add(Rule::DenomConsole, node, &message, "write `uact` or `uakt`");
    }
}

/// The Cosmos SDK's `[a-zA-Z][a-zA-Z0-9/:._-]{2,127}`.
fn is_denomination(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"/:._-".contains(&byte);
    (3..=128).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(inner)
}

/// What is asked of a price that a deployment uses: `resourceunit.go` `validatePricing`.
pub(super) fn check<'t>(report: &mut Report<'t>, key: Key<'t>, coin: &Coin<'t>) {
    if coin.null {
        let help = "give it `denom:` and `amount:`";
        report.add(Rule::PriceMissing, key.id, "the price is empty: Akash's parser crashes", help);
    }
    if let Some(node) = coin.amount.node.filter(|_| coin.dear) {
        report.add(Rule::PriceCap, node, "the price is above Akash's limit", "write at most 10000000");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_as_cosmos_reads_them() {
        let one = 10_u128.pow(18);
        for (text, read) in [
            ("1", (false, one)),
            ("+1", (false, one)),
            ("--1", (false, one)),
            ("-1", (true, one)),
            ("-+1", (true, one)),
            ("0.5", (false, one / 2)),
            ("00", (false, 0)),
        ] {
            assert_eq!(decimal(text), Ok(read), "{text}");
        }
        assert_eq!(decimal(&"9".repeat(70)), Ok((false, u128::MAX)));
        for text in ["", "-", ".5", "5.", "1e3", "1_000", "0x10", "1.2.3", " 1", "1.0000000000000000000", "1.-5", "٣"] {
            assert!(decimal(text).is_err(), "{text}");
        }
        assert!(decimal(&"9".repeat(78)).is_err());
    }
}
