//! What the rules cost on a large document: `cargo test --release --test it sdl::speed -- --ignored --nocapture`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::sdl::check;
use crate::splice::View;
use crate::yaml::tree::Tree;

/// A sound document of some `megabytes`, in services of the usual shape.
fn large(megabytes: usize) -> String {
    let (mut services, mut deployment) = (String::new(), String::new());
    let mut number = 0;
    while services.len() + deployment.len() < megabytes << 20 {
        number += 1;
        let _ = write!(services, "  web{number}:\n    image: ghcr.io/o/web:{number}\n    env:\n");
        for variable in 0..12 {
            let _ = writeln!(services, "      - VARIABLE_{variable}=value of variable {variable} of service {number}");
        }
        let _ = write!(services, "    expose:\n      - port: 8080\n        as: 80\n        to:\n          - global: true\n");
        let _ = write!(deployment, "  web{number}:\n    akash{number}:\n      profile: web\n      count: 1\n");
    }
    let resources = "{cpu: {units: 1}, memory: {size: 1Gi}, storage: {size: 1Gi}}";
    let mut placement = String::new();
    for number in 1..=number {
        let _ = writeln!(placement, "    akash{number}: {{pricing: {{web: {{denom: uact, amount: 1}}}}}}");
    }
    format!(
        "version: \"2.0\"\nservices:\n{services}profiles:\n  compute:\n    web: {{resources: {resources}}}\n  placement:\n{placement}deployment:\n{deployment}"
    )
}

fn fastest(mut work: impl FnMut()) -> Duration {
    (0..5)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

#[test]
#[ignore = "a measurement"]
fn what_a_large_document_costs() {
    for megabytes in [1, 10] {
        let text = large(megabytes);
        let tree = Tree::read(&text).expect("YAML");
        assert_eq!(check(&View::of(&tree)), []);
        let read = fastest(|| drop(Tree::read(&text)));
        let rules = fastest(|| drop(check(&View::of(&tree))));
        let _ = writeln!(std::io::stderr(), "{} bytes: read in {read:?}, checked in {rules:?}", text.len());
    }
}
