//! One configuration key: its type, its default, what it accepts.

use std::borrow::Cow;
use std::net::IpAddr;

use super::ConfigError;

/// The type shown by DescribeConfigs; the numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Kind {
    /// Of a key that is not Kafka's own. Never shown.
    Unknown = 0,
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
    Class = 8,
    /// Never shown.
    Password = 9,
}

impl Kind {
    pub(crate) fn is_sensitive(self) -> bool {
        matches!(self, Kind::Unknown | Kind::Password)
    }
}

/// What a value must be beside its type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Check {
    Any,
    /// A whole number from here on.
    AtLeast(i64),
    /// A whole number in these bounds, both allowed.
    Between(i64, i64),
    /// A number in these bounds, both allowed.
    Fraction(f64, f64),
    /// A level of gzip: 1 to 9, or -1 for its default.
    GzipLevel,
    /// Not empty.
    NonEmpty,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One of these words, in capitals or not.
    OneOfAnyCase(&'static [&'static str]),
    /// A list of these words.
    SomeOf(&'static [&'static str]),
    /// Where a share group begins.
    OffsetReset,
    /// A list of `partition:broker`, or `*` for all.
    Replicas,
    /// A list of `address:count`.
    IpCounts,
}

/// Who sets a key, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The broker's, when it starts.
    ReadOnly,
    /// The broker's, also while it runs, for one or all brokers.
    ClusterWide,
    /// The broker's, also while it runs, for one broker.
    PerBroker,
    /// A topic's, a group's or a subscription's own.
    Own,
    /// A topic's or a group's own; the broker's key of this name gives the default.
    DefaultBy(&'static str),
}

/// One configuration key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Definition {
    pub name: &'static str,
    pub kind: Kind,
    /// None: not set.
    pub default: Option<&'static str>,
    pub check: Check,
    pub scope: Scope,
    /// Shown only where it was set.
    pub hidden: bool,
    pub doc: &'static str,
}

impl Definition {
    /// The broker's key that gives the default.
    pub(crate) fn synonym(&self) -> Option<&'static str> {
        match self.scope {
            Scope::DefaultBy(name) => Some(name),
            Scope::ReadOnly | Scope::ClusterWide | Scope::PerBroker | Scope::Own => None,
        }
    }

    /// Whether a broker's key may change while it runs.
    pub(crate) fn is_dynamic(&self) -> bool {
        matches!(self.scope, Scope::ClusterWide | Scope::PerBroker)
    }

    /// Whether `value` may stand here.
    pub fn check(&self, value: &str) -> Result<(), ConfigError> {
        let trimmed = value.trim();
        self.problem(trimmed).map_or(Ok(()), |(shown, problem)| {
            Err(ConfigError::Value { name: self.name.to_owned(), value: shown.into_owned(), problem })
        })
    }

    /// What is wrong with a value, in Kafka's words, and how Kafka shows the value.
    fn problem<'a>(&self, value: &'a str) -> Option<(Cow<'a, str>, String)> {
        let problem = match self.kind {
            Kind::Boolean => {
                let known = ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word));
                (!known).then(|| "Expected value to be either true or false".to_owned())
            }
            Kind::Double => match value.parse::<f64>() {
                Err(_) => Some("Not a number of type DOUBLE".to_owned()),
                Ok(number) => {
                    return self.out_of_range(number).map(|why| (format!("{number:?}").into(), why));
                }
            },
            Kind::Short => self.whole_number(value, "SHORT", i64::from(i16::MIN)..=i64::from(i16::MAX)),
            Kind::Int => self.whole_number(value, "INT", i64::from(i32::MIN)..=i64::from(i32::MAX)),
            Kind::Long => self.whole_number(value, "LONG", i64::MIN..=i64::MAX),
            Kind::List => return self.odd_entry(value),
            // None can be loaded; taking its name and ignoring it would be worse than refusing.
            Kind::Class => (!value.is_empty() && self.default != Some(value))
                .then(|| format!("Class {value} could not be found.")),
            Kind::String | Kind::Password | Kind::Unknown => self.odd_text(value),
        };
        problem.map(|problem| (value.into(), problem))
    }

    fn whole_number(&self, value: &str, kind: &str, range: std::ops::RangeInclusive<i64>) -> Option<String> {
        let number = match value.parse::<i64>() {
            Ok(number) if range.contains(&number) => number,
            _ => return Some(format!("Not a number of type {kind}")),
        };
        match self.check {
            Check::AtLeast(min) | Check::Between(min, _) if number < min => {
                Some(format!("Value must be at least {min}"))
            }
            Check::Between(_, max) if number > max => Some(format!("Value must be no more than {max}")),
            Check::GzipLevel if number != -1 && !(1..=9).contains(&number) => {
                Some("Value must be between 1 and 9 or equal to -1".to_owned())
            }
            _ => None,
        }
    }

    fn out_of_range(&self, number: f64) -> Option<String> {
        match self.check {
            Check::Fraction(min, _) if number < min => Some(format!("Value must be at least {min}")),
            Check::Fraction(_, max) if number > max => Some(format!("Value must be no more than {max}")),
            _ => None,
        }
    }

    fn odd_entry<'a>(&self, value: &'a str) -> Option<(Cow<'a, str>, String)> {
        match self.check {
            Check::SomeOf(words) => {
                let odd = list(value).find(|word| !words.contains(word))?;
                Some((odd.into(), one_of(words)))
            }
            Check::Replicas if value != "*" && !list(value).all(is_replica) => {
                let name = self.name;
                let problem = format!(
                    "{name} must be the literal '*' or a list of replicas in the following format: \
                     [partitionId]:[brokerId],[partitionId]:[brokerId],..."
                );
                Some((format!("[{}]", list(value).collect::<Vec<_>>().join(", ")).into(), problem))
            }
            _ => None,
        }
    }

    fn odd_text(&self, value: &str) -> Option<String> {
        match self.check {
            Check::NonEmpty if value.is_empty() => Some("String must be non-empty".to_owned()),
            Check::OneOf(words) if !words.contains(&value) => Some(one_of(words)),
            Check::OneOfAnyCase(words) if !words.iter().any(|word| word.eq_ignore_ascii_case(value)) => {
                Some(format!("String must be one of (case insensitive): {}", words.join(", ")))
            }
            Check::OffsetReset => match value.strip_prefix("by_duration:") {
                None if ["latest", "earliest"].contains(&value) => None,
                Some(duration) if super::duration_ms(duration).is_some() => None,
                _ => Some(format!(
                    "Invalid value `{value}` for configuration {}. The value must be either 'earliest', 'latest' \
                     or of the format 'by_duration:<PnDTnHnMn.nS>'.",
                    self.name
                )),
            },
            Check::IpCounts if !list(value).all(is_ip_count) => {
                Some("Entries must be like 10.0.0.1:5".to_owned())
            }
            _ => None,
        }
    }
}

fn one_of(words: &[&str]) -> String {
    format!("String must be one of: {}", words.join(", "))
}

fn is_replica(entry: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    entry.split_once(':').is_some_and(|(partition, broker)| number(partition) && number(broker))
}

fn is_ip_count(entry: &str) -> bool {
    entry.rsplit_once(':').is_some_and(|(address, count)| {
        address.parse::<IpAddr>().is_ok() && count.trim().parse::<i32>().is_ok_and(|count| count >= 0)
    })
}

/// The words of a list value.
pub(crate) fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::configs::{CLIENT_METRICS_KEYS, GROUP_KEYS, TOPIC_KEYS, broker_key, broker_keys};

    #[track_caller]
    fn check(name: &str, value: &str, problem: Option<&str>) {
        let key = TOPIC_KEYS.iter().find(|key| key.name == name).or_else(|| broker_key(name)).unwrap();
        let found = key.check(value).err().map(|error| error.to_string());
        let expected = problem.map(|problem| format!("Invalid value {problem}"));
        assert_eq!(found, expected, "{name}={value}");
    }

    #[test]
    fn values_are_checked_by_type_and_bounds_in_kafkas_words() {
        let of = |name: &str, problem: &str| format!("{name}: {problem}");
        let refused = |name: &str, value: &str, shown: &str, problem: &str| {
            check(name, value, Some(&format!("{shown} for configuration {}", of(name, problem))));
        };
        check("retention.ms", " -1 ", None);
        refused("retention.ms", "-2", "-2", "Value must be at least -1");
        refused("retention.ms", "soon", "soon", "Not a number of type LONG");
        refused("segment.bytes", "2147483648", "2147483648", "Not a number of type INT");
        refused("segment.bytes", "1048575", "1048575", "Value must be at least 1048576");
        check("cleanup.policy", "compact,delete", None);
        check("cleanup.policy", "", None);
        refused("cleanup.policy", "delete,shred", "shred", "String must be one of: compact, delete");
        refused("min.cleanable.dirty.ratio", "2", "2.0", "Value must be no more than 1");
        refused("min.cleanable.dirty.ratio", "-1", "-1.0", "Value must be at least 0");
        check("message.timestamp.type", "LogAppendTime", None);
        refused("preallocate", "maybe", "maybe", "Expected value to be either true or false");
        refused("compression.gzip.level", "0", "0", "Value must be between 1 and 9 or equal to -1");
        check("leader.replication.throttled.replicas", "0:1,1:1", None);
        check("leader.replication.throttled.replicas", "*", None);
        check("max.connections.per.ip.overrides", "10.0.0.1:5,::1:7", None);
        refused("max.connections.per.ip.overrides", "x", "x", "Entries must be like 10.0.0.1:5");
        check("group.consumer.migration.policy", "DISABLED", None);
        refused("principal.builder.class", "x", "x", "Class x could not be found.");
    }

    #[test]
    fn defaults_pass_their_own_checks_and_synonyms_exist() {
        let own = TOPIC_KEYS.iter().chain(GROUP_KEYS).chain(CLIENT_METRICS_KEYS);
        for key in own.chain(broker_keys().iter().copied()) {
            if let Some(default) = key.default {
                assert_eq!(key.check(default), Ok(()), "{}", key.name);
            }
            if let Some(synonym) = key.synonym() {
                let broker = broker_key(synonym).unwrap();
                assert_eq!(broker.kind, key.kind, "{synonym}");
            }
        }
    }
}
