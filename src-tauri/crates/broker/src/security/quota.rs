//! Quotas as values: for whom they are, what they limit, which one applies (KIP-55, KIP-546, KIP-599, KIP-612).

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub(crate) const USER: &str = "user";
pub(crate) const CLIENT_ID: &str = "client-id";
pub(crate) const IP: &str = "ip";

/// One part of an entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Name {
    /// Whoever has no quota of their own.
    Default,
    Named(String),
}

impl Name {
    /// As requests have it: null is the default.
    pub(crate) fn from_request(name: Option<String>) -> Self {
        name.map_or(Self::Default, Self::Named)
    }

    pub(crate) fn to_request(&self) -> Option<String> {
        match self {
            Self::Default => None,
            Self::Named(name) => Some(name.clone()),
        }
    }
}

/// For whom a quota is: by type.
pub(crate) type Entity = BTreeMap<String, Name>;

/// What a quota limits: by Kafka's key.
pub(crate) type Limits = BTreeMap<String, f64>;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Measure {
    /// Bytes per second.
    Produce,
    /// Bytes per second.
    Fetch,
    /// Percent of one thread.
    Request,
    /// Partitions made or deleted per second.
    Mutation,
}

impl Measure {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Produce => "producer_byte_rate",
            Self::Fetch => "consumer_byte_rate",
            Self::Request => "request_percentage",
            Self::Mutation => "controller_mutation_rate",
        }
    }
}

/// Connections per second from one address.
pub(crate) const CONNECTION_RATE: &str = "connection_creation_rate";

/// Why a quota cannot be. The text is for the client.
pub(crate) fn check_entity(entity: &[(String, Name)]) -> Result<Entity, String> {
    if entity.is_empty() {
        return Err("Invalid empty client quota entity".to_owned());
    }
    let mut checked = Entity::new();
    for (kind, name) in entity {
        if ![USER, CLIENT_ID, IP].contains(&kind.as_str()) {
            return Err(format!("Unhandled client quota entity type: {kind}"));
        }
        if *name == Name::Named(String::new()) {
            return Err(format!("Empty {kind} not supported"));
        }
        if checked.insert(kind.clone(), name.clone()).is_some() {
            return Err(format!("Invalid client quota entity, duplicate type {kind}"));
        }
    }
    if let Some(ip) = checked.get(IP) {
        if checked.len() > 1 {
            return Err(
                "Invalid quota entity combination, IP entity should not be combined with User or ClientId"
                    .to_owned(),
            );
        }
        if let Name::Named(address) = ip
            && address.parse::<IpAddr>().is_err()
        {
            return Err(format!("{address} is not a valid IP or resolvable host."));
        }
    }
    Ok(checked)
}

/// Whether a value may stand for an entity. The text is for the client.
pub(crate) fn check_limit(entity: &Entity, key: &str, value: f64) -> Result<(), String> {
    const FRACTION_MAX: f64 = 1e-6;
    let keys: &[&str] = if entity.contains_key(IP) {
        &[CONNECTION_RATE]
    } else {
        &["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"]
    };
    if !keys.contains(&key) {
        return Err(format!("Invalid configuration key {key}"));
    }
    if !(value > 0.0 && value.is_finite()) {
        return Err(format!("Quota {key} must be greater than 0"));
    }
    let whole = match key {
        CONNECTION_RATE if value > f64::from(i32::MAX) => {
            return Err(format!("Proposed value for {key} is too large for an INT."));
        }
        "request_percentage" | "controller_mutation_rate" => true,
        _ => (value - value.round()).abs() <= FRACTION_MAX,
    };
    if whole { Ok(()) } else { Err(format!("{key} cannot be a fractional value.")) }
}

/// The quota in force for a user's client, and under which names its use is counted together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Applied {
    pub(crate) limit: f64,
    /// None: all users.
    pub(crate) user: Option<String>,
    /// None: all of the user's clients.
    pub(crate) client_id: Option<String>,
}

/// Every quota there is.
#[derive(Debug, Clone, Default)]
pub(crate) struct QuotaTable(BTreeMap<Entity, Limits>);

impl QuotaTable {
    pub(crate) fn new(entries: &[(Entity, Limits)]) -> Self {
        Self(entries.iter().cloned().collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn limit(&self, entity: &[(&str, Name)], key: &str) -> Option<f64> {
        let entity: Entity = entity.iter().map(|(kind, name)| ((*kind).to_owned(), name.clone())).collect();
        self.0.get(&entity)?.get(key).copied()
    }

    /// The nearest quota, in Kafka's order: by user and client before by user before by client, a name before a
    /// default.
    pub(crate) fn applied(&self, measure: Measure, user: &str, client_id: &str) -> Option<Applied> {
        let key = measure.key();
        let (this_user, this_client) = (Name::Named(user.to_owned()), Name::Named(client_id.to_owned()));
        for user_name in [&this_user, &Name::Default] {
            for client_name in [Some(&this_client), Some(&Name::Default), None] {
                let mut entity = vec![(USER, user_name.clone())];
                entity.extend(client_name.map(|name| (CLIENT_ID, name.clone())));
                if let Some(limit) = self.limit(&entity, key) {
                    let client_id = client_name.map(|_| client_id.to_owned());
                    return Some(Applied { limit, user: Some(user.to_owned()), client_id });
                }
            }
        }
        [this_client, Name::Default].into_iter().find_map(|name| {
            let limit = self.limit(&[(CLIENT_ID, name)], key)?;
            Some(Applied { limit, user: None, client_id: Some(client_id.to_owned()) })
        })
    }

    /// Connections per second an address may make.
    pub(crate) fn connection_rate(&self, ip: IpAddr) -> Option<f64> {
        let named = Name::Named(ip.to_string());
        [named, Name::Default].into_iter().find_map(|name| self.limit(&[(IP, name)], CONNECTION_RATE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: &[(&[(&str, &str)], f64)]) -> QuotaTable {
        let entry = |(entity, limit): &(&[(&str, &str)], f64)| {
            let entity = entity.iter().map(|(kind, name)| {
                let name = if *name == "<default>" { Name::Default } else { Name::Named((*name).to_owned()) };
                ((*kind).to_owned(), name)
            });
            (entity.collect(), Limits::from([("producer_byte_rate".to_owned(), *limit)]))
        };
        QuotaTable::new(&entries.iter().map(entry).collect::<Vec<_>>())
    }

    #[test]
    fn the_nearest_quota_applies() {
        // From the nearest to the farthest; each is taken away after it was found.
        let order: [(&[(&str, &str)], f64); 8] = [
            (&[("user", "u"), ("client-id", "c")], 1.0),
            (&[("user", "u"), ("client-id", "<default>")], 2.0),
            (&[("user", "u")], 3.0),
            (&[("user", "<default>"), ("client-id", "c")], 4.0),
            (&[("user", "<default>"), ("client-id", "<default>")], 5.0),
            (&[("user", "<default>")], 6.0),
            (&[("client-id", "c")], 7.0),
            (&[("client-id", "<default>")], 8.0),
        ];
        for first in 0..order.len() {
            let applied = table(&order[first..]).applied(Measure::Produce, "u", "c").unwrap();
            assert_eq!(applied.limit, order[first].1);
            assert_eq!(applied.user.is_some(), first < 6, "{applied:?}");
            assert_eq!(applied.client_id.is_some(), first != 2 && first != 5, "{applied:?}");
        }
        assert_eq!(table(&order[..1]).applied(Measure::Produce, "u", "d"), None);
        assert_eq!(table(&order).applied(Measure::Fetch, "u", "c"), None);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let named = |kind: &str, name: &str| (kind.to_owned(), Name::Named(name.to_owned()));
        assert!(check_entity(&[]).is_err());
        assert!(check_entity(&[named("planet", "mars")]).is_err());
        assert!(check_entity(&[named(IP, "1.2.3.4"), named(USER, "u")]).is_err());
        assert!(check_entity(&[named(IP, "nowhere")]).is_err());
        assert!(check_entity(&[named(USER, "u"), named(USER, "v")]).is_err());
        let user = check_entity(&[named(USER, "u")]).unwrap();
        assert_eq!(check_limit(&user, "producer_byte_rate", 5.0), Ok(()));
        assert_eq!(check_limit(&user, "request_percentage", 0.5), Ok(()));
        assert!(check_limit(&user, "producer_byte_rate", 0.5).is_err());
        assert!(check_limit(&user, "producer_byte_rate", 0.0).is_err());
        assert!(check_limit(&user, "producer_byte_rate", f64::NAN).is_err());
        assert!(check_limit(&user, CONNECTION_RATE, 5.0).is_err());
    }
}
