//! Rules on services.

macro_rules! service {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    ServiceName("service-name") Error {
        summary: "a service's name is not one Kubernetes takes",
    }
    ImageMissing("image-missing") Error {
        summary: "a service has no image",
    }
    EnvName("env-name") Error {
        summary: "the name of a variable in `env` is not one Kubernetes takes",
    }
    CredentialsNull("credentials-null") Warning {
        summary: "`credentials` is empty, so no login is sent",
    }
    CredentialsNoHost("credentials-no-host") Error {
        summary: "the credentials have no host",
    }
    CredentialsNoUsername("credentials-no-username") Error {
        summary: "the credentials have no username",
    }
    CredentialsNoPassword("credentials-no-password") Error {
        summary: "the credentials have no password",
    }
    CredentialsEmail("credentials-email") Warning {
        summary: "version 2.0 drops the e-mail address of credentials",
    }
    Permission("permission") Warning {
        summary: "a permission is not known",
    }

    } };
}
