//! What a key is set to, and by whom: the topic, the running broker, its start, or Kafka's default.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::broker::{any_broker_key, broker_key, of_listener, stand_ins};
use super::definition::list;
use super::{ConfigError, Definition, Kind};

/// Who set a value; the numbers are DescribeConfigs's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Source {
    Topic = 1,
    DynamicBroker = 2,
    /// Set while the brokers run, for all of them.
    DynamicDefault = 3,
    StaticBroker = 4,
    Default = 5,
    ClientMetrics = 7,
    Group = 8,
}

/// A key's value in force and where it may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// None: not set, and without a default.
    pub value: Option<String>,
    pub source: Source,
    /// What is set, the nearest first: the key's own, then the broker's that stand behind it.
    pub synonyms: Vec<Synonym>,
}

/// One place where a value is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synonym {
    pub name: String,
    pub value: String,
    pub source: Source,
}

/// Values changed while the broker runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dynamic {
    /// Of this broker.
    pub own: BTreeMap<String, String>,
    /// Of all brokers that have none of their own.
    pub cluster: BTreeMap<String, String>,
}

/// The broker's own values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    fixed: BTreeMap<String, String>,
    dynamic: Dynamic,
}

impl Settings {
    /// Values given at start, each checked, and those changed since, which were.
    pub fn new(fixed: BTreeMap<String, String>, dynamic: Dynamic) -> Result<Self, ConfigError> {
        for (name, value) in &fixed {
            let key = any_broker_key(name).ok_or_else(|| ConfigError::UnknownBrokerKey(name.to_owned()))?;
            key.check(value)?;
        }
        Ok(Self { fixed, dynamic })
    }

    /// Values changed while the broker runs.
    pub fn dynamic(&self) -> &Dynamic {
        &self.dynamic
    }

    /// The same with other dynamic values.
    pub(super) fn replaced(&self, dynamic: Dynamic) -> Self {
        Self { fixed: self.fixed.clone(), dynamic }
    }

    /// Names of values set that no table has to list: a listener's own, those Kafka does not know, and hidden
    /// ones.
    pub fn unlisted(&self) -> Vec<&str> {
        let set = self.fixed.keys().chain(self.dynamic.own.keys()).chain(self.dynamic.cluster.keys());
        let mut names: Vec<&str> =
            set.map(String::as_str).filter(|name| broker_key(name).is_none_or(|key| key.hidden)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What a broker's key is set to, of a listener or not.
    pub fn broker_value(&self, name: &str) -> Resolved {
        let key = any_broker_key(name);
        let mut names = vec![name];
        match key {
            Some(key) if key.name != name => names.push(key.name),
            _ => names.extend(stand_ins(name).iter().map(|(name, _)| *name)),
        }
        let synonyms = self.synonyms(&names);
        Resolved {
            value: self.own(name, key).map(|value| shown(key, value)),
            source: synonyms.first().map_or(Source::Default, |nearest| nearest.source),
            synonyms,
        }
    }

    /// What a key is set to for all brokers.
    pub fn cluster_value(&self, name: &str) -> Option<Resolved> {
        let value = self.dynamic.cluster.get(name)?;
        let source = Source::DynamicDefault;
        Some(Resolved {
            value: Some(shown(any_broker_key(name), value)),
            source,
            synonyms: vec![Synonym { name: name.to_owned(), value: value.clone(), source }],
        })
    }

    /// What a topic's key is set to.
    pub fn topic_value(&self, topic: &BTreeMap<String, String>, key: &Definition) -> Resolved {
        self.behind(topic, Source::Topic, key)
    }

    /// What a group's key is set to.
    pub fn group_value(&self, group: &BTreeMap<String, String>, key: &Definition) -> Resolved {
        let mut found = self.behind(group, Source::Group, key);
        if let (None, Some(default)) = (key.synonym(), key.default) {
            let name = key.name.to_owned();
            found.synonyms.push(Synonym { name, value: default.to_owned(), source: Source::Default });
        }
        found
    }

    fn behind(&self, own: &BTreeMap<String, String>, source: Source, key: &Definition) -> Resolved {
        let set = own.get(key.name);
        let mut synonyms = Vec::new();
        synonyms.extend(set.map(|value| Synonym {
            name: key.name.to_owned(),
            value: shown(Some(key), value),
            source,
        }));
        if let Some(broker) = key.synonym() {
            let names: Vec<&str> =
                [broker].into_iter().chain(stand_ins(broker).iter().map(|(name, _)| *name)).collect();
            synonyms.extend(self.synonyms(&names));
        }
        let value = match set {
            Some(value) => Some(Cow::Borrowed(value.as_str())),
            None => {
                let broker = key.synonym().and_then(broker_key).and_then(|broker| self.effective(broker));
                broker.or(key.default.map(Cow::Borrowed))
            }
        };
        Resolved {
            value: value.map(|value| shown(Some(key), &value)),
            source: synonyms.first().map_or(Source::Default, |nearest| nearest.source),
            synonyms,
        }
    }

    /// Where these names are set, by who sets them and then in the order given; nothing where the first is set
    /// nowhere, as Kafka has it.
    fn synonyms(&self, names: &[&str]) -> Vec<Synonym> {
        let mut found = Vec::new();
        let sources = [
            (&self.dynamic.own, Source::DynamicBroker),
            (&self.dynamic.cluster, Source::DynamicDefault),
            (&self.fixed, Source::StaticBroker),
        ];
        for (values, source) in sources {
            found.extend(names.iter().filter_map(|name| {
                let value = values.get(*name)?.clone();
                Some(Synonym { name: (*name).to_owned(), value, source })
            }));
        }
        found.extend(names.iter().filter_map(|name| {
            let value = broker_key(name)?.default?.to_owned();
            Some(Synonym { name: (*name).to_owned(), value, source: Source::Default })
        }));
        let nearest = found.iter().position(|synonym| names.first() == Some(&synonym.name.as_str()));
        nearest.map_or(Vec::new(), |at| found.split_off(at))
    }

    /// What is set under this very name, or is its default.
    fn own(&self, name: &str, key: Option<&Definition>) -> Option<&str> {
        let set = self.set(name);
        let default = || key.filter(|key| key.name == name).and_then(|key| key.default);
        set.or_else(default)
    }

    fn set(&self, name: &str) -> Option<&str> {
        let values = [&self.dynamic.own, &self.dynamic.cluster, &self.fixed];
        values.iter().find_map(|values| values.get(name)).map(String::as_str)
    }

    /// A broker key's value in force, by the keys that stand in for it where it has none.
    fn effective(&self, key: &Definition) -> Option<Cow<'_, str>> {
        if let Some(own) = self.own(key.name, Some(key)) {
            return Some(Cow::Borrowed(own));
        }
        stand_ins(key.name).iter().find_map(|(name, factor)| {
            let value: i64 = self.own(name, broker_key(name))?.trim().parse().ok()?;
            let value = if value < 0 { -1 } else { value.saturating_mul(*factor) };
            Some(Cow::Owned(value.to_string()))
        })
    }

    /// A whole number of the broker's. Values are checked when they are set.
    pub fn number(&self, name: &str) -> i64 {
        let value = broker_key(name).and_then(|key| self.effective(key));
        value.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
    }

    /// A number of the broker's that need not be whole.
    pub fn fraction(&self, name: &str) -> Option<f64> {
        self.text(name).trim().parse().ok()
    }

    /// A yes or no of the broker's.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).trim().eq_ignore_ascii_case("true")
    }

    /// A text of the broker's; empty where it is not set.
    pub fn text(&self, name: &str) -> &str {
        self.own(name, broker_key(name)).unwrap_or("")
    }

    /// A text of one listener (its name in lower case), or of one mechanism on it; else the broker's own.
    pub fn of_listener(&self, listener: &str, mechanism: Option<&str>, name: &str) -> &str {
        let of_mechanism =
            mechanism.and_then(|mechanism| self.set(&of_listener(listener, Some(mechanism), name)));
        let of_listener = || self.set(&of_listener(listener, None, name));
        of_mechanism.or_else(of_listener).unwrap_or_else(|| self.text(name))
    }
}

/// A value as Kafka shows it once it was read.
fn shown(key: Option<&Definition>, value: &str) -> String {
    let value = value.trim();
    match key.map(|key| key.kind) {
        Some(Kind::Boolean) => value.to_ascii_lowercase(),
        Some(Kind::List) => list(value).collect::<Vec<_>>().join(","),
        Some(Kind::Double) => value.parse::<f64>().map_or_else(|_| value.to_owned(), double),
        _ => value.to_owned(),
    }
}

/// A number as Java writes it.
fn double(number: f64) -> String {
    let short = (1e-3..1e7).contains(&number.abs()) || number == 0.0;
    if short { format!("{number:?}") } else { format!("{number:E}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configs::topic::topic_key;

    fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn settings() -> Settings {
        let dynamic = Dynamic {
            own: map(&[("log.segment.bytes", "2000000"), ("listener.name.lan.max.connections", "7")]),
            cluster: map(&[("log.segment.bytes", "3000000"), ("log.flush.interval.messages", "9")]),
        };
        Settings::new(map(&[("log.retention.ms", "5"), ("num.partitions", "3")]), dynamic).unwrap()
    }

    #[track_caller]
    fn check(topic: &[(&str, &str)], name: &str, value: &str, source: Source, synonyms: &[&str]) {
        let found = settings().topic_value(&map(topic), topic_key(name).unwrap());
        assert_eq!((found.value.as_deref(), found.source), (Some(value), source), "{name}");
        let names: Vec<String> =
            found.synonyms.iter().map(|one| format!("{}={}", one.name, one.value)).collect();
        assert_eq!(names, synonyms, "{name}");
    }

    #[test]
    fn the_nearest_value_wins() {
        let behind = ["log.retention.ms=5", "log.retention.hours=168"];
        check(&[], "retention.ms", "5", Source::StaticBroker, &behind);
        let all = ["retention.ms=7", "log.retention.ms=5", "log.retention.hours=168"];
        check(&[("retention.ms", " 7")], "retention.ms", "7", Source::Topic, &all);
        let bytes =
            ["log.segment.bytes=2000000", "log.segment.bytes=3000000", "log.segment.bytes=1073741824"];
        check(&[], "segment.bytes", "2000000", Source::DynamicBroker, &bytes);
        let messages = ["log.flush.interval.messages=9", "log.flush.interval.messages=9223372036854775807"];
        check(&[], "flush.messages", "9", Source::DynamicDefault, &messages);
        check(&[], "retention.bytes", "-1", Source::Default, &["log.retention.bytes=-1"]);
        // Given by log.roll.hours, which Kafka does not tell.
        check(&[], "segment.ms", "604800000", Source::Default, &[]);
        check(&[], "remote.storage.enable", "false", Source::Default, &[]);
    }

    #[test]
    fn a_listeners_value_stands_before_the_brokers() {
        let found = settings().broker_value("listener.name.lan.max.connections");
        assert_eq!(found.value.as_deref(), Some("7"));
        let sources: Vec<Source> = found.synonyms.iter().map(|one| one.source).collect();
        assert_eq!(sources, [Source::DynamicBroker, Source::Default]);
        assert_eq!(settings().unlisted(), ["listener.name.lan.max.connections"]);
        assert_eq!(settings().of_listener("lan", None, "max.connections"), "7");
        assert_eq!(settings().of_listener("wan", None, "max.connections"), "2147483647");
    }

    #[test]
    fn hours_and_minutes_stand_in_for_milliseconds() {
        let of = |entries: &[(&str, &str)]| {
            Settings::new(map(entries), Dynamic::default()).unwrap().number("log.retention.ms")
        };
        assert_eq!(of(&[]), 604_800_000);
        assert_eq!(of(&[("log.retention.hours", "2")]), 7_200_000);
        assert_eq!(of(&[("log.retention.hours", "2"), ("log.retention.minutes", "3")]), 180_000);
        assert_eq!(of(&[("log.retention.minutes", "3"), ("log.retention.ms", "4")]), 4);
        assert_eq!(of(&[("log.retention.hours", "-1")]), -1);
        assert_eq!(Settings::default().broker_value("log.retention.ms").value, None);
    }

    #[test]
    fn values_are_shown_as_kafka_reads_them() {
        let shown_of = |name: &str, value: &str| {
            shown(
                broker_key(name),
                Settings::new(map(&[(name, value)]), Dynamic::default()).unwrap().text(name),
            )
        };
        assert_eq!(shown_of("log.cleanup.policy", "compact, delete"), "compact,delete");
        assert_eq!(shown_of("log.preallocate", "TRUE"), "true");
        assert_eq!(shown_of("log.cleaner.min.cleanable.ratio", "0.50"), "0.5");
        assert_eq!(shown_of("log.cleaner.io.max.bytes.per.second", "1e300"), "1E300");
    }
}
