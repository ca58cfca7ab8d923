//! Where a service mounts the volumes of its profile: `go/sdl/v2.go:461-536`, `v2_1.go:243-329`.

use rustc_hash::FxHashMap as HashMap;

use crate::finding::Rule;

use crate::sdl::Version;
use crate::sdl::decode::Key;
use crate::sdl::model::compute::Compute;
use crate::sdl::model::service::Service;
use crate::sdl::model::storage::DEFAULT;
use crate::sdl::reporter::{Reporter, Step, ticks};
use crate::splice::View;

use super::unknown_name;

pub(super) fn check<'t>(
    report: &mut Reporter<'t>,
    tree: &View<'_>,
    version: Option<Version>,
    (key, service): (Key<'t>, &Service<'t>),
    compute: &Compute<'t>,
) {
    let Some(resources) = &compute.resources else { return };
    let volumes = &resources.storage;
    let unknown = volumes.unknown || volumes.items.iter().any(|volume| volume.name.value.is_none());
    let params = service.params.as_ref();
    let mut taken: HashMap<&str, &str> = HashMap::default();
    for (name, mount) in params.iter().flat_map(|params| &params.storage.entries) {
        report.under(&path(key, name.name), |report| {
            let volume = volumes.items.iter().find(|volume| volume.name.value == Some(name.name));
            if volume.is_none() && !unknown {
                let message = format!("the profile has no volume {}", ticks(name.name));
                let names = volumes.items.iter().filter(|volume| volume.name.node.is_none_or(|node| !tree.is_filled_in(node)));
                let names: Vec<&str> = names.filter_map(|volume| volume.name.value).collect();
                report.add(
                    Rule::VolumeUnknown,
                    name.id,
                    &message,
                    &unknown_name(report, name.name, names.into_iter(), "the profile's `storage`, as the `name:` of a volume"),
                );
            }
            if volume.is_some_and(|volume| !volume.named) && name.name == DEFAULT {
                let help = "add `name: default` to the volume";
                report.add(Rule::VolumeUnnamed, name.id, "Console does not find the volume, which has no name", help);
            }
            if let Some(path) = mount.path.value {
                let node = mount.path.node.unwrap_or(name.id);
                if !path.starts_with('/') {
                    report.add(
                        Rule::MountNotAbsolute,
                        node,
                        "the mount path is not absolute",
                        "write `mount:` with a path that begins with `/`",
                    );
                } else if let Some(other) = taken.insert(path, name.name) {
                    let message = format!("the volume {} is already mounted there", ticks(other));
                    report.add(Rule::MountDuplicate, node, &message, "give each volume a path of its own");
                }
            }
            let ram = volume.is_some_and(|volume| volume.class.value == Some("ram"));
            if let (true, Some(true), Some(node), Some(Version::V2_1)) =
                (ram, mount.read_only.value, mount.read_only.node, version)
            {
                let help = "remove `readOnly`";
                report.add(
                    Rule::MountRamReadOnly,
                    node,
                    "version 2.1 does not allow `readOnly` for storage of class `ram`",
                    help,
                );
            }
        });
    }
    persistent(report, tree, version, (key, service), compute);
}

fn path<'t>(key: Key<'t>, volume: &'t str) -> [Step<'t>; 5] {
    [Step::Key("services"), Step::Key(key.name), Step::Key("params"), Step::Key("storage"), Step::Key(volume)]
}

/// A persistent volume must be mounted. Version 2.0 of Go is satisfied with any mount, 2.1 does not look; Console looks at each volume.
fn persistent<'t>(
    report: &mut Reporter<'t>,
    tree: &View<'_>,
    version: Option<Version>,
    (key, service): (Key<'t>, &Service<'t>),
    compute: &Compute<'t>,
) {
    let Some(resources) = &compute.resources else { return };
    let mounts = service.params.as_ref().map(|params| &params.storage);
    if service.unknown || mounts.is_some_and(|mounts| mounts.unknown) {
        return;
    }
    let none = mounts.is_none_or(|mounts| mounts.entries.is_empty());
    for volume in resources.storage.items.iter().filter(|volume| volume.persistent == Some(true)) {
        let Some(name) = volume.name.value else { continue };
        if volume.named && mounts.is_some_and(|mounts| mounts.get(name).is_some()) {
            continue;
        }
        let shown = volume.name.node.filter(|_| volume.named).map_or_else(|| ticks(name), |node| report.quote(node));
        let message = format!("the persistent volume {shown} is not mounted by the service {}", ticks(key.name));
        let help = format!("add `params.storage.{name}.mount` to the service");
        let help = if volume.name.node.is_some_and(|node| tree.is_filled_in(node)) {
            "add its `mount` to `params.storage` of the service"
        } else {
            &help
        };
        report.under(&[Step::Key("services"), Step::Key(key.name)], |report| {
            if none && version == Some(Version::V2_0) {
                report.add(Rule::PersistentNotMounted, key.id, &message, help);
            } else {
                report.add_lower(Rule::PersistentNotMounted, key.id, &message, help);
            }
        });
    }
}
