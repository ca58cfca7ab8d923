//! Rules on the deployment.

macro_rules! deployment {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    NoDeployment("no-deployment") Error {
        summary: "no service is deployed",
    }
    NoService("no-service") Error {
        summary: "`deployment` names no service",
    }
    NoPlacement("no-placement") Error {
        summary: "`deployment` names no placement",
    }
    NoCompute("no-compute") Error {
        summary: "`deployment` names no compute profile",
    }
    NoPricing("no-pricing") Error {
        summary: "a placement has no price for a profile",
    }
    NoGlobalService("no-global-service") Error {
        summary: "no deployed service is exposed to the world",
    }
    ServiceNotDeployed("service-not-deployed") Warning {
        summary: "a service is not deployed",
    }
    CountZero("count-zero") Error or Warning {
        summary: "a placement has no replica; a warning where it has others",
    }
    TotalCpu("total-cpu") Error {
        summary: "a placement asks for too many cores in all",
    }
    TotalGpu("total-gpu") Error {
        summary: "a placement asks for too many GPUs in all",
    }
    TotalMemory("total-memory") Error {
        summary: "a placement asks for too much memory in all",
    }

    } };
}
