//! Rules on the deployment.

macro_rules! deployment {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    NoDeployment("no-deployment") Error {
        summary: "no service is deployed",
        why: "`deployment` says which service goes to which placement, with which profile and how many replicas. Without it \
            there is nothing to run.",
        refused_by: "Akash's parser: `Invalid groups`; Console.",
        source: "chain-sdk go/node/deployment/v1beta4/group_validation.go:9",
        place: ExamplePlace::Lines(""),
        bad: "deployment: {}",
        good: r"
            deployment:
              web: {akash: {profile: web, count: 1}}
        ",
    }

    NoService("no-service") Error {
        summary: "`deployment` names a service that does not exist",
        why: "Each key of `deployment` is the name of a service.",
        refused_by: "Akash's parser: `SDL invalid: wep.akash: no service profile named wep`; Console.",
        source: "chain-sdk go/sdl/v2.go:340-388",
        place: ExamplePlace::Lines(""),
        bad: r"
            deployment:
              wep: {akash: {profile: web, count: 1}}
        ",
        good: r"
            deployment:
              web: {akash: {profile: web, count: 1}}
        ",
    }

    NoPlacement("no-placement") Error {
        summary: "`deployment` names a placement that does not exist",
        why: "Each key below a service is the name of a placement in `profiles.placement`.",
        refused_by: "Akash's parser: `SDL invalid: web.aksh: no placement profile named aksh`; Console.",
        source: "chain-sdk go/sdl/v2.go:340-388",
        place: ExamplePlace::Lines(""),
        bad: r"
            deployment:
              web: {aksh: {profile: web, count: 1}}
        ",
        good: r"
            deployment:
              web: {akash: {profile: web, count: 1}}
        ",
    }

    NoCompute("no-compute") Error {
        summary: "`deployment` names a compute profile that does not exist",
        why: "`profile` is the name of an entry in `profiles.compute`.",
        refused_by: "Akash's parser: `SDL invalid: web.akash: no compute profile named small`; Console.",
        source: "chain-sdk go/sdl/v2.go:340-388",
        place: ExamplePlace::Lines(""),
        bad: r"
            deployment:
              web: {akash: {profile: small, count: 1}}
        ",
        good: r"
            deployment:
              web: {akash: {profile: web, count: 1}}
        ",
    }

    NoPricing("no-pricing") Error {
        summary: "a placement has no price for a profile that is deployed there",
        why: "Providers bid on a price. Each profile that a placement runs needs one, under the name of the profile.",
        refused_by: "Akash's parser: `SDL invalid: web.akash: no pricing for profile web`; Console.",
        source: "chain-sdk go/sdl/v2.go:340-388",
        place: ExamplePlace::Lines("profiles.placement.akash"),
        bad: r"
            pricing:
              small: {denom: uact, amount: 1000}
        ",
        good: r"
            pricing:
              web: {denom: uact, amount: 1000}
        ",
    }

    NoGlobalService("no-global-service") Error {
        summary: "no deployed service is reachable from outside",
        why: "Akash wants at least one port with `global: true` in the whole document, even for a worker that nobody calls.",
        refused_by: "Akash's parser: `invalid manifest: zero global services`.",
        source: "chain-sdk go/manifest/v2beta3/groups.go:30",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - port: 80
                to:
                  - service: web
        ",
        good: r"
            expose:
              - port: 80
                to:
                  - global: true
        ",
    }

    ServiceNotDeployed("service-not-deployed") Warning {
        summary: "a service is not in `deployment`",
        why: "Akash ignores a service that is not deployed, without a word.",
        refused_by: "Akash's Console: `Service \"db\" is not defined at \"/deployment\" section.`",
        source: "chain-sdk ts/src/sdl/validateSDL/validateSDL.ts",
        place: ExamplePlace::Lines(""),
        bad: r#"
            services:
              web: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, to: [{global: true}]}]}
              db: {image: "postgres:16"}
        "#,
        good: r#"
            services:
              web: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, to: [{global: true}]}]}
        "#,
    }

    CountZero("count-zero") Error or Warning {
        summary: "a service has no replicas on a placement",
        why: "A placement without any replica asks for nothing, which Akash's parser refuses: an error. If other services run \
            there, only Console refuses it: a warning.",
        refused_by: "Akash's parser: `invalid total CPU (19200000 > 0 > 0 fails)`; Console.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunits.go:57-79",
        place: ExamplePlace::Lines("deployment.web"),
        bad: "akash: {profile: web, count: 0}",
        good: "akash: {profile: web, count: 1}",
    }

    TotalCpu("total-cpu") Error {
        summary: "a placement requests too many cores in total",
        why: "The cores of all replicas on a placement may be 19,200 at most.",
        refused_by: "Akash's parser: `invalid total CPU`.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunits.go:57-79",
        place: ExamplePlace::Lines("deployment.web"),
        bad: "akash: {profile: web, count: 20000}",
        good: "akash: {profile: web, count: 2}",
    }

    TotalGpu("total-gpu") Error {
        summary: "a placement requests too many GPUs in total",
        why: "The GPUs of all replicas on a placement may be 1,200 at most.",
        refused_by: "Akash's parser: `invalid total GPU`.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunits.go:57-79",
        place: ExamplePlace::Lines(""),
        bad: r"
            profiles:
              compute:
                web:
                  resources:
                    cpu: {units: 1}
                    gpu: {units: 8, attributes: {vendor: {nvidia: }}}
                    memory: {size: 1Gi}
                    storage: {size: 1Gi}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
            deployment:
              web: {akash: {profile: web, count: 200}}
        ",
        good: r"
            profiles:
              compute:
                web:
                  resources:
                    cpu: {units: 1}
                    gpu: {units: 8, attributes: {vendor: {nvidia: }}}
                    memory: {size: 1Gi}
                    storage: {size: 1Gi}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
            deployment:
              web: {akash: {profile: web, count: 2}}
        ",
    }

    TotalMemory("total-memory") Error {
        summary: "a placement requests too much memory in total",
        why: "The memory of all replicas on a placement may be 100Ti at most.",
        refused_by: "Akash's parser: `invalid total memory`.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunits.go:57-79",
        place: ExamplePlace::Lines(""),
        bad: r"
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 2Ti}, storage: {size: 1Gi}}}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
            deployment:
              web: {akash: {profile: web, count: 60}}
        ",
        good: r"
            profiles:
              compute:
                web: {resources: {cpu: {units: 1}, memory: {size: 2Ti}, storage: {size: 1Gi}}}
              placement: {akash: {pricing: {web: {denom: uact, amount: 1000}}}}
            deployment:
              web: {akash: {profile: web, count: 2}}
        ",
    }
    } };
}
