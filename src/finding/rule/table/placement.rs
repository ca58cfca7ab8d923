//! Rules on placements and prices.

macro_rules! placement {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    PlacementName("placement-name") Error {
        summary: "a placement has no name",
    }
    Denom("denom") Error {
        summary: "a price's denomination is not in order",
    }
    DenomConsole("denom-console") Warning {
        summary: "Console does not know a price's denomination",
    }
    DenomMixed("denom-mixed") Error {
        summary: "the prices of a placement are in several denominations",
    }
    PriceMissing("price-missing") Error {
        summary: "a price is empty",
    }
    PriceAmount("price-amount") Error {
        summary: "a price has no amount that can be read",
    }
    PriceForm("price-form") Warning {
        summary: "Console does not take a price as it is written",
    }
    PriceZero("price-zero") Error {
        summary: "a price is zero",
    }
    PriceNegative("price-negative") Error {
        summary: "a price is negative",
    }
    PriceCap("price-cap") Error {
        summary: "a price is above Akash's limit",
    }

    } };
}
