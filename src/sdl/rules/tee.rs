//! Trusted execution: `params.tee`, `go/sdl/tee.go` and `groupBuilder_v2.go:58-83`.

use rustc_hash::FxHashMap as HashMap;

use crate::finding::Rule;
use crate::sdl::Sdl;
use crate::sdl::reporter::{Reporter, Step, ticks};

/// Checks the `tee` of deployed services: a known type, GPUs for `cpu-gpu`, one type per placement.
pub(super) fn check<'t>(report: &mut Reporter<'t>, sdl: &Sdl<'t>) {
    if sdl.services.entries.iter().all(|(_, service)| service.params.is_none()) {
        return;
    }
    let mut types: HashMap<&str, &str> = HashMap::default();
    for (key, placements) in &sdl.deployment.entries {
        let Some(tee) = sdl.services.get(key.name).and_then(|service| service.params.as_ref()).map(|params| params.tee) else {
            continue;
        };
        let (Some(node), Some(text)) = (tee.node, tee.value) else { continue };
        for (placement, deployed) in &placements.entries {
            report.under(
                &[Step::Key("services"), Step::Key(key.name), Step::Key("params"), Step::Key("tee")],
                |report| match text {
                    "cpu" | "cpu-gpu" => {
                        let gpus = deployed.profile.value.and_then(|profile| sdl.profiles.compute.get(profile)).map(|compute| {
                            let resources = compute.resources.as_ref();
                            let gpu = resources.and_then(|resources| resources.gpu.as_ref());
                            compute.unknown || gpu.is_some_and(|gpu| gpu.units.value != Some(0))
                        });
                        if text == "cpu-gpu" && gpus == Some(false) {
                            let help = "add `gpu:` to the profile, or write `cpu`";
                            report.add(Rule::TeeWithoutGpu, node, "`cpu-gpu` needs GPUs, and the profile has none", help);
                        }
                        if *types.entry(placement.name).or_insert(text) != text {
                            let message =
                                format!("services on the placement {} use both `cpu` and `cpu-gpu`", ticks(placement.name));
                            report.add(Rule::TeeMixed, node, &message, "use one of them per placement");
                        }
                    }
                    "" => report.add(Rule::TeeEmpty, node, "Console refuses an empty `tee`", "remove it"),
                    _ => {
                        let message = format!("Akash does not support the trusted execution {}", report.quote(node));
                        report.add(Rule::Tee, node, &message, "write `cpu` or `cpu-gpu`");
                    }
                },
            );
        }
    }
}
