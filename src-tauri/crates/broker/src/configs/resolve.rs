//! What a key is set to, and by whom: the topic, the running broker, its start, or Kafka's default.

use std::collections::BTreeMap;

use commitlog::{Cleanup, LogConfig};

use super::definition::list;
use super::{BROKER_KEYS, ConfigError, Definition, TOPIC_KEYS};
use crate::schemas::{SchemaRule, SubjectNames};

/// Who set a value; the numbers are DescribeConfigs's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Source {
    Topic = 1,
    DynamicBroker = 2,
    StaticBroker = 4,
    Default = 5,
    ClientMetrics = 7,
    Group = 8,
}

/// A value and who set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub value: String,
    pub source: Source,
    /// The key it was found under: the topic's own or the broker's that stands behind it.
    pub name: &'static str,
}

/// The broker's own values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    fixed: BTreeMap<String, String>,
    dynamic: BTreeMap<String, String>,
}

/// A topic's values in force, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicSettings {
    pub log: LogConfig,
    pub message_bytes_max: usize,
    pub log_append_time: bool,
    pub timestamp_before_ms_max: i64,
    pub timestamp_after_ms_max: i64,
    pub schemas: SchemaRule,
}

impl Settings {
    /// Values given at start and those changed since, each checked.
    pub fn new(
        fixed: BTreeMap<String, String>,
        dynamic: BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        for (name, value) in fixed.iter().chain(&dynamic) {
            broker_key(name)?.check(value)?;
        }
        Ok(Self { fixed, dynamic })
    }

    /// Values changed while the broker runs.
    pub fn dynamic(&self) -> &BTreeMap<String, String> {
        &self.dynamic
    }

    /// The same with other dynamic values, each checked.
    pub fn with_dynamic(&self, dynamic: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        for (name, value) in &dynamic {
            let key = broker_key(name)?;
            if !key.dynamic {
                return Err(ConfigError::ReadOnly(name.clone()));
            }
            key.check(value)?;
        }
        Ok(Self { fixed: self.fixed.clone(), dynamic })
    }

    /// Every value a broker key has, the one in force first.
    pub fn broker_values(&self, key: &Definition) -> Vec<Resolved> {
        let found = |value: &String, source| Resolved { value: value.clone(), source, name: key.name };
        let mut values = Vec::new();
        values.extend(self.dynamic.get(key.name).map(|value| found(value, Source::DynamicBroker)));
        values.extend(self.fixed.get(key.name).map(|value| found(value, Source::StaticBroker)));
        values.push(Resolved { value: key.default.to_owned(), source: Source::Default, name: key.name });
        values
    }

    /// Every value a topic key has, the one in force first.
    pub fn topic_values(&self, topic: &BTreeMap<String, String>, key: &Definition) -> Vec<Resolved> {
        self.values(topic, Source::Topic, key)
    }

    /// Every value a group key has, the one in force first.
    pub fn group_values(&self, group: &BTreeMap<String, String>, key: &Definition) -> Vec<Resolved> {
        self.values(group, Source::Group, key)
    }

    fn values(&self, own: &BTreeMap<String, String>, source: Source, key: &Definition) -> Vec<Resolved> {
        let mut values = Vec::new();
        values.extend(own.get(key.name).map(|value| Resolved {
            value: value.clone(),
            source,
            name: key.name,
        }));
        match key.synonym.and_then(|name| broker_key(name).ok()) {
            Some(broker) => values.extend(self.broker_values(broker)),
            None => values.push(Resolved {
                value: key.default.to_owned(),
                source: Source::Default,
                name: key.name,
            }),
        }
        values
    }

    /// A whole number of the broker's. Values are checked when they are set.
    pub fn number(&self, name: &str) -> i64 {
        self.text(name).trim().parse().unwrap_or(0)
    }

    /// A yes or no of the broker's.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).trim().eq_ignore_ascii_case("true")
    }

    /// A text of the broker's.
    pub fn text(&self, name: &str) -> &str {
        let default = || broker_key(name).map_or("", |key| key.default);
        self.dynamic.get(name).or_else(|| self.fixed.get(name)).map_or_else(default, String::as_str)
    }

    /// A text of one listener (its name in lower case), or of one mechanism on it; else the broker's own.
    pub fn of_listener(&self, listener: &str, mechanism: Option<&str>, name: &str) -> &str {
        let own = |key: String| self.dynamic.get(&key).or_else(|| self.fixed.get(&key));
        let of_mechanism =
            mechanism.and_then(|mechanism| own(format!("{LISTENER_PREFIX}{listener}.{mechanism}.{name}")));
        let of_listener = || own(format!("{LISTENER_PREFIX}{listener}.{name}"));
        of_mechanism.or_else(of_listener).map_or_else(|| self.text(name), String::as_str)
    }

    /// A topic's values in force.
    pub fn for_topic(&self, topic: &BTreeMap<String, String>) -> TopicSettings {
        let text = |name: &str| -> String {
            match topic_key(name) {
                Ok(key) => self.topic_values(topic, key).swap_remove(0).value,
                Err(_) => String::new(),
            }
        };
        let number = |name: &str| -> i64 { text(name).trim().parse().unwrap_or(0) };
        let names = |part: &str| {
            let is_on =
                text(&format!("confluent.{part}.schema.validation")).trim().eq_ignore_ascii_case("true");
            is_on
                .then(|| SubjectNames::parse(text(&format!("confluent.{part}.subject.name.strategy")).trim()))
        };
        let policy = text("cleanup.policy");
        let cleanup = Cleanup {
            delete: list(&policy).any(|word| word == "delete"),
            compact: list(&policy).any(|word| word == "compact"),
        };
        TopicSettings {
            log: LogConfig {
                segment_bytes: number("segment.bytes").unsigned_abs(),
                segment_ms: number("segment.ms"),
                segment_index_bytes: number("segment.index.bytes") as u32,
                index_interval_bytes: number("index.interval.bytes") as u32,
                retention_ms: number("retention.ms"),
                retention_bytes: number("retention.bytes"),
                cleanup,
                min_cleanable_dirty_ratio: text("min.cleanable.dirty.ratio").trim().parse().unwrap_or(0.5),
                delete_retention_ms: number("delete.retention.ms"),
                min_compaction_lag_ms: number("min.compaction.lag.ms"),
                max_compaction_lag_ms: number("max.compaction.lag.ms"),
                flush_messages: number("flush.messages"),
                flush_ms: number("flush.ms"),
                file_delete_delay_ms: number("file.delete.delay.ms"),
            },
            message_bytes_max: number("max.message.bytes").max(0) as usize,
            log_append_time: text("message.timestamp.type").trim() == "LogAppendTime",
            timestamp_before_ms_max: number("message.timestamp.before.max.ms"),
            timestamp_after_ms_max: number("message.timestamp.after.max.ms"),
            schemas: SchemaRule { key: names("key"), value: names("value") },
        }
    }
}

/// The topic key of this name.
pub(crate) fn topic_key(name: &str) -> Result<&'static Definition, ConfigError> {
    TOPIC_KEYS
        .iter()
        .find(|key| key.name == name)
        .ok_or_else(|| ConfigError::UnknownTopicKey(name.to_owned()))
}

/// What stands before a listener's own values: `listener.name.<listener>.[<mechanism>.]<key>`.
const LISTENER_PREFIX: &str = "listener.name.";

/// The broker key of this name, a listener's too.
pub(crate) fn broker_key(name: &str) -> Result<&'static Definition, ConfigError> {
    let find = |name: &str| BROKER_KEYS.iter().find(|key| key.name == name);
    let of_listener = || {
        let (_, mut key) = name.strip_prefix(LISTENER_PREFIX)?.split_once('.')?;
        loop {
            match find(key) {
                Some(found) => return Some(found),
                None => key = key.split_once('.')?.1,
            }
        }
    };
    find(name).or_else(of_listener).ok_or_else(|| ConfigError::UnknownBrokerKey(name.to_owned()))
}

/// Whether the broker knows the key, a listener's too (`listener.name.<listener>.ssl.client.auth`).
pub fn is_broker_key(name: &str) -> bool {
    broker_key(name).is_ok()
}

/// Refuses a topic configuration with an unknown key or an impossible value.
pub(crate) fn check_topic(configs: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    configs.iter().try_for_each(|(name, value)| topic_key(name)?.check(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[track_caller]
    fn check(topic: &[(&str, &str)], name: &str, expected: (&str, Source)) {
        let settings = Settings::new(
            map(&[("log.retention.ms", "5"), ("num.partitions", "3")]),
            map(&[("log.segment.bytes", "2000000")]),
        )
        .unwrap();
        let found = settings.topic_values(&map(topic), topic_key(name).unwrap()).swap_remove(0);
        assert_eq!((found.value.as_str(), found.source), expected, "{name}");
    }

    #[test]
    fn the_nearest_value_wins() {
        check(&[], "retention.ms", ("5", Source::StaticBroker));
        check(&[("retention.ms", "7")], "retention.ms", ("7", Source::Topic));
        check(&[], "segment.bytes", ("2000000", Source::DynamicBroker));
        check(&[], "retention.bytes", ("-1", Source::Default));
    }

    #[test]
    fn unknown_keys_and_fixed_keys_are_refused() {
        assert!(check_topic(&map(&[("no.such", "1")])).is_err());
        let settings = Settings::default();
        assert_eq!(
            settings.with_dynamic(map(&[("num.partitions", "2")])),
            Err(ConfigError::ReadOnly("num.partitions".into()))
        );
    }

    #[test]
    fn a_topics_values_are_parsed() {
        let settings = Settings::default();
        let parsed = settings.for_topic(&map(&[("cleanup.policy", "compact"), ("segment.ms", "9")]));
        assert_eq!(parsed.log.cleanup, Cleanup::COMPACT);
        assert_eq!(parsed.log.segment_ms, 9);
        assert_eq!(parsed.log.retention_ms, LogConfig::default().retention_ms);
        assert_eq!(parsed.message_bytes_max, 1_048_588);
    }
}
