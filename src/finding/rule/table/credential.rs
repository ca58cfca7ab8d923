//! Rules on registry logins, and secrets in the open.

macro_rules! credential {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    LiteralPassword("literal-password") Error {
        summary: "a registry password is written in the template",
        why: "A template is committed and shared. Whoever can read the repository, or any copy of it, can use the login; git \
            keeps it even after you remove the line.",
        refused_by: "nobody: Akash would accept it. That is why it has to be caught here.",
        source: "sdlrender: a secret belongs in a placeholder",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            credentials:
              host: https://ghcr.io
              username: team
              password: correct-horse-battery
        ",
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    TokenInTemplate("token-in-template") Error {
        summary: "a token or private key is in the template, comments included",
        why: "Tokens and keys have shapes that scanners, and thieves, recognise. Once it is pushed, treat it as stolen: revoke \
            it.",
        refused_by: "nobody: Akash would accept it. GitHub may revoke its own tokens when they are pushed to a public \
            repository.",
        source: "the documented token formats of GitHub, GitLab, Docker, AWS, Azure and Google; RFC 7468 for keys",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            command: [run]
            # -----BEGIN PRIVATE KEY-----
            # MIIEvQIBADANBgkqhkiG9w0BAQEFAASC
            # -----END PRIVATE KEY-----
        ",
        good: r#"
            command: [run]
            env:
              - "TLS_KEY={{ TLS_KEY }}"
        "#,
    }

    HostMismatch("host-mismatch") Error {
        summary: "`credentials.host` is never used for the service's image",
        why: "Kubernetes picks a login by comparing `host` with the name of the image. If they don't match, it pulls without a \
            login, and the registry answers as if the image did not exist.",
        refused_by: "kubelet ignores the login; the registry then refuses the pull (401, 403 or 404).",
        source: "Kubernetes pkg/credentialprovider/keyring.go, Add and Lookup",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            image: ghcr.io/team/app:1.0
            credentials:
              host: https://gcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
        good: r#"
            image: ghcr.io/team/app:1.0
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    HostWhitespace("host-whitespace") Warning {
        summary: "there is white space around `credentials.host`, which version 2.0 keeps",
        why: "Version 2.0 passes the host on as it is, and Kubernetes can't read one with white space as a URL, so it drops \
            the login. Version 2.1 trims it.",
        refused_by: "kubelet drops the login; the registry then refuses the pull.",
        source: "chain-sdk go/sdl/groupBuilder_v2.go:165; Kubernetes pkg/credentialprovider/keyring.go",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: "https://ghcr.io "
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
        good: r#"
            credentials:
              host: "https://ghcr.io"
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    StandInPassword("stand-in-password") Error {
        summary: "`credentials.password` is a stand-in that nothing fills in",
        why: "Neither Akash nor Kubernetes replaces `<token>` or `xxxx` in credentials: the registry gets exactly this text.",
        refused_by: "the registry (401).",
        source: "sdlrender: only `{{ NAME }}` is filled in",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "<your token>"
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    UsernameExpected("username-expected") Warning {
        summary: "the registry accepts only particular usernames",
        why: "Google's registries and Amazon ECR take the kind of login from the username: `_json_key`, `oauth2accesstoken`, \
            `AWS`. Your own account name is refused, whatever the password.",
        refused_by: "the registry (401).",
        source: "Google Artifact Registry and Amazon ECR, documentation of registry authentication",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            image: gcr.io/project/app:1.0
            credentials:
              host: https://gcr.io
              username: team
              password: "{{ GOOGLE_KEY }}"
        "#,
        good: r#"
            image: gcr.io/project/app:1.0
            credentials:
              host: https://gcr.io
              username: _json_key
              password: "{{ GOOGLE_KEY }}"
        "#,
    }

    UsernameColon("username-colon") Warning {
        summary: "there is a colon in the username",
        why: "HTTP sends a login as `username:password`. What follows the first colon is read as the password.",
        refused_by: "the registry (401).",
        source: "RFC 7617 section 2",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: https://ghcr.io
              username: "team:robot"
              password: "{{ GHCR_TOKEN }}"
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team-robot
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    ImageName("image-name") Warning {
        summary: "`image` is not an image reference",
        why: "Akash does not look at the form of the name. Kubernetes does, after you have paid for the lease: the pod stays \
            in `InvalidImageName`.",
        refused_by: "kubelet.",
        source: "the reference grammar of github.com/distribution/reference",
        place: ExamplePlace::Lines("services.web"),
        bad: "image: https://ghcr.io/Team/app",
        good: "image: ghcr.io/team/app:1.0",
    }

    ImageTag("image-tag") Warning {
        summary: "`image` has no tag, or the tag `latest`",
        why: "`latest` is whatever was pushed last, and a provider that has an image of this name does not pull it again: two \
            replicas, or two deployments, may run different code.",
        refused_by: "nobody. `akt lint` refuses it too.",
        source: "Kubernetes imagePullPolicy IfNotPresent, which Akash providers set (provider \
            cluster/kube/builder/workload.go:96)",
        place: ExamplePlace::Lines("services.web"),
        bad: "image: ghcr.io/team/app",
        good: "image: ghcr.io/team/app:1.0",
    }

    EnvSecret("env-secret") Warning {
        summary: "a value in `env` looks like a secret",
        why: "The name of the variable says that its value is a secret, there is a login in the value, such as a password in an \
            address, or the value looks random, as keys do. Written in the template, everyone who reads the repository has it.",
        refused_by: "nobody: Akash would accept it.",
        source: "sdlrender: judged by the names of variables and by their values",
        place: ExamplePlace::Lines("services.web"),
        bad: r"
            env:
              - DB_PASSWORD=correct-horse-battery
        ",
        good: r#"
            env:
              - "DB_PASSWORD={{ DB_PASSWORD }}"
        "#,
    }
    } };
}
