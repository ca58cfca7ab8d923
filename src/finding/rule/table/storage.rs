//! Rules on volumes, mounts and trusted execution.

macro_rules! storage {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    StorageMissing("storage-missing") Error {
        summary: "a compute profile has no `storage`",
        why: "Every replica needs at least one volume, which holds its file system. `storage` is a mapping with `size:`, or a \
            list of them; Akash makes nothing of a single value.",
        refused_by: "Akash's parser: `error: invalid unit storage, cannot be nil`; Console.",
        source: "chain-sdk go/sdl/storage.go; go/node/deployment/v1beta4/resourceunit.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "storage: 1Gi",
        good: "storage: {size: 1Gi}",
    }

    StorageRange("storage-range") Error {
        summary: "the size of a volume is missing or out of range",
        why: "A volume may have from 5Mi to 32Ti. A number without a unit is in bytes.",
        refused_by: "Akash's parser: `error: invalid unit storage (35184372088832 > 512 > 5242880 fails)`.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunit.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "storage: {size: 1Mi}",
        good: "storage: {size: 1Gi}",
    }

    StorageAttribute("storage-attribute") Error {
        summary: "an attribute of storage is not known",
        why: "The attributes are `persistent` and `class`. Unlike elsewhere, Akash refuses any other key.",
        refused_by: "Akash's parser: `sdl: unsupported storage attribute: speed`; Console.",
        source: "chain-sdk go/sdl/storage.go:152-209",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "storage: {size: 1Gi, attributes: {persistent: false, speed: high}}",
        good: "storage: {size: 1Gi, attributes: {persistent: false}}",
    }

    StoragePersistent("storage-persistent") Error {
        summary: "`persistent` is neither `true` nor `false`",
        why: "Akash compares the text as it is written: `True` and `1` are refused.",
        refused_by: "Akash's parser: `sdl: invalid value for attribute \"persistent\". expected bool`.",
        source: "chain-sdk go/sdl/storage.go:152-209",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "storage: {size: 1Gi, attributes: {persistent: False}}",
        good: "storage: {size: 1Gi, attributes: {persistent: false}}",
    }

    StorageClass("storage-class") Error {
        summary: "a storage class is not known",
        why: "The classes are `default`, `beta1` (hard disk), `beta2` (SSD), `beta3` (NVMe) and `ram`.",
        refused_by: "Akash's parser: `sdl: invalid value for attribute class`; Console.",
        source: "chain-sdk go/sdl/storage.go:152-209",
        place: ExamplePlace::Lines("profiles.compute.web"),
        bad: r"
            resources:
              cpu: {units: 1}
              memory: {size: 512Mi}
              storage:
                - {name: data, size: 1Gi, attributes: {persistent: true, class: ssd}}
        ",
        good: r"
            resources:
              cpu: {units: 1}
              memory: {size: 512Mi}
              storage:
                - {name: shm, size: 1Gi, attributes: {persistent: false, class: ram}}
        ",
    }

    StorageClassEphemeral("storage-class-ephemeral") Error {
        summary: "storage that is not persistent has a class",
        why: "A class chooses the disks of persistent storage. Without `persistent: true` it has no meaning, except `ram`.",
        refused_by: "Akash's parser: `sdl: ephemeral storage should not set attribute class`.",
        source: "chain-sdk go/sdl/storage.go:152-209",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "storage: {size: 1Gi, attributes: {persistent: false, class: beta3}}",
        good: "storage: {size: 1Gi, attributes: {persistent: false}}",
    }

    StorageRam("storage-ram") Error {
        summary: "storage of class `ram` is persistent",
        why: "Memory does not outlive the container, so `ram` and `persistent` exclude each other.",
        refused_by: "Akash's parser: `sdl: ram storage class cannot be persistent`; Console.",
        source: "chain-sdk go/sdl/storage.go:152-209",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "storage: {size: 1Gi, attributes: {persistent: true, class: ram}}",
        good: "storage: {size: 1Gi, attributes: {persistent: false, class: ram}}",
    }

    VolumeDuplicate("volume-duplicate") Error {
        summary: "two volumes of a profile have the same name",
        why: "Services mount a volume by its name. One without a name is called `default`, so two without a name collide as \
            well.",
        refused_by: "Akash's parser: `sdl: duplicated volume name`.",
        source: "chain-sdk go/sdl/storage.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: r"
            storage:
              - {size: 1Gi}
              - {size: 2Gi}
        ",
        good: r"
            storage:
              - {size: 1Gi}
              - {name: cache, size: 2Gi}
        ",
    }

    VolumeUnknown("volume-unknown") Error {
        summary: "a service mounts a volume that its profile does not have",
        why: "The names below `params.storage` are the names of volumes in the compute profile.",
        refused_by: "Akash's parser: `SDL invalid: service \"web\" references to no-existing compute volume named \"data\"`; \
            Console.",
        source: "chain-sdk go/sdl/v2.go:461-536",
        place: ExamplePlace::Lines(""),
        bad: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {dta: {mount: /data}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{name: data, size: 1Gi}]}}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        ",
        good: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {data: {mount: /data}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{name: data, size: 1Gi}]}}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        ",
    }

    VolumeUnnamed("volume-unnamed") Warning {
        summary: "a service mounts a volume without a name as `default`",
        why: "Akash's parser calls it `default`; Console does not find it.",
        refused_by: "Akash's Console.",
        source: "chain-sdk ts/src/sdl/validateSDL/validateSDL.ts:193-214",
        place: ExamplePlace::Lines(""),
        bad: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {default: {mount: /data}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{size: 1Gi}]}}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        ",
        good: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {data: {mount: /data}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{name: data, size: 1Gi}]}}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        ",
    }

    MountNotAbsolute("mount-not-absolute") Error {
        summary: "a mount path is missing or does not begin with `/`",
        why: "A container has no current directory to start from when volumes are mounted.",
        refused_by: "Akash's parser: `invalid value for \"service.web.params.data.mount\" parameter. expected absolute path`.",
        source: "chain-sdk go/sdl/v2.go:461-536",
        place: ExamplePlace::Lines(""),
        bad: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {data: {mount: data}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{name: data, size: 1Gi}]}}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        ",
        good: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {data: {mount: /data}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{name: data, size: 1Gi}]}}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        ",
    }

    MountDuplicate("mount-duplicate") Error {
        summary: "two volumes are mounted at the same path",
        why: "The second would hide the first.",
        refused_by: "Akash's parser: `sdl: duplicated mount point: mount \"/data\" already in use by volume \"data\"`; Console.",
        source: "chain-sdk go/sdl/v2.go:461-536",
        place: ExamplePlace::Lines(""),
        bad: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {a: {mount: /data}, b: {mount: /data}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web:
                  resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{name: a, size: 1Gi}, {name: b, size: 1Gi}]}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        ",
        good: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {a: {mount: /a}, b: {mount: /b}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web:
                  resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{name: a, size: 1Gi}, {name: b, size: 1Gi}]}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        ",
    }

    MountRamReadOnly("mount-ram-read-only") Error {
        summary: "version 2.1 does not allow `readOnly` for storage of class `ram`",
        why: "Memory that nothing can write is of no use. Version 2.0 does not check it.",
        refused_by: "Akash's parser: `readOnly=true which is not allowed for storage class \"ram\"`.",
        source: "chain-sdk go/sdl/v2_1.go:243-329",
        place: ExamplePlace::Lines(""),
        bad: r#"
            version: "2.1"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {shm: {mount: /dev/shm, readOnly: true}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web:
                  resources:
                    cpu: {units: 1}
                    memory: {size: 1Gi}
                    storage: [{size: 1Gi}, {name: shm, size: 1Gi, attributes: {persistent: false, class: ram}}]
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        "#,
        good: r#"
            version: "2.1"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {shm: {mount: /dev/shm}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web:
                  resources:
                    cpu: {units: 1}
                    memory: {size: 1Gi}
                    storage: [{size: 1Gi}, {name: shm, size: 1Gi, attributes: {persistent: false, class: ram}}]
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        "#,
    }

    PersistentNotMounted("persistent-not-mounted") Error or Warning {
        summary: "a persistent volume is not mounted",
        why: "You pay for the volume, and nothing uses it. Version 2.0 of Akash's parser refuses a service without any mount, \
            which is an error here; in all other cases only Console refuses it, which is a warning.",
        refused_by: "Akash's parser under 2.0: `compute.storage.data has persistent=true which requires \
            service.web.params.storage.data to have mount`; Console.",
        source: "chain-sdk go/sdl/v2.go:461-536; ts/src/sdl/validateSDL/validateSDL.ts:193-214",
        place: ExamplePlace::Lines(""),
        bad: r#"
            services:
              web: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, to: [{global: true}]}]}
            profiles:
              compute:
                web:
                  resources:
                    cpu: {units: 1}
                    memory: {size: 1Gi}
                    storage: [{size: 1Gi}, {name: data, size: 1Gi, attributes: {persistent: true, class: beta3}}]
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        "#,
        good: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
                params: {storage: {data: {mount: /data}}}
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web:
                  resources:
                    cpu: {units: 1}
                    memory: {size: 1Gi}
                    storage: [{size: 1Gi}, {name: data, size: 1Gi, attributes: {persistent: true, class: beta3}}]
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
        ",
    }

    Tee("tee") Error {
        summary: "a kind of trusted execution is not known",
        why: "`tee` may be `cpu` or `cpu-gpu`.",
        refused_by: "Akash's parser: `sdl: unsupported tee type: \"sgx\" (allowed: cpu, cpu-gpu)`; Console.",
        source: "chain-sdk go/sdl/tee.go",
        place: ExamplePlace::Lines("services.web"),
        bad: "params: {tee: sgx}",
        good: "params: {tee: cpu}",
    }

    TeeEmpty("tee-empty") Warning {
        summary: "`tee` is empty",
        why: "Akash's parser takes an empty `tee` for none. Console refuses it.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml, tee",
        place: ExamplePlace::Lines("services.web"),
        bad: "params: {tee: \"\"}",
        good: "params: {tee: cpu}",
    }

    TeeMixed("tee-mixed") Error {
        summary: "services on one placement use different kinds of trusted execution",
        why: "A placement goes to one provider, and its group asks for one kind of hardware.",
        refused_by: "Akash's parser: `sdl: conflicting tee types in the same placement group`; Console.",
        source: "chain-sdk go/sdl/groupBuilder_v2.go:58-83",
        place: ExamplePlace::Lines(""),
        bad: r#"
            services:
              web: {image: "ghcr.io/team/app:1.0", params: {tee: cpu}, expose: [{port: 80, to: [{global: true}]}]}
              model: {image: "ghcr.io/team/model:1.0", params: {tee: cpu-gpu}}
            deployment:
              web: {akash: {profile: web, count: 1}}
              model: {akash: {profile: web, count: 1}}
        "#,
        good: r#"
            services:
              web: {image: "ghcr.io/team/app:1.0", params: {tee: cpu}, expose: [{port: 80, to: [{global: true}]}]}
              model: {image: "ghcr.io/team/model:1.0", params: {tee: cpu}}
            deployment:
              web: {akash: {profile: web, count: 1}}
              model: {akash: {profile: web, count: 1}}
        "#,
    }

    TeeWithoutGpu("tee-without-gpu") Error {
        summary: "`cpu-gpu` is used, but the profile has no GPU",
        why: "`cpu-gpu` asks for a GPU that takes part in trusted execution, so the profile must request one.",
        refused_by: "Akash's parser: `sdl: tee type requires gpu resources`; Console.",
        source: "chain-sdk go/sdl/groupBuilder_v2.go:58-83",
        place: ExamplePlace::Lines("services.web"),
        bad: "params: {tee: cpu-gpu}",
        good: "params: {tee: cpu}",
    }
    } };
}
