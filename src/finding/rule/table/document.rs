//! Rules on the document, its version, its endpoints.

macro_rules! document {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    NoVersion("no-version") Error {
        summary: "`version` is missing",
    }
    Version("version") Error {
        summary: "`version` is neither 2.0 nor 2.1",
    }
    VersionForm("version-form") Warning {
        summary: "Console wants `version` as a text",
    }
    MinWindow("min-window") Error {
        summary: "`reclamation.min_window` is not a duration above zero",
    }
    MinWindowForm("min-window-form") Warning {
        summary: "Console wants a whole number and one unit in `min_window`",
    }
    EndpointName("endpoint-name") Error {
        summary: "an endpoint's name is not in order",
    }
    EndpointKind("endpoint-kind") Error {
        summary: "an endpoint's kind is not `ip`",
    }
    EndpointUnused("endpoint-unused") Error {
        summary: "no service uses an endpoint",
    }

    } };
}
