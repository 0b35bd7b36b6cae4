//! What may change while the broker runs.

use std::collections::BTreeMap;

use super::broker::{any_broker_key, broker_key, is_of_listener, needs_listener};
use super::{ConfigError, Dynamic, Scope, Settings};

/// Bound where the broker is started, although Kafka can bind others while it runs.
const LISTENERS: [&str; 2] = ["listeners", "listener.security.protocol.map"];

/// What may not be 0, but for the start.
const LIMITS_OF_LISTENERS: [&str; 2] = ["max.connections", "max.connection.creation.rate"];

impl Settings {
    /// The same with other values of this broker, as far as they may change.
    pub fn with_own(&self, own: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        check(&own, &self.dynamic().own)?;
        Ok(self.replaced(Dynamic { own, cluster: self.dynamic().cluster.clone() }))
    }

    /// The same with other values of all brokers, as far as they may change.
    pub fn with_cluster(&self, cluster: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        check(&cluster, &self.dynamic().cluster)?;
        let of_one =
            names(&cluster, |name| any_broker_key(name).is_some_and(|key| key.scope == Scope::PerBroker));
        if !of_one.is_empty() {
            return Err(ConfigError::PerBroker(of_one));
        }
        Ok(self.replaced(Dynamic { own: self.dynamic().own.clone(), cluster }))
    }
}

/// Names the broker does not know are taken as they are, as Kafka takes them for plugins of its own.
fn check(values: &BTreeMap<String, String>, before: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let fixed = names(values, |name| {
        let bound = LISTENERS.contains(&name) && values.get(name) != before.get(name);
        bound || broker_key(name).is_some_and(|key| !key.is_dynamic())
    });
    if !fixed.is_empty() {
        return Err(ConfigError::ReadOnly(fixed));
    }
    let everywhere =
        names(values, |name| !is_of_listener(name) && broker_key(name).is_some_and(needs_listener));
    if !everywhere.is_empty() {
        return Err(ConfigError::WithoutListener(everywhere));
    }
    for (name, value) in values {
        if let Some(key) = any_broker_key(name) {
            key.check(value)?;
            // Every listener is told, its own value or the broker's: none takes nothing at all.
            if LIMITS_OF_LISTENERS.contains(&key.name) && value.trim().parse() == Ok(0) {
                return Err(ConfigError::Rule(format!(
                    "Invalid value org.apache.kafka.common.config.ConfigException: Invalid {} 0 for configuration \
                     Invalid dynamic configuration",
                    key.name
                )));
            }
        }
    }
    Ok(())
}

fn names(values: &BTreeMap<String, String>, odd: impl Fn(&str) -> bool) -> Vec<String> {
    values.keys().filter(|name| odd(name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[track_caller]
    fn check(name: &str, value: &str, own: Option<&str>, cluster: Option<&str>) {
        let settings = Settings::default();
        let said = |result: Result<Settings, ConfigError>| result.err().map(|error| error.to_string());
        assert_eq!(said(settings.with_own(values(name, value))).as_deref(), own, "{name} of one");
        assert_eq!(said(settings.with_cluster(values(name, value))).as_deref(), cluster, "{name} of all");
    }

    #[test]
    fn each_key_changes_where_kafka_lets_it() {
        check("log.retention.ms", "5", None, None);
        check("plugin.key", "5", None, None);
        let fixed = Some("Cannot update these configs dynamically: [num.partitions]");
        check("num.partitions", "2", fixed, fixed);
        let bare = Some(
            "These security configs can be dynamically updated only per-listener using the listener prefix: \
             [ssl.keystore.location]",
        );
        check("ssl.keystore.location", "/x", bare, bare);
        let one = Some(
            "Cannot update these configs at default cluster level, broker id must be specified: \
             [listener.name.lan.ssl.keystore.location]",
        );
        check("listener.name.lan.ssl.keystore.location", "/x", None, one);
        let none = Some(
            "Invalid value org.apache.kafka.common.config.ConfigException: Invalid max.connections 0 for \
             configuration Invalid dynamic configuration",
        );
        check("listener.name.lan.max.connections", "0", none, none);
        check("max.connections", "0", none, none);
        let wrong = Some("Invalid value x for configuration log.cleaner.threads: Not a number of type INT");
        check("log.cleaner.threads", "x", wrong, wrong);
    }
}
