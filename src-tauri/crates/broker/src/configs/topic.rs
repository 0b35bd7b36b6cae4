//! A topic's values in force, and the rules between them.

use std::collections::BTreeMap;

use commitlog::{Cleanup, LogConfig};
use wire::batch::Packing;

use super::definition::list;
use super::{ConfigError, Definition, Settings, TOPIC_KEYS};
use crate::schemas::{SchemaRule, SubjectNames};

/// The default of `compression.lz4.level`.
const LZ4_LEVEL_FAST: i64 = 9;

/// A topic's values in force, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicSettings {
    pub log: LogConfig,
    pub message_bytes_max: usize,
    pub log_append_time: bool,
    pub timestamp_before_ms_max: i64,
    pub timestamp_after_ms_max: i64,
    /// How batches are packed that come packed otherwise; none: as their producer packed them.
    pub packing: Option<Packing>,
    pub schemas: SchemaRule,
}

impl Settings {
    /// A topic's values in force.
    pub fn for_topic(&self, topic: &BTreeMap<String, String>) -> TopicSettings {
        let text = |name: &str| -> String {
            topic_key(name).ok().and_then(|key| self.topic_value(topic, key).value).unwrap_or_default()
        };
        let number = |name: &str| -> i64 { text(name).parse().unwrap_or(0) };
        let names = |part: &str| {
            (text(&format!("confluent.{part}.schema.validation")) == "true")
                .then(|| SubjectNames::parse(&text(&format!("confluent.{part}.subject.name.strategy"))))
        };
        let packing = match text("compression.type").as_str() {
            "uncompressed" => Some(Packing::None),
            "gzip" => Some(Packing::Gzip(u32::try_from(number("compression.gzip.level")).ok())),
            "snappy" => Some(Packing::Snappy),
            // At its default, and only there, Kafka takes the fast codec, which has no levels.
            "lz4" => Some(Packing::Lz4(match number("compression.lz4.level") {
                LZ4_LEVEL_FAST => None,
                level => i32::try_from(level).ok(),
            })),
            "zstd" => Some(Packing::Zstd(number("compression.zstd.level") as i32)),
            _ => None,
        };
        let policy = text("cleanup.policy");
        let cleanup = Cleanup {
            delete: list(&policy).any(|word| word == "delete"),
            compact: list(&policy).any(|word| word == "compact"),
        };
        let internal_bytes = text("internal.segment.bytes").parse::<u64>();
        TopicSettings {
            log: LogConfig {
                segment_bytes: internal_bytes.unwrap_or_else(|_| number("segment.bytes").unsigned_abs()),
                segment_ms: number("segment.ms"),
                segment_jitter_ms: number("segment.jitter.ms"),
                preallocate: text("preallocate").trim().eq_ignore_ascii_case("true"),
                segment_index_bytes: number("segment.index.bytes") as u32,
                index_interval_bytes: number("index.interval.bytes") as u32,
                retention_ms: number("retention.ms"),
                retention_bytes: number("retention.bytes"),
                cleanup,
                min_cleanable_dirty_ratio: text("min.cleanable.dirty.ratio").parse().unwrap_or(0.5),
                delete_retention_ms: number("delete.retention.ms"),
                min_compaction_lag_ms: number("min.compaction.lag.ms"),
                max_compaction_lag_ms: number("max.compaction.lag.ms"),
                flush_messages: number("flush.messages"),
                flush_ms: number("flush.ms"),
                producer_expiration_ms: self.number("producer.id.expiration.ms"),
                file_delete_delay_ms: number("file.delete.delay.ms"),
            },
            message_bytes_max: number("max.message.bytes").max(0) as usize,
            log_append_time: text("message.timestamp.type") == "LogAppendTime",
            timestamp_before_ms_max: number("message.timestamp.before.max.ms"),
            timestamp_after_ms_max: number("message.timestamp.after.max.ms"),
            packing,
            schemas: SchemaRule { key: names("key"), value: names("value") },
        }
    }
}

/// The topic key of this name.
pub(crate) fn topic_key(name: &str) -> Result<&'static Definition, ConfigError> {
    let at = TOPIC_KEYS.binary_search_by_key(&name, |key| key.name);
    let key = at.ok().and_then(|at| TOPIC_KEYS.get(at));
    key.ok_or_else(|| ConfigError::UnknownTopicKey(name.to_owned()))
}

/// Refuses a topic configuration with an unknown key, an impossible value, or values that exclude each other.
pub(crate) fn check_topic(configs: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    configs.iter().try_for_each(|(name, value)| topic_key(name)?.check(value))?;
    let set = |name: &str| configs.get(name).map(|value| value.trim());
    if set("remote.storage.enable").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err(ConfigError::Rule(
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log \
             storage."
                .to_owned(),
        ));
    }
    let lag = |name: &str, default: i64| set(name).map_or(default, |value| value.parse().unwrap_or(default));
    let (min, max) = (lag("min.compaction.lag.ms", 0), lag("max.compaction.lag.ms", i64::MAX));
    if min > max {
        return Err(ConfigError::Rule(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn keys_are_in_order() {
        assert!(TOPIC_KEYS.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(check_topic(&map(&[("no.such", "1")])).is_err());
        assert!(check_topic(&map(&[("remote.storage.enable", "true")])).is_err());
        let lags = [("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")];
        assert!(check_topic(&map(&lags)).is_err());
        assert!(check_topic(&map(&lags[..1])).is_ok());
    }

    #[test]
    fn a_topics_values_are_parsed() {
        let settings = Settings::default();
        let parsed = settings.for_topic(&map(&[("cleanup.policy", "compact"), ("segment.ms", "9")]));
        assert_eq!(parsed.log.cleanup, Cleanup::COMPACT);
        assert_eq!(parsed.log.segment_ms, 9);
        assert_eq!(parsed.log.retention_ms, LogConfig::default().retention_ms);
        assert_eq!(parsed.message_bytes_max, 1_048_588);
        let tiny = settings.for_topic(&map(&[("internal.segment.bytes", "100")]));
        assert_eq!(tiny.log.segment_bytes, 100);
        assert_eq!(parsed.packing, None);
        let zstd = map(&[("compression.type", "zstd"), ("compression.zstd.level", "-7")]);
        assert_eq!(settings.for_topic(&zstd).packing, Some(Packing::Zstd(-7)));
        let gzip = settings.for_topic(&map(&[("compression.type", "gzip")]));
        assert_eq!(gzip.packing, Some(Packing::Gzip(None)));
        let lz4 = settings.for_topic(&map(&[("compression.type", "lz4")]));
        assert_eq!(lz4.packing, Some(Packing::Lz4(None)));
        let lz4 = map(&[("compression.type", "lz4"), ("compression.lz4.level", "3")]);
        assert_eq!(settings.for_topic(&lz4).packing, Some(Packing::Lz4(Some(3))));
    }
}
