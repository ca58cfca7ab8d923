//! A price that a deployment uses: `validatePricing` in `go/node/deployment/v1beta4/resourceunit.go`.

use crate::finding::Rule;
use crate::sdl::decode::Key;
use crate::sdl::model::price::Price;
use crate::sdl::reporter::Reporter;

pub(super) fn price<'t>(report: &mut Reporter<'t>, key: Key<'t>, price: &Price<'t>) {
    if price.null {
        let message = "the price is empty, which crashes Akash's parser";
        report.add(Rule::PriceMissing, key.id, message, "give it `denom:` and `amount:`");
    }
    if let Some(node) = price.amount.node.filter(|_| price.above_cap) {
        report.add(Rule::PriceCap, node, "the price is above Akash's limit", "write at most 10000000");
    }
}
