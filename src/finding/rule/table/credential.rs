//! Rules on registry logins, and secrets in the open.

macro_rules! credential {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    LiteralPassword("literal-password") Error {
        summary: "`credentials.password` is written in the template",
    }
    TokenInTemplate("token-in-template") Error {
        summary: "a token of a known shape stands in the template, a comment included",
    }
    HostMismatch("host-mismatch") Error {
        summary: "`credentials.host` is never used for the service's image",
    }
    HostWhitespace("host-whitespace") Warning {
        summary: "`credentials.host` has white space around it, which version 2.0 keeps",
    }
    StandInPassword("stand-in-password") Warning {
        summary: "`credentials.password` is a stand-in such as `<token>` or `${TOKEN}`",
    }
    UsernameExpected("username-expected") Warning {
        summary: "the registry takes only certain usernames",
    }
    UsernameColon("username-colon") Warning {
        summary: "a username with a colon can't be sent",
    }
    ImageName("image-name") Warning {
        summary: "`image` is not an image reference",
    }
    ImageTag("image-tag") Warning {
        summary: "`image` has no tag, or the tag `latest`",
    }
    EnvSecret("env-secret") Warning {
        summary: "a secret seems to be written in `env`",
    }
    EcrPasswordExpired("ecr-password-expired") Error {
        summary: "the password of Amazon ECR has expired",
    }
    EcrPasswordExpires("ecr-password-expires") Warning {
        summary: "the password of Amazon ECR expires within the hour",
    }
    EcrAuthorizationToken("ecr-authorization-token") Error {
        summary: "the password is ECR's whole authorization token, with `AWS:` in it",
    }
    AwsAccessKey("aws-access-key") Error {
        summary: "the password is the name of an AWS access key",
    }
    GhcrFineGrainedToken("ghcr-fine-grained-token") Warning {
        summary: "a fine-grained GitHub token can't read packages",
    }
    DockerHubPassword("docker-hub-password") Warning {
        summary: "the password of Docker Hub is not an access token",
    }
    GoogleKey("google-key") Error {
        summary: "the password is not the key that the username announces",
    }
    GoogleKeyKind("google-key-kind") Warning {
        summary: "the password is JSON, yet not a service-account key",
    }
    GoogleTokenKind("google-token-kind") Warning {
        summary: "the password of `oauth2accesstoken` is a service-account key",
    }
    PasswordShort("password-short") Warning {
        summary: "Akash's Console refuses a password of fewer than 6 characters",
    }

    } };
}
