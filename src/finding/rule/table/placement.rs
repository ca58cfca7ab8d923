//! Rules on placements and prices.

macro_rules! placement {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    PlacementName("placement-name") Error {
        summary: "a placement has no name",
        why: "The name becomes the name of the group of resources on the chain, which can't be empty.",
        refused_by: "Akash's parser.",
        source: "chain-sdk go/node/deployment/v1beta4/group_validation.go",
        place: ExamplePlace::Lines(""),
        bad: r#"
            profiles:
              compute:
                web:
                  resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}
              placement: {"": {pricing: {web: {denom: uact, amount: 1000}}}}
            deployment:
              web: {"": {profile: web, count: 1}}
        "#,
        good: r"
            profiles:
              compute:
                web:
                  resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
            deployment:
              web: {akash: {profile: web, count: 1}}
        ",
    }

    Denom("denom") Error {
        summary: "the denomination of a price is missing or malformed",
        why: "Akash's parser does not expect this: it crashes instead of giving an error.",
        refused_by: "Akash's parser, with a crash: `invalid denom: u!`; Console.",
        source: "chain-sdk go/sdl/coin.go; Cosmos SDK types/coin.go",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r"
            pricing:
              web: {denom: u!, amount: 1000}
        ",
        good: r"
            pricing:
              web: {denom: uact, amount: 1000}
        ",
    }

    DenomConsole("denom-console") Warning {
        summary: "the denomination of a price is one that Console does not know",
        why: "Console accepts `uact`, `uakt` and IBC denominations.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml, denom",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r"
            pricing:
              web: {denom: uusd, amount: 1000}
        ",
        good: r"
            pricing:
              web: {denom: uact, amount: 1000}
        ",
    }

    DenomMixed("denom-mixed") Error {
        summary: "prices are in different denominations",
        why: "A deployment has one deposit, in one denomination, and all its prices are in the same one. Two within a \
            placement crash Akash's parser.",
        refused_by: "Akash's parser: `inconsistent group denomination: uakt != uact`.",
        source: "chain-sdk go/node/deployment/v1beta4/group_validation.go; groupspec.go:181",
        place: ExamplePlace::Lines(""),
        bad: r#"
            services:
              web: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, to: [{global: true}]}]}
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}}
              placement:
                east: {pricing: {web: {denom: uact, amount: 1000}}}
                west: {pricing: {web: {denom: uakt, amount: 1000}}}
            deployment:
              web: {east: {profile: web, count: 1}, west: {profile: web, count: 1}}
        "#,
        good: r#"
            services:
              web: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, to: [{global: true}]}]}
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}}
              placement:
                east: {pricing: {web: {denom: uact, amount: 1000}}}
                west: {pricing: {web: {denom: uact, amount: 1000}}}
            deployment:
              web: {east: {profile: web, count: 1}, west: {profile: web, count: 1}}
        "#,
    }

    PriceMissing("price-missing") Error {
        summary: "a price is empty",
        why: "Akash's parser does not expect this: it crashes instead of giving an error.",
        refused_by: "Akash's parser, with a crash; Console.",
        source: "chain-sdk go/sdl/coin.go",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r"
            pricing:
              web:
        ",
        good: r"
            pricing:
              web: {denom: uact, amount: 1000}
        ",
    }

    PriceAmount("price-amount") Error {
        summary: "the amount of a price is missing or can't be read",
        why: "An amount is a plain decimal number with at most 18 decimal places: no exponent, no underscore, no unit.",
        refused_by: "Akash's parser: `failed to set decimal string with base 10: 1e3000000000000000000`.",
        source: "chain-sdk go/sdl/coin.go; cosmossdk.io/math LegacyNewDecFromStr",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r"
            pricing:
              web: {denom: uact, amount: 1e3}
        ",
        good: r"
            pricing:
              web: {denom: uact, amount: 1000}
        ",
    }

    PriceForm("price-form") Warning {
        summary: "a price is in a form that Console refuses",
        why: "Akash's parser reads a sign before the number. Console wants digits only.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml, amount",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r#"
            pricing:
              web: {denom: uact, amount: "+1000"}
        "#,
        good: r"
            pricing:
              web: {denom: uact, amount: 1000}
        ",
    }

    PriceZero("price-zero") Error {
        summary: "a price is zero",
        why: "The price is the most you are willing to pay per block. No provider works for nothing, and the chain refuses it.",
        refused_by: "Akash's parser: `invalid coin amount: amount is zero`.",
        source: "chain-sdk go/sdl/coin.go",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r"
            pricing:
              web: {denom: uact, amount: 0}
        ",
        good: r"
            pricing:
              web: {denom: uact, amount: 1000}
        ",
    }

    PriceNegative("price-negative") Error {
        summary: "a price is negative",
        why: "The price is the most you are willing to pay per block.",
        refused_by: "Akash's parser: `invalid: negative value not allowed`.",
        source: "chain-sdk go/sdl/coin.go",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r"
            pricing:
              web: {denom: uact, amount: -1000}
        ",
        good: r"
            pricing:
              web: {denom: uact, amount: 1000}
        ",
    }

    PriceCap("price-cap") Error {
        summary: "a price is above Akash's limit",
        why: "A unit may cost at most 10,000,000 per block. Prices are in millionths: 1,000,000 uact are 1 ACT.",
        refused_by: "Akash's parser: `error: invalid unit price (10000000 > 10000001.000000000000000000uakt fails)`.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunit.go, validatePricing",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r"
            pricing:
              web: {denom: uact, amount: 100000000}
        ",
        good: r"
            pricing:
              web: {denom: uact, amount: 1000}
        ",
    }
    } };
}
