//! When to ask again: what a server says of it, and by how much look-ups are spread.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, SystemTime};

use super::client::HttpResponse;

/// A random time of at most `most`, so that those who were refused together don't come back together.
pub(super) fn jitter(most: Duration) -> Duration {
    // Each state is seeded anew.
    most.mul_f64(RandomState::new().hash_one(()) as f64 / u64::MAX as f64)
}

/// When the server accepts requests again: `Retry-After`, or the reset time of a rate limit.
pub(super) fn reset(answer: &HttpResponse) -> Option<SystemTime> {
    let now = SystemTime::now();
    let announced = ["retry-after", "x-ratelimit-reset", "ratelimit-reset"].iter().find_map(|name| {
        let text = answer.header(name)?.trim();
        match text.parse::<u64>() {
            // Some send the time instead of the number of seconds.
            Ok(seconds) if seconds > 1_000_000_000 => SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)),
            Ok(seconds) => now.checked_add(Duration::from_secs(seconds)),
            Err(_) => httpdate::parse_http_date(text).ok(),
        }
    });
    // Docker Hub sends only the window, in seconds: `ratelimit-remaining: 0;w=21600`.
    announced.or_else(|| {
        let (_, window) = answer.header("ratelimit-remaining")?.split_once(";w=")?;
        now.checked_add(Duration::from_secs(window.trim().parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spread() {
        let times: Vec<Duration> = (0..20).map(|_| jitter(Duration::from_secs(1))).collect();
        assert!(times.iter().all(|time| *time <= Duration::from_secs(1)));
        assert!(times.iter().any(|time| *time != times[0]));
    }
}
