//! Rules on what services expose.

macro_rules! expose {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    PortRange("port-range") Error {
        summary: "`port` is missing or not a number from 1 to 65535",
        why: "`port` is where the container listens. Without it there is nothing to expose.",
        refused_by: "Akash's parser: `invalid manifest: service \"web\": port value must be 0 < value <= 65535`; Console.",
        source: "chain-sdk go/manifest/v2beta3/serviceexpose.go:47",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - {port: 80800, to: [{global: true}]}
        ",
        good: r"
            expose:
              - {port: 8080, to: [{global: true}]}
        ",
    }

    AsRange("as-range") Warning {
        summary: "`as` is not a number from 1 to 65535",
        why: "`as` is the port seen from outside. Akash's parser does not check it; no client can reach a port above 65535.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml, as",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - {port: 8080, as: 80800, to: [{global: true}]}
        ",
        good: r"
            expose:
              - {port: 8080, as: 80, to: [{global: true}]}
        ",
    }

    Proto("proto") Error {
        summary: "`proto` is neither TCP nor UDP",
        why: "HTTP is not a protocol of its own here: a global TCP port with `as: 80` gets an HTTP ingress.",
        refused_by: "Akash's parser: `unsupported service protocol`; Console.",
        source: "chain-sdk go/manifest/v2beta3/parse.go:12",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - {port: 8080, as: 80, proto: http, to: [{global: true}]}
        ",
        good: r"
            expose:
              - {port: 8080, as: 80, proto: tcp, to: [{global: true}]}
        ",
    }

    ProtoForm("proto-form") Warning {
        summary: "`proto` is empty or in mixed case",
        why: "Akash's parser ignores the case, and takes an empty protocol for TCP. Console accepts only TCP, UDP, tcp and udp.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml, proto",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - {port: 8080, as: 80, proto: Tcp, to: [{global: true}]}
        ",
        good: r"
            expose:
              - {port: 8080, as: 80, proto: tcp, to: [{global: true}]}
        ",
    }

    AcceptHost("accept-host") Error {
        summary: "an entry of `accept` is not a host name",
        why: "`accept` lists the host names that the ingress serves: lower-case, no scheme, no port, no path, no wildcard.",
        refused_by: "Akash's parser: `invalid manifest: service \"web\": has invalid hostname \"EXAMPLE.com\"`.",
        source: "chain-sdk go/sdl/expose.go; go/manifest/v2beta3/helpers.go; k8s.io/apimachinery IsDNS1123Subdomain",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            expose:
              - {port: 8080, as: 80, accept: ["https://app.example.com"], to: [{global: true}]}
        "#,
        good: r"
            expose:
              - {port: 8080, as: 80, accept: [app.example.com], to: [{global: true}]}
        ",
    }

    AcceptDuplicate("accept-duplicate") Error {
        summary: "a host name is accepted twice",
        why: "A host name leads to one service. It counts once for each placement of the service and once for each entry below \
            `to`.",
        refused_by: "Akash's parser: `hostname \"app.example.com\" is duplicated, this is not allowed`.",
        source: "chain-sdk go/manifest/v2beta3/helpers.go",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - {port: 8080, as: 80, accept: [app.example.com], to: [{global: true}]}
              - {port: 8081, as: 81, accept: [app.example.com], to: [{global: true}]}
        ",
        good: r"
            expose:
              - {port: 8080, as: 80, accept: [app.example.com], to: [{global: true}]}
              - {port: 8081, as: 81, to: [{global: true}]}
        ",
    }

    HttpOptionLimit("http-option-limit") Error {
        summary: "an HTTP option is above its limit",
        why: "Akash limits what a provider's ingress may be asked for: bodies of 100 MiB, buffers of 1 MiB, timeouts of 60,000 \
            milliseconds.",
        refused_by: "Akash's parser: `http option not allowed: read timeout cannot be greater than 60000 ms`.",
        source: "chain-sdk go/sdl/v2.go:94-167",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - {port: 80, http_options: {read_timeout: 120000}, to: [{global: true}]}
        ",
        good: r"
            expose:
              - {port: 80, http_options: {read_timeout: 60000}, to: [{global: true}]}
        ",
    }

    NextCase("next-case") Error {
        summary: "a case in `next_cases` is not known",
        why: "`next_cases` says after which failures the ingress tries another replica: `error`, `timeout`, some status codes, \
            or `off`.",
        refused_by: "Akash's parser: `next case is unknown: \"501\"`; Console.",
        source: "chain-sdk go/sdl/v2.go:94-167",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            expose:
              - {port: 80, http_options: {next_cases: [error, "501"]}, to: [{global: true}]}
        "#,
        good: r#"
            expose:
              - {port: 80, http_options: {next_cases: [error, "502"]}, to: [{global: true}]}
        "#,
    }

    NextCaseOff("next-case-off") Error {
        summary: "`off` is combined with other cases",
        why: "`off` means that no other replica is tried, so no case can go with it.",
        refused_by: "Akash's parser: `if 'off' is specified, no other cases may be specified`.",
        source: "chain-sdk go/sdl/v2.go:94-167",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            expose:
              - {port: 80, http_options: {next_cases: [off, error]}, to: [{global: true}]}
        ",
        good: r"
            expose:
              - {port: 80, http_options: {next_cases: [off]}, to: [{global: true}]}
        ",
    }

    IpUnknown("ip-unknown") Error {
        summary: "`ip` names an endpoint that does not exist",
        why: "An address is leased under the name of an endpoint, which must be declared at the top level.",
        refused_by: "Akash's parser: `SDL invalid: error on service \"web\" no endpoint named \"myip\" exists`; Console.",
        source: "chain-sdk go/sdl/v2.go:403-459",
        place: ExamplePlace::Lines(""),
        bad: r#"
            services:
              web: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, as: 80, to: [{global: true, ip: myip}]}]}
        "#,
        good: r#"
            endpoints:
              myip: {kind: ip}
            services:
              web: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, as: 80, to: [{global: true, ip: myip}]}]}
        "#,
    }

    IpNotGlobal("ip-not-global") Error {
        summary: "an address is leased for a port that is not global",
        why: "A leased address is public, so the entry that names it must say `global: true`.",
        refused_by: "Akash's parser: `error on \"web\" if an IP is declared the directive must be declared as global`; Console.",
        source: "chain-sdk go/sdl/v2.go:403-459",
        place: ExamplePlace::Lines(""),
        bad: r#"
            endpoints:
              myip: {kind: ip}
            services:
              web: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, as: 80, to: [{ip: myip}]}]}
        "#,
        good: r#"
            endpoints:
              myip: {kind: ip}
            services:
              web: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, as: 80, to: [{global: true, ip: myip}]}]}
        "#,
    }

    IpPortTaken("ip-port-taken") Error {
        summary: "two ports share an address, a port and a protocol",
        why: "Akash compares the address, `as` and the protocol as they are written. Without `as` it compares 0, so two ports \
            of one address collide even if `port` differs.",
        refused_by: "Akash's parser: `SDL invalid: IP endpoint \"myip\" port: 80 protocol: specified by service \"web\" \
            already in use`; Console.",
        source: "chain-sdk go/sdl/v2.go:403-459",
        place: ExamplePlace::Lines(""),
        bad: r"
            endpoints:
              myip: {kind: ip}
            services:
              web:
                image: ghcr.io/team/app:1.0
                expose:
                  - {port: 80, to: [{global: true, ip: myip}]}
                  - {port: 81, to: [{global: true, ip: myip}]}
        ",
        good: r"
            endpoints:
              myip: {kind: ip}
            services:
              web:
                image: ghcr.io/team/app:1.0
                expose:
                  - {port: 80, as: 80, to: [{global: true, ip: myip}]}
                  - {port: 81, as: 81, to: [{global: true, ip: myip}]}
        ",
    }

    IpPortConsole("ip-port-console") Warning {
        summary: "Console considers an address and port taken",
        why: "Akash's parser tells `tcp` from no protocol, and `port` from `as`; Console does not, and refuses what it takes \
            for the same port.",
        refused_by: "Akash's Console.",
        source: "chain-sdk ts/src/sdl/validateSDL/validateSDL.ts:314-345",
        place: ExamplePlace::Lines(""),
        bad: r"
            endpoints:
              myip: {kind: ip}
            services:
              web:
                image: ghcr.io/team/app:1.0
                expose:
                  - {port: 80, as: 80, to: [{global: true, ip: myip}]}
                  - {port: 81, as: 80, proto: tcp, to: [{global: true, ip: myip}]}
        ",
        good: r"
            endpoints:
              myip: {kind: ip}
            services:
              web:
                image: ghcr.io/team/app:1.0
                expose:
                  - {port: 80, as: 80, to: [{global: true, ip: myip}]}
                  - {port: 81, as: 81, proto: tcp, to: [{global: true, ip: myip}]}
        ",
    }
    } };
}
