//! Rules on the document, its version and its endpoints.

macro_rules! document {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    NoVersion("no-version") Error {
        summary: "`version` is missing",
        why: "The version decides which of its parsers Akash uses, so without it nothing else is read. A file of another kind, \
            such as a Compose file, fails here.",
        refused_by: "Akash's parser: `SDL invalid: no version found`; Console.",
        source: "chain-sdk go/sdl/sdl.go:41-58",
        place: ExamplePlace::File,
        bad: r"
            services:
              web:
                image: ghcr.io/team/app:1.0
        ",
        good: r#"
            version: "2.0"
            services:
              web:
                image: ghcr.io/team/app:1.0
                expose: [{port: 80, to: [{global: true}]}]
            profiles:
              compute:
                web:
                  resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}
              placement:
                akash:
                  pricing:
                    web: {denom: uact, amount: 1000}
            deployment:
              web:
                akash: {profile: web, count: 1}
        "#,
    }

    Version("version") Error {
        summary: "`version` is neither 2.0 nor 2.1",
        why: "Akash has a parser for 2.0 and one for 2.1 and above. Anything else, 2.0.1 included, has none.",
        refused_by: "Akash's parser: `SDL invalid: config: unsupported version \"2.0.1\"`; Console.",
        source: "chain-sdk go/sdl/sdl.go:48-76; github.com/blang/semver v4, ParseTolerant",
        place: ExamplePlace::Lines(""),
        bad: "version: \"2.0.1\"",
        good: "version: \"2.0\"",
    }

    VersionForm("version-form") Warning {
        summary: "`version` is not the text \"2.0\" or \"2.1\"",
        why: "Akash's parser reads 2.0, \"2\" and v2.0 as 2.0. Console accepts only the text in quotes.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml:513",
        place: ExamplePlace::Lines(""),
        bad: "version: 2.0",
        good: "version: \"2.0\"",
    }

    MinWindow("min-window") Error {
        summary: "`reclamation.min_window` is not a duration above zero",
        why: "It is how long a provider must let you keep the lease after it asks for the resources back. Go's durations have \
            no days.",
        refused_by: "Akash's parser: `SDL invalid: invalid reclamation min_window \"1d\": time: unknown unit \"d\"`; Console.",
        source: "chain-sdk go/sdl/reclamation.go:16-29; Go time.ParseDuration",
        place: ExamplePlace::Lines(""),
        bad: r"
            reclamation:
              min_window: 1d
        ",
        good: r"
            reclamation:
              min_window: 24h
        ",
    }

    MinWindowForm("min-window-form") Warning {
        summary: "`min_window` is not a whole number and one unit",
        why: "Akash's parser takes any duration of Go. Console wants a whole number followed by `s`, `m` or `h`.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml, min_window",
        place: ExamplePlace::Lines(""),
        bad: r"
            reclamation:
              min_window: 1h30m
        ",
        good: r"
            reclamation:
              min_window: 90m
        ",
    }

    EndpointName("endpoint-name") Error {
        summary: "an endpoint has a name that Akash refuses",
        why: "The name of an endpoint is at least two lower-case letters, digits, `-` or `_`, and begins with a letter.",
        refused_by: "Akash's parser: `SDL invalid: endpoint named \"a\" is not a valid name`.",
        source: "chain-sdk go/sdl/v2.go:316-338",
        place: ExamplePlace::Lines(""),
        bad: r"
            endpoints:
              MyIP: {kind: ip}
        ",
        good: r"
            endpoints:
              myip: {kind: ip}
            services:
              web:
                image: ghcr.io/team/app:1.0
                expose: [{port: 80, as: 80, to: [{global: true, ip: myip}]}]
        ",
    }

    EndpointKind("endpoint-kind") Error {
        summary: "the kind of an endpoint is not `ip`",
        why: "A leased IP address is the only kind of endpoint there is.",
        refused_by: "Akash's parser: `SDL invalid: endpoint named \"myip\", unknown kind \"tcp\"`; Console.",
        source: "chain-sdk go/sdl/v2.go:316-338",
        place: ExamplePlace::Lines(""),
        bad: r"
            endpoints:
              myip: {kind: tcp}
        ",
        good: r"
            endpoints:
              myip: {kind: ip}
            services:
              web:
                image: ghcr.io/team/app:1.0
                expose: [{port: 80, as: 80, to: [{global: true, ip: myip}]}]
        ",
    }

    EndpointUnused("endpoint-unused") Error {
        summary: "no deployed service uses an endpoint",
        why: "Akash leases an address only for a port. An endpoint that no port names is taken for a mistake.",
        refused_by: "Akash's parser: `SDL invalid: endpoint \"myip\" declared but never used`; Console.",
        source: "chain-sdk go/sdl/v2.go:540-549",
        place: ExamplePlace::Lines(""),
        bad: r"
            endpoints:
              myip: {kind: ip}
        ",
        good: r"
            endpoints:
              myip: {kind: ip}
            services:
              web:
                image: ghcr.io/team/app:1.0
                expose: [{port: 80, as: 80, to: [{global: true, ip: myip}]}]
        ",
    }
    } };
}
