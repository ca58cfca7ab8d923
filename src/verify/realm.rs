//! Token servers whose names have nothing in common with their registry's, but that are known to belong to it.

/// Whether `server` is the token server of `registry`; both are hosts in small letters, without ports.
pub(super) fn is_known(registry: &str, server: &str) -> bool {
    match (registry, server) {
        ("registry-1.docker.io", "auth.docker.io") | ("registry.digitalocean.com", "api.digitalocean.com") => true,
        _ => is_alibaba(registry, server),
    }
}

/// Alibaba: `dockerauth.REGION.aliyuncs.com` for `registry.REGION.aliyuncs.com` and for `NAME-registry.REGION.cr.aliyuncs.com`.
fn is_alibaba(registry: &str, server: &str) -> bool {
    let labels: Vec<&str> = registry.split('.').collect();
    let region = match labels.as_slice() {
        [_, region, "aliyuncs", "com"] | [_, region, "cr", "aliyuncs", "com"] => region,
        _ => return false,
    };
    let name = labels.first().is_some_and(|name| name.split('-').any(|part| part == "registry"));
    let of = |server: &str| server.strip_suffix(".aliyuncs.com")?.strip_suffix(region)?.strip_suffix('.').map(str::to_owned);
    name && of(server).is_some_and(|first| matches!(first.as_str(), "dockerauth" | "dockerauth-vpc" | "dockerauth-internal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_registry_s_own_token_server_is_known() {
        for (registry, server) in [
            ("registry-1.docker.io", "auth.docker.io"),
            ("registry.digitalocean.com", "api.digitalocean.com"),
            ("registry.cn-hangzhou.aliyuncs.com", "dockerauth.cn-hangzhou.aliyuncs.com"),
            ("registry-intl.ap-southeast-1.aliyuncs.com", "dockerauth.ap-southeast-1.aliyuncs.com"),
            ("team-registry.eu-central-1.cr.aliyuncs.com", "dockerauth.eu-central-1.aliyuncs.com"),
        ] {
            assert!(is_known(registry, server), "{registry} {server}");
        }
        for (registry, server) in [
            ("ghcr.io", "auth.docker.io"),
            ("registry-1.docker.io", "auth.docker.io.example.com"),
            ("registry.cn-hangzhou.aliyuncs.com", "dockerauth.cn-beijing.aliyuncs.com"),
            ("registry.cn-hangzhou.aliyuncs.com", "bucket.cn-hangzhou.aliyuncs.com"),
            ("registry.cn-hangzhou.aliyuncs.com", "x.dockerauth.cn-hangzhou.aliyuncs.com"),
            ("bucket.cn-hangzhou.aliyuncs.com", "dockerauth.cn-hangzhou.aliyuncs.com"),
            ("registry.example.com", "dockerauth.cn-hangzhou.aliyuncs.com"),
        ] {
            assert!(!is_known(registry, server), "{registry} {server}");
        }
    }
}
