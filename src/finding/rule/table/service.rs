//! Rules on services.

macro_rules! service {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    ServiceName("service-name") Error {
        summary: "a service has a name that Akash refuses",
        why: "The name becomes the name of Kubernetes objects: lower-case letters, digits and `-`, beginning with a letter and \
            not ending with `-`.",
        refused_by: "Akash's parser: `invalid manifest: service \"we_b\" name is invalid`.",
        source: "chain-sdk go/manifest/v2beta3/manifest.go:13",
        place: ExamplePlace::Lines(""),
        bad: r#"
            services:
              web_app: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, to: [{global: true}]}]}
            deployment:
              web_app: {akash: {profile: web, count: 1}}
        "#,
        good: r#"
            services:
              web-app: {image: "ghcr.io/team/app:1.0", expose: [{port: 80, to: [{global: true}]}]}
            deployment:
              web-app: {akash: {profile: web, count: 1}}
        "#,
    }

    ImageMissing("image-missing") Error {
        summary: "a service has no image",
        why: "There is nothing to run.",
        refused_by: "Akash's parser: `invalid manifest: service \"web\" has empty image name`; Console.",
        source: "chain-sdk go/manifest/v2beta3/service.go:24",
        place: ExamplePlace::Lines("services.web"),
        bad: "image: \"\"",
        good: "image: ghcr.io/team/app:1.0",
    }

    EnvName("env-name") Error {
        summary: "the name of a variable in `env` is one that Kubernetes refuses",
        why: "Each item is `NAME=value`. The name may hold letters, digits, `_`, `-` and `.`, and not begin with a digit. \
            White space before the `=` is part of the name.",
        refused_by: "Akash's parser: `invalid manifest: service \"web\" defines an env. var. with an invalid name`.",
        source: "chain-sdk go/manifest/v2beta3/service.go:29-42; k8s.io/apimachinery IsEnvVarName",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            env:
              - "LEVEL =info"
        "#,
        good: r"
            env:
              - LEVEL=info
        ",
    }

    CredentialsNull("credentials-null") Warning {
        summary: "`credentials` is empty, so the image is pulled without a login",
        why: "Akash takes empty credentials for none, without a word. A private image then can't be pulled.",
        refused_by: "Akash's Console; the registry, if the image is private.",
        source: "chain-sdk go/sdl/v2.go:205-223",
        place: ExamplePlace::Lines("services.web"),
        bad: "credentials:",
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    CredentialsNoHost("credentials-no-host") Error {
        summary: "the credentials have no host",
        why: "Without the host Kubernetes can't tell which images the login is for.",
        refused_by: "Akash's parser: `SDL invalid: web.akash: service Credentials missing Host`; Console.",
        source: "chain-sdk go/sdl/v2.go:391-401",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    CredentialsNoUsername("credentials-no-username") Error {
        summary: "the credentials have no username",
        why: "A login is a username and a password. Registries that use only a token still want one: any name for ghcr.io, \
            `AWS` for Amazon ECR.",
        refused_by: "Akash's parser: `SDL invalid: web.akash: service Credentials missing Username`; Console.",
        source: "chain-sdk go/sdl/v2.go:391-401",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: https://ghcr.io
              password: "{{ GHCR_TOKEN }}"
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    CredentialsNoPassword("credentials-no-password") Error {
        summary: "the credentials have no password",
        why: "A login is a username and a password. White space is not a password either: Akash trims it.",
        refused_by: "Akash's parser: `SDL invalid: web.akash: service Credentials missing Password`; Console.",
        source: "chain-sdk go/sdl/v2.go:391-401",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            credentials:
              host: https://ghcr.io
              username: team
        ",
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    CredentialsEmail("credentials-email") Warning {
        summary: "version 2.0 drops the e-mail address of credentials",
        why: "Akash's client leaves the address out of the manifest under version 2.0, while Console keeps it. The two \
            manifests have different hashes, so one does not fit a deployment made with the other. No registry needs the \
            address.",
        refused_by: "the provider, if the deployment was created with one and the manifest is sent with the other (422).",
        source: "chain-sdk go/sdl/groupBuilder_v2.go:165; ts/src/sdl/manifest/generateManifest.ts:249",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
              email: team@example.com
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    Permission("permission") Warning {
        summary: "a permission is not one that Console knows",
        why: "`permissions.read` may hold `deployment`, `logs` and `events`. Akash's parser takes any word, and a word it does \
            not know grants nothing.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml, permissions",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            params:
              permissions: {read: [log]}
        ",
        good: r"
            params:
              permissions: {read: [logs]}
        ",
    }
    } };
}
