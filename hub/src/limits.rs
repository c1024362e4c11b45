//! How much one address, one account and everyone together may ask of the hub.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The limits of a hub, as its operator may set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections.
    pub connections: usize,
    /// Open realtime sockets.
    pub sockets: usize,
    /// Open realtime sockets of one account.
    pub sockets_per_account: usize,
    /// Channels of one realtime socket.
    pub channels_per_socket: usize,
    /// Sign-ins and refreshes of one address in five minutes, after `token_burst` at once.
    pub tokens_per_address: u32,
    /// Sign-ins and refreshes of one address at once.
    pub token_burst: u32,
    /// Wrong passwords of one account in five minutes, after `password_burst` at once.
    pub passwords_per_account: u32,
    /// Wrong passwords of one account at once.
    pub password_burst: u32,
    /// Requests of one account in a minute, after `request_burst` at once.
    pub requests_per_account: u32,
    /// Requests of one account at once.
    pub request_burst: u32,
    /// Bytes of a body sent to Auth.
    pub auth_body: usize,
    /// Bytes of any other body.
    pub body: usize,
    /// Bytes of a realtime frame.
    pub frame: usize,
    /// Bytes that may wait for a slow realtime socket before it is dropped.
    pub socket_queue: usize,
    /// Connections to PostgreSQL that calls share.
    pub database_connections: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 8_192,
            sockets: 4_000,
            sockets_per_account: 1_500,
            channels_per_socket: 100,
            tokens_per_address: 1_500,
            token_burst: 300,
            passwords_per_account: 30,
            password_burst: 10,
            requests_per_account: 30_000,
            request_burst: 5_000,
            auth_body: 1 << 20,
            body: 16 << 20,
            frame: 1 << 20,
            socket_queue: 4 << 20,
            database_connections: 16,
        }
    }
}

/// How many keys a throttle remembers.
const MOST_KEYS: usize = 10_000;

/// Token buckets: each key may act `burst` times at once, and `count` times in `per` after that.
pub struct Throttle {
    burst: f64,
    per_second: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

struct Bucket {
    level: f64,
    filled_at: Duration,
}

impl Throttle {
    /// A throttle with full buckets.
    pub fn new(count: u32, per: Duration, burst: u32) -> Throttle {
        let per_second = f64::from(count) / per.as_secs_f64();
        Throttle { burst: f64::from(burst), per_second, buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes one from the key's bucket, or says how long to wait for the next.
    pub fn take(&self, key: &str, now: Duration) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_KEYS && !buckets.contains_key(key) {
            buckets.retain(|_, bucket| self.level(bucket, now) < self.burst);
            if buckets.len() >= MOST_KEYS {
                buckets.clear();
            }
        }
        let full = Bucket { level: self.burst, filled_at: now };
        let bucket = buckets.entry(key.to_owned()).or_insert(full);
        bucket.level = self.level(bucket, now);
        bucket.filled_at = now;
        if bucket.level >= 1.0 {
            bucket.level -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - bucket.level) / self.per_second;
        Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX))
    }

    /// Gives one back to the key's bucket: what it was taken for does not count.
    pub fn give_back(&self, key: &str) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(key) {
            bucket.level = (bucket.level + 1.0).min(self.burst);
        }
    }

    fn level(&self, bucket: &Bucket, now: Duration) -> f64 {
        let passed = now.saturating_sub(bucket.filled_at).as_secs_f64();
        (bucket.level + passed * self.per_second).min(self.burst)
    }
}

/// What counts as one address: an IPv4 address, or the /64 network that one IPv6 customer gets.
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let throttle = Throttle::new(60, MINUTE, 3);
        let at = |s| Duration::from_secs(s);
        assert!((0..3).all(|_| throttle.take("a", at(0)).is_ok()));
        assert_eq!(Err(at(1)), throttle.take("a", at(0)));
        assert_eq!(Ok(()), throttle.take("b", at(0)));
        assert_eq!(Ok(()), throttle.take("a", at(1)));
        assert!(throttle.take("a", at(1)).is_err());
        assert!((0..3).all(|_| throttle.take("a", at(1_000)).is_ok()));
        assert!(throttle.take("a", at(1_000)).is_err());
    }

    #[test]
    fn a_crowd_of_keys_takes_bounded_memory() {
        let throttle = Throttle::new(1, MINUTE, 1);
        for key in 0..3 * MOST_KEYS {
            throttle.take(&key.to_string(), Duration::ZERO).unwrap();
        }
        assert!(throttle.buckets.lock().unwrap().len() <= MOST_KEYS);
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_a_bucket() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!("192.0.2.1", key("::ffff:192.0.2.1"));
    }
}
