//! Rules on the values of logins, and of secrets in `env`.

macro_rules! value {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    StandInValue("stand-in-value") Error or Warning {
        summary: "the value of a placeholder only stands for a secret",
        why: "`changeme`, `<token>`, `xxxx` or the value in `.env.example` is what a file is copied with, to be replaced. Written to \
            the SDL it is a login that fails, or one that everybody knows. An error in credentials, a warning in `env`.",
        refused_by: "the registry (401); in `env` nobody.",
        source: "sdlrender: what is not a secret is not written as one",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: https://ghcr.io
              username: "<your name>"
              password: "{{ GHCR_TOKEN }}"
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: "{{ GHCR_USER }}"
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    UnresolvedReference("unresolved-reference") Error or Warning {
        summary: "a reference to a secret is used as the secret",
        why: "`op://…`, `ref+…://`, `ENC[…]`, `encrypted:…`, `vault:…`, `/run/secrets/…`, `${NAME}` and `$(…)` are for a program that puts the \
            secret in their place. sdlrender is not that program, and nor is Akash: the registry, or the container, gets this text. Run the \
            program with `--from-command`. An error in credentials, a warning in `env`.",
        refused_by: "the registry (401); in `env` nobody.",
        source: "sdlrender: what is not a secret is not written as one",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            env:
              - "DB_PASSWORD=op://Engineering/db/password"
        "#,
        good: r#"
            env:
              - "DB_PASSWORD={{ DB_PASSWORD }}"
        "#,
    }

    ConsoleReference("console-reference") Error or Warning {
        summary: "a reference to a secret in the Console is malformed",
        why: "The Console replaces `ac-secret://NAME` by the secret that it keeps, where that is a whole value: of a variable in `env`, a \
            username or a password. NAME has at most 64 letters, digits and `_`, and does not begin with a digit. The Console refuses \
            any other value that begins with `ac-`; elsewhere it stays text. An error in credentials, a warning in `env` and for \
            `ac-name`.",
        refused_by: "the Console; without it, the registry (401), and in `env` nobody.",
        source: "akash-network/console apps/api/src/deployment/services/sdl-reference/sdl-reference.service.ts",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "ac-secret://ghcr-token"
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: team
              password: "ac-secret://GHCR_TOKEN"
        "#,
    }

    LoginWhitespace("login-whitespace") Error or Warning {
        summary: "there is white space at an end of the username or password, a character in it that nobody sees, or a comment",
        why: "A line break at the end of a file, a carriage return from Windows or a blank that was copied along becomes a part of the \
            login. Version 2.0 keeps it; 2.1 trims white space, but not what takes no space. `| trim` removes \
            white space; anything else has to be removed where the value is set. A comment, another setting or a `\\` behind the \
            value is a warning, since a password may have it.",
        refused_by: "the registry (401), or kubelet, which can't send it.",
        source: "chain-sdk go/sdl/groupBuilder_v2.go:165; RFC 7617 section 2",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: https://ghcr.io
              username: "team "
              password: "{{ GHCR_TOKEN }}"
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: "team"
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    LoginQuotes("login-quotes") Error {
        summary: "there are quotes inside the username or password, around it",
        why: "Quotes that a shell or a `.env` reader would have removed reached the value: docker's `--env-file` keeps them, and so does \
            a secret store they were pasted into. The registry takes them for a part of the login.",
        refused_by: "the registry (401).",
        source: "RFC 7617 section 2",
        place: ExamplePlace::Lines("services.web"),
        bad: r#"
            credentials:
              host: https://ghcr.io
              username: "'team'"
              password: "{{ GHCR_TOKEN }}"
        "#,
        good: r#"
            credentials:
              host: https://ghcr.io
              username: "team"
              password: "{{ GHCR_TOKEN }}"
        "#,
    }

    PasswordLines("password-lines") Error {
        summary: "the password has several lines, and is neither a key in PEM nor JSON",
        why: "A command printed more than the password, or two values ended up in one. HTTP sends a login as one line, so no registry \
            can be meant. Google's key, which is JSON, and a key in PEM may have several; so may base64 with the username \
            `_json_key_base64`.",
        refused_by: "the registry (401).",
        source: "RFC 7617 section 2",
        place: ExamplePlace::Described("the password, when it is filled in"),
        bad: "what `gh auth status` prints",
        good: "what `gh auth token` prints",
    }

    EcrPasswordExpired("ecr-password-expired") Error {
        summary: "the Amazon ECR password has expired",
        why: "What `aws ecr get-login-password` prints is valid for 12 hours. After that the image can't be pulled, so a \
            deployment made with it fails at once.",
        refused_by: "Amazon ECR (403).",
        source: "Amazon ECR, GetAuthorizationToken; the password itself holds its expiry",
        place: ExamplePlace::Described("the password, when it is filled in"),
        bad: "a password from yesterday",
        good: "--from-command ECR_PASSWORD='aws ecr get-login-password --region us-east-1'",
    }

    EcrPasswordExpires("ecr-password-expires") Warning {
        summary: "the Amazon ECR password expires within the hour",
        why: "The provider pulls the image when the lease starts, and again if the pod moves to another node. A password that \
            runs out in between leaves the pod without its image.",
        refused_by: "Amazon ECR, once it has expired (403).",
        source: "Amazon ECR, GetAuthorizationToken; the password itself holds its expiry",
        place: ExamplePlace::Described("the password, when it is filled in"),
        bad: "a password that is 11 hours and 30 minutes old",
        good: "--from-command ECR_PASSWORD='aws ecr get-login-password --region us-east-1'",
    }

    EcrAuthorizationToken("ecr-authorization-token") Error {
        summary: "the password is ECR's whole authorization token",
        why: "`get-authorization-token` gives `AWS:` and the password together, in base64. As a password, the registry refuses \
            it.",
        refused_by: "Amazon ECR (401).",
        source: "Amazon ECR, GetAuthorizationToken",
        place: ExamplePlace::Described("the password, when it is filled in"),
        bad: "what `aws ecr get-authorization-token` prints",
        good: "what `aws ecr get-login-password` prints",
    }

    AwsAccessKey("aws-access-key") Error {
        summary: "the password is the ID of an AWS access key",
        why: "An access key signs requests to AWS; no registry accepts it as a password. Get a password with it instead.",
        refused_by: "Amazon ECR (401).",
        source: "AWS IAM, unique identifiers: `AKIA` and `ASIA` are access keys",
        place: ExamplePlace::Described("the password, when it is filled in"),
        bad: "AKIA… (the ID of an access key)",
        good: "what `aws ecr get-login-password` prints",
    }

    GhcrFineGrainedToken("ghcr-fine-grained-token") Warning {
        summary: "a fine-grained GitHub token can't read packages",
        why: "GitHub's container registry accepts only classic personal access tokens with the scope `read:packages`, and \
            tokens of GitHub's own workflows.",
        refused_by: "ghcr.io (403).",
        source: "GitHub, working with the container registry",
        place: ExamplePlace::Described("the password, when it is filled in"),
        bad: "github_pat_… (a fine-grained token)",
        good: "ghp_… (a classic token with `read:packages`)",
    }

    DockerHubPassword("docker-hub-password") Warning {
        summary: "the Docker Hub password is not an access token",
        why: "The password of the account opens everything, and an account with two-factor login accepts only tokens here. A \
            token can be limited to reading, and revoked on its own.",
        refused_by: "Docker Hub, if the account uses two-factor or single sign-on.",
        source: "Docker, personal and organization access tokens",
        place: ExamplePlace::Described("the password, when it is filled in"),
        bad: "the password of the account",
        good: "dckr_pat_… (a personal access token) or dckr_oat_… (of an organization)",
    }

    GoogleKey("google-key") Error {
        summary: "the password is not the key that the username announces",
        why: "`_json_key` says that the password is the JSON of a service-account key, `_json_key_base64` that it is the same \
            in base64. With the other one the login fails.",
        refused_by: "Google's registries (401).",
        source: "Google Artifact Registry, authentication with a service-account key",
        place: ExamplePlace::Described("the password, with the username `_json_key`"),
        bad: "the key in base64",
        good: "the JSON file as it is: {{ file(\"gcr-key.json\") }}",
    }

    GoogleKeyKind("google-key-kind") Warning {
        summary: "the password is JSON, but not a service-account key",
        why: "Other JSON files of Google, such as the credentials that `gcloud auth application-default login` writes, do not \
            open a registry.",
        refused_by: "Google's registries (401).",
        source: "Google Cloud IAM, service-account keys: `type` is `service_account`",
        place: ExamplePlace::Described("the password, with the username `_json_key`"),
        bad: "{\"type\": \"authorized_user\", …}",
        good: "{\"type\": \"service_account\", …}",
    }

    GoogleTokenKind("google-token-kind") Warning {
        summary: "a service-account key is given where an access token is announced",
        why: "The username `oauth2accesstoken` is for short-lived access tokens. For a key, the username is `_json_key`.",
        refused_by: "Google's registries (401).",
        source: "Google Artifact Registry, authentication with an access token",
        place: ExamplePlace::Described("the password, with the username `oauth2accesstoken`"),
        bad: "{\"type\": \"service_account\", …}",
        good: "what `gcloud auth print-access-token` prints",
    }

    PasswordShort("password-short") Warning {
        summary: "the password has fewer than 6 characters",
        why: "Console checks the SDL against Akash's JSON schema, which wants at least 6 characters.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml:341",
        place: ExamplePlace::Described("the password, when it is filled in"),
        bad: "abc",
        good: "an access token, which is longer",
    }
    } };
}
