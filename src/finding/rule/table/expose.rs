//! Rules on what services expose.

macro_rules! expose {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    PortRange("port-range") Error {
        summary: "a port is not a number from 1 to 65535",
    }
    AsRange("as-range") Warning {
        summary: "`as` is not a number from 1 to 65535",
    }
    Proto("proto") Error {
        summary: "`proto` is neither TCP nor UDP",
    }
    ProtoForm("proto-form") Warning {
        summary: "Console knows TCP, UDP, tcp and udp alone",
    }
    AcceptHost("accept-host") Error {
        summary: "an entry of `accept` is not a host name",
    }
    AcceptDuplicate("accept-duplicate") Error {
        summary: "two services accept one host name",
    }
    HttpOptionLimit("http-option-limit") Error {
        summary: "an option of HTTP is above its limit",
    }
    NextCase("next-case") Error {
        summary: "a case for the next try is not known",
    }
    NextCaseOff("next-case-off") Error {
        summary: "`off` stands beside other cases",
    }
    IpUnknown("ip-unknown") Error {
        summary: "`ip` names no endpoint",
    }
    IpNotGlobal("ip-not-global") Error {
        summary: "an address is leased for what is not global",
    }
    IpPortTaken("ip-port-taken") Error {
        summary: "an address and port are given to two",
    }
    IpPortConsole("ip-port-console") Warning {
        summary: "Console takes an address and port for taken",
    }

    } };
}
