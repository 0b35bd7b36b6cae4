//! Use against quotas. Where no quota is set nothing is measured.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, RwLock};

use super::quota::{Applied, Entity, Limits, Measure, QuotaTable};
use super::rate::{Rate, TokenBucket, Windows};

/// Users and clients measured at a time. The names are the clients' choice.
const METERS_MAX: usize = 10_000;

/// Kafka's largest number: no bound on the rate of new connections.
const UNLIMITED: f64 = i32::MAX as f64;

/// One use after which nothing was heard is forgotten, in milliseconds.
const IDLE_MS_MAX: i64 = 60_000;

/// Use, and the quotas it is held against.
pub(crate) struct Quotas {
    any: AtomicBool,
    table: RwLock<Arc<QuotaTable>>,
    windows: Windows,
    mutation_windows: Windows,
    meters: Mutex<HashMap<Key, Meter>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Client {
        measure: Measure,
        user: Option<String>,
        client_id: Option<String>,
    },
    Ip(IpAddr),
    /// New connections, of all listeners or of one.
    Connections(Option<String>),
}

#[derive(Default)]
struct Meter {
    rate: Rate,
    tokens: TokenBucket,
    used_ms: i64,
}

impl Quotas {
    pub(crate) fn new(entries: &[(Entity, Limits)], windows: Windows, mutation_windows: Windows) -> Self {
        let quotas = Self {
            any: AtomicBool::new(false),
            table: RwLock::default(),
            windows,
            mutation_windows,
            meters: Mutex::default(),
        };
        quotas.set(entries);
        quotas
    }

    /// Takes over changed quotas.
    pub(crate) fn set(&self, entries: &[(Entity, Limits)]) {
        let table = QuotaTable::new(entries);
        self.any.store(!table.is_empty(), Ordering::Release);
        *self.table.write() = Arc::new(table);
    }

    /// Whether anything is limited.
    pub(crate) fn is_active(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    fn table(&self) -> Arc<QuotaTable> {
        Arc::clone(&self.table.read())
    }

    /// Counts use; how long the client is to wait, in milliseconds.
    pub(crate) fn record(
        &self,
        measure: Measure,
        (user, client_id): (&str, &str),
        value: f64,
        now_ms: i64,
    ) -> i64 {
        let Some(Applied { limit, user, client_id }) = self.table().applied(measure, user, client_id) else {
            return 0;
        };
        let windows = self.windows;
        let wait_ms = self.metered(Key::Client { measure, user, client_id }, now_ms, |meter| {
            meter.rate.record(now_ms, value, windows);
            meter.rate.throttle_ms(now_ms, limit, windows)
        });
        // A request that took long does not stop its client for longer than a window.
        if measure == Measure::Request { wait_ms.min(windows.size_ms) } else { wait_ms }
    }

    /// Counts what a fetch would send; how long the client is to wait, in milliseconds. Who has to wait, for this
    /// or for `other_ms` already, is sent nothing, and nothing is counted.
    pub(crate) fn record_fetch(
        &self,
        (user, client_id): (&str, &str),
        bytes: f64,
        other_ms: i64,
        now_ms: i64,
    ) -> i64 {
        let applied = self.table().applied(Measure::Fetch, user, client_id);
        let Some(Applied { limit, user, client_id }) = applied else { return other_ms };
        let windows = self.windows;
        self.metered(Key::Client { measure: Measure::Fetch, user, client_id }, now_ms, |meter| {
            let mut with_it = meter.rate.clone();
            with_it.record(now_ms, bytes, windows);
            let wait_ms = with_it.throttle_ms(now_ms, limit, windows).max(other_ms);
            if wait_ms == 0 {
                meter.rate = with_it;
            }
            wait_ms
        })
    }

    /// The most bytes a client can be sent at a time without exceeding its quota for all windows.
    pub(crate) fn fetch_bytes_max(&self, (user, client_id): (&str, &str)) -> Option<usize> {
        if !self.is_active() {
            return None;
        }
        let limit = self.table().applied(Measure::Fetch, user, client_id)?.limit;
        let seconds = (self.windows.count - 1).max(1) * self.windows.size_ms / 1000;
        Some((limit * seconds as f64) as usize)
    }

    /// Whether `count` partitions may be made or deleted now, and how long the client is to wait. `strict`: what is
    /// over the quota is refused and not counted; else it is done and paid for later.
    pub(crate) fn mutate(
        &self,
        (user, client_id): (&str, &str),
        count: f64,
        strict: bool,
        now_ms: i64,
    ) -> (bool, i64) {
        let applied = self.table().applied(Measure::Mutation, user, client_id);
        let Some(Applied { limit, user, client_id }) = applied else { return (true, 0) };
        let windows = self.mutation_windows;
        self.metered(Key::Client { measure: Measure::Mutation, user, client_id }, now_ms, |meter| {
            let before = meter.tokens.throttle_ms(now_ms, limit, windows);
            if strict && before > 0 {
                return (false, before);
            }
            meter.tokens.take(now_ms, count, limit, windows);
            let after = meter.tokens.throttle_ms(now_ms, limit, windows);
            (true, if strict { 0 } else { after })
        })
    }

    /// Counts a connection that is to come in against the rates of the broker and of its listener; how long it
    /// waits, in milliseconds.
    pub(crate) fn connecting(&self, listener: &str, limits: [f64; 2], now_ms: i64) -> i64 {
        let windows = self.windows;
        let waits = self.connection_meters(listener, limits, |key, limit| {
            self.metered(key, now_ms, |meter| {
                meter.rate.record(now_ms, 1.0, windows);
                meter.rate.throttle_ms(now_ms, limit, windows)
            })
        });
        waits.into_iter().max().unwrap_or(0).min(windows.size_ms)
    }

    /// Takes a connection back that was counted by [`Quotas::connecting`] and did not come in.
    pub(crate) fn not_connected(&self, listener: &str, limits: [f64; 2], now_ms: i64) {
        self.connection_meters(listener, limits, |key, _| {
            self.metered(key, now_ms, |meter| meter.rate.record(now_ms, -1.0, self.windows));
        });
    }

    fn connection_meters<T>(&self, listener: &str, limits: [f64; 2], of: impl Fn(Key, f64) -> T) -> Vec<T> {
        let keys = [None, Some(listener)].into_iter().zip(limits);
        let limited = keys.filter(|(_, limit)| *limit < UNLIMITED);
        limited.map(|(listener, limit)| of(Key::Connections(listener.map(str::to_owned)), limit)).collect()
    }

    /// Counts a connection from an address; how long it is held before it is closed, 0 if it may stay.
    pub(crate) fn connected(&self, ip: IpAddr, now_ms: i64) -> i64 {
        let Some(limit) = self.table().connection_rate(ip) else { return 0 };
        let windows = self.windows;
        self.metered(Key::Ip(ip), now_ms, |meter| {
            let mut with_it = meter.rate.clone();
            with_it.record(now_ms, 1.0, windows);
            let wait_ms = with_it.throttle_ms(now_ms, limit, windows);
            // Refused connections do not count.
            if wait_ms == 0 {
                meter.rate = with_it;
            }
            wait_ms.min(windows.size_ms)
        })
    }

    fn metered<T>(&self, key: Key, now_ms: i64, measure: impl FnOnce(&mut Meter) -> T) -> T {
        let mut meters = self.meters.lock();
        if meters.len() >= METERS_MAX && !meters.contains_key(&key) {
            meters.retain(|_, meter| now_ms - meter.used_ms < IDLE_MS_MAX);
            if meters.len() >= METERS_MAX {
                meters.clear();
            }
        }
        let meter = meters.entry(key).or_default();
        meter.used_ms = now_ms;
        measure(meter)
    }
}

#[cfg(test)]
mod tests {
    use super::super::quota::{IP, Name, USER};
    use super::*;

    const WINDOWS: Windows = Windows { count: 11, size_ms: 1000 };

    fn quotas(kind: &str, key: &str, limit: f64) -> Quotas {
        let entity = Entity::from([(kind.to_owned(), Name::Default)]);
        Quotas::new(&[(entity, Limits::from([(key.to_owned(), limit)]))], WINDOWS, WINDOWS)
    }

    #[test]
    fn users_are_measured_apart() {
        let quotas = quotas(USER, "producer_byte_rate", 100.0);
        assert!(quotas.record(Measure::Produce, ("a", "x"), 5000.0, 0) > 0);
        assert!(quotas.record(Measure::Produce, ("a", "y"), 1.0, 0) > 0);
        assert_eq!(quotas.record(Measure::Produce, ("b", "x"), 1.0, 0), 0);
        assert_eq!(quotas.record(Measure::Fetch, ("a", "x"), 5000.0, 0), 0);
        quotas.set(&[]);
        assert!(!quotas.is_active());
    }

    #[test]
    fn too_many_partitions_are_refused_until_paid_for() {
        let quotas = quotas(USER, "controller_mutation_rate", 1.0);
        assert_eq!(quotas.mutate(("a", "x"), 20.0, true, 0), (true, 0));
        assert_eq!(quotas.mutate(("a", "x"), 1.0, true, 0), (false, 9_000));
        assert_eq!(quotas.mutate(("a", "x"), 1.0, true, 9_000), (true, 0));
        assert_eq!(quotas.mutate(("a", "x"), 1.0, false, 9_000), (true, 2_000));
    }

    #[test]
    fn an_address_that_connects_too_often_waits() {
        let quotas = quotas(IP, "connection_creation_rate", 1.0);
        let ip = IpAddr::from([10, 0, 0, 1]);
        let kept = (0..20).filter(|_| quotas.connected(ip, 0) == 0).count();
        assert_eq!(kept, 10);
        assert_eq!(quotas.connected(IpAddr::from([10, 0, 0, 2]), 0), 0);
        assert_eq!(quotas.connected(ip, 20_000), 0);
    }

    #[test]
    fn new_connections_wait_for_the_broker_and_their_listener() {
        let quotas = quotas(USER, "producer_byte_rate", 1.0);
        let all = UNLIMITED;
        let waits = |listener: &str, limits, times, now_ms| -> Vec<i64> {
            (0..times).map(|_| quotas.connecting(listener, limits, now_ms)).collect()
        };
        assert_eq!(waits("lan", [all, all], 100, 0), [0; 100]);
        // As many as come in ten seconds may come at once; then each waits, for a window at most.
        assert_eq!(waits("lan", [1.0, all], 11, 0).iter().sum::<i64>(), 1000);
        assert_eq!(waits("wan", [all, 10.0], 101, 0).iter().sum::<i64>(), 100);
        assert_eq!(waits("lan", [all, 10.0], 100, 0), [0; 100]);
        quotas.not_connected("lan", [all, 10.0], 0);
        assert_eq!(waits("lan", [all, 10.0], 2, 0), [0, 100]);
        assert_eq!(waits("lan", [1.0, 1.0], 1, 20_000), [0]);
    }

    #[test]
    fn a_fetch_that_is_not_sent_is_not_counted() {
        let quotas = quotas(USER, "consumer_byte_rate", 100.0);
        let client = ("a", "x");
        assert_eq!(quotas.fetch_bytes_max(client), Some(1000));
        assert_eq!(quotas.record_fetch(client, 900.0, 0, 0), 0);
        assert_eq!(quotas.record_fetch(client, 600.0, 0, 0), 5_000);
        assert_eq!(quotas.record_fetch(client, 50.0, 7, 0), 7);
        // Neither was counted.
        assert_eq!(quotas.record_fetch(client, 100.0, 0, 0), 0);
        assert_eq!(quotas.fetch_bytes_max(("b", "x")), Some(1000));
    }

    #[test]
    fn names_do_not_fill_memory() {
        let quotas = quotas(USER, "producer_byte_rate", 100.0);
        for user in 0..2 * METERS_MAX {
            quotas.record(Measure::Produce, (&user.to_string(), ""), 1.0, 0);
        }
        assert!(quotas.meters.lock().len() <= METERS_MAX);
    }
}
