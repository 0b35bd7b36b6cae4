//! The keys the broker has, Kafka's all, with the defaults of a single laptop broker.
//!
//! A default is Kafka's own but where one node on one computer is better served otherwise; the test that compares
//! them with a real Kafka names those. What has no meaning for one node is served and taken, and says so.

mod access;
mod cleaner;
mod consumer_groups;
mod controller;
mod groups;
mod log;
mod network;
mod process;
mod replication;
mod sasl;
mod share_groups;
mod ssl;
mod streams_groups;
mod tiered;
mod topics;
mod transactions;

use std::sync::LazyLock;

use super::{Definition, Scope};

const TABLES: [&[Definition]; 16] = [
    access::KEYS,
    cleaner::KEYS,
    consumer_groups::KEYS,
    controller::KEYS,
    groups::KEYS,
    log::KEYS,
    network::KEYS,
    process::KEYS,
    replication::KEYS,
    sasl::KEYS,
    share_groups::KEYS,
    ssl::KEYS,
    streams_groups::KEYS,
    tiered::KEYS,
    topics::KEYS,
    transactions::KEYS,
];

/// All of them by name.
static SORTED: LazyLock<Vec<&'static Definition>> = LazyLock::new(|| {
    let mut keys: Vec<_> = TABLES.iter().flat_map(|table| table.iter()).collect();
    keys.sort_by_key(|key| key.name);
    keys
});

/// What stands before a listener's own values: `listener.name.<listener>.[<mechanism>.]<key>`.
const LISTENER_PREFIX: &str = "listener.name.";

/// The keys the broker has, in alphabetical order.
pub fn broker_keys() -> &'static [&'static Definition] {
    &SORTED
}

/// The broker key of this very name.
pub(crate) fn broker_key(name: &str) -> Option<&'static Definition> {
    let at = SORTED.binary_search_by_key(&name, |key| key.name).ok()?;
    SORTED.get(at).copied()
}

/// The broker key of this name, a listener's too.
pub(crate) fn any_broker_key(name: &str) -> Option<&'static Definition> {
    broker_key(name).or_else(|| {
        let (_, mut key) = name.strip_prefix(LISTENER_PREFIX)?.split_once('.')?;
        loop {
            match broker_key(key) {
                Some(found) => return Some(found),
                None => key = key.split_once('.')?.1,
            }
        }
    })
}

/// Whether the broker knows the key, a listener's too (`listener.name.<listener>.ssl.client.auth`).
pub fn is_broker_key(name: &str) -> bool {
    any_broker_key(name).is_some()
}

/// The name of a listener's own value, its `listener` in lower case.
pub(super) fn of_listener(listener: &str, mechanism: Option<&str>, name: &str) -> String {
    match mechanism {
        Some(mechanism) => format!("{LISTENER_PREFIX}{listener}.{mechanism}.{name}"),
        None => format!("{LISTENER_PREFIX}{listener}.{name}"),
    }
}

/// Keys that give a key's value where it is not set itself, nearest first, and by what theirs is multiplied.
pub(super) fn stand_ins(name: &str) -> &'static [(&'static str, i64)] {
    const MINUTE_MS: i64 = 60_000;
    const HOUR_MS: i64 = 3_600_000;
    match name {
        "log.retention.ms" => &[("log.retention.minutes", MINUTE_MS), ("log.retention.hours", HOUR_MS)],
        "log.roll.ms" => &[("log.roll.hours", HOUR_MS)],
        "log.roll.jitter.ms" => &[("log.roll.jitter.hours", HOUR_MS)],
        "log.flush.interval.ms" => &[("log.flush.scheduler.interval.ms", 1)],
        _ => &[],
    }
}

/// Whether the key changes while the broker runs only for one listener.
pub(super) fn needs_listener(key: &Definition) -> bool {
    let store = key.name.starts_with("ssl.keystore.") || key.name.starts_with("ssl.truststore.");
    key.scope == Scope::PerBroker && (store || key.name == "ssl.key.password")
}

/// Whether a name of a listener's value is one.
pub(super) fn is_of_listener(name: &str) -> bool {
    name.starts_with(LISTENER_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_in_order_and_no_key_is_in_two() {
        for table in TABLES {
            assert!(table.is_sorted_by_key(|key| key.name), "{}", table[0].name);
        }
        assert!(SORTED.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn listeners_have_keys_of_their_own() {
        assert_eq!(any_broker_key("listener.name.lan.ssl.client.auth").unwrap().name, "ssl.client.auth");
        let jaas = "listener.name.lan.scram-sha-256.sasl.jaas.config";
        assert_eq!(any_broker_key(jaas).unwrap().name, "sasl.jaas.config");
        assert!(!is_broker_key("listener.name.lan.no.such"));
        assert!(!is_broker_key("lan.ssl.client.auth"));
    }
}
