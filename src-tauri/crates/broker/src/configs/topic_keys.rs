//! The keys a topic can set, with Kafka's defaults, in alphabetical order.

use crate::configs::Definition;
use crate::configs::table::keys;
use crate::schemas::SubjectNames;

/// The keys a topic can set, with Kafka's defaults, in alphabetical order.
pub const TOPIC_KEYS: &[Definition] = keys! {
    "cleanup.policy" List["delete"] SomeOf(&["compact", "delete"]), DefaultBy("log.cleanup.policy"),
        "What becomes of old records: \"delete\" drops whole segments by age and size, \"compact\" keeps the latest record of each key, both may be given.";

    "compression.gzip.level" Int["-1"] GzipLevel, DefaultBy("compression.gzip.level"),
        "Level used where the broker itself compresses with gzip.";

    "compression.lz4.level" Int["9"] Between(1, 17), DefaultBy("compression.lz4.level"),
        "Level used where the broker itself compresses with lz4: at 9, the default, the fast codec without levels.";

    "compression.type" String["producer"] OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), DefaultBy("compression.type"),
        "The codec of batches at rest. Batches are kept as the producer sent them.";

    "compression.zstd.level" Int["3"] Between(-131_072, 22), DefaultBy("compression.zstd.level"),
        "Level used where the broker itself compresses with zstd.";

    "confluent.key.schema.validation" Boolean["false"] Any, Own,
        "Refuse records whose key does not carry the id of a schema registered under its subject.";

    "confluent.key.subject.name.strategy" String["io.confluent.kafka.serializers.subject.TopicNameStrategy"] OneOf(SubjectNames::NAMES), Own,
        "How the subject is called that a key's schema must be registered under.";

    "confluent.value.schema.validation" Boolean["false"] Any, Own,
        "Refuse records whose value does not carry the id of a schema registered under its subject.";

    "confluent.value.subject.name.strategy" String["io.confluent.kafka.serializers.subject.TopicNameStrategy"] OneOf(SubjectNames::NAMES), Own,
        "How the subject is called that a value's schema must be registered under.";

    "delete.retention.ms" Long["86400000"] AtLeast(0), DefaultBy("log.cleaner.delete.retention.ms"),
        "How long tombstones of a compacted topic are kept, so that a reader from the start sees them.";

    "file.delete.delay.ms" Long["60000"] AtLeast(0), DefaultBy("log.segment.delete.delay.ms"),
        "How long a removed segment's file stays on disk.";

    "flush.messages" Long["9223372036854775807"] AtLeast(1), DefaultBy("log.flush.interval.messages"),
        "Force data to disk after this many records.";

    "flush.ms" Long["9223372036854775807"] AtLeast(0), DefaultBy("log.flush.interval.ms"),
        "Force data to disk when it has waited this long.";

    "follower.replication.throttled.replicas" List[""] Replicas, Own,
        "Replicas whose catching up is throttled. One broker has none.";

    "index.interval.bytes" Int["4096"] AtLeast(0), DefaultBy("log.index.interval.bytes"),
        "Bytes of log between two entries of the offset index.";

    "internal.segment.bytes" Int[] AtLeast(1), Own,
        hidden "segment.bytes without its lower bound, for tests.";

    "leader.replication.throttled.replicas" List[""] Replicas, Own,
        "Replicas whose feeding is throttled. One broker has none.";

    "local.retention.bytes" Long["-2"] AtLeast(-2), DefaultBy("log.local.retention.bytes"),
        "Bytes kept locally under tiered storage; -2 means retention.bytes.";

    "local.retention.ms" Long["-2"] AtLeast(-2), DefaultBy("log.local.retention.ms"),
        "Time kept locally under tiered storage; -2 means retention.ms.";

    "max.compaction.lag.ms" Long["9223372036854775807"] AtLeast(1), DefaultBy("log.cleaner.max.compaction.lag.ms"),
        "The longest a record stays uncompacted.";

    "max.message.bytes" Int["1048588"] AtLeast(0), DefaultBy("message.max.bytes"),
        "The largest record batch taken.";

    "message.timestamp.after.max.ms" Long["3600000"] AtLeast(0), DefaultBy("log.message.timestamp.after.max.ms"),
        "How far a record's timestamp may lie ahead of the broker's clock.";

    "message.timestamp.before.max.ms" Long["9223372036854775807"] AtLeast(0), DefaultBy("log.message.timestamp.before.max.ms"),
        "How far a record's timestamp may lie behind the broker's clock.";

    "message.timestamp.type" String["CreateTime"] OneOf(&["CreateTime", "LogAppendTime"]), DefaultBy("log.message.timestamp.type"),
        "Whether a record carries its producer's time or the time it was appended.";

    "min.cleanable.dirty.ratio" Double["0.5"] Fraction(0.0, 1.0), DefaultBy("log.cleaner.min.cleanable.ratio"),
        "Compact when this share of the log is not yet compacted.";

    "min.compaction.lag.ms" Long["0"] AtLeast(0), DefaultBy("log.cleaner.min.compaction.lag.ms"),
        "The shortest a record stays uncompacted.";

    "min.insync.replicas" Int["1"] AtLeast(1), DefaultBy("min.insync.replicas"),
        "Replicas that must have a write for acks=all. One broker has one.";

    "preallocate" Boolean["false"] Any, DefaultBy("log.preallocate"),
        "Reserve a segment's disk space when it is created. Segments grow as they are written.";

    "remote.log.copy.disable" Boolean["false"] Any, Own,
        "Stop copying to tiered storage.";

    "remote.log.delete.on.disable" Boolean["false"] Any, Own,
        "Delete tiered data when tiered storage is switched off.";

    "remote.storage.enable" Boolean["false"] Any, Own,
        "Tiered storage. There is none.";

    "retention.bytes" Long["-1"] Any, DefaultBy("log.retention.bytes"),
        "Bytes a partition may hold before its oldest segments go; -1 is no limit.";

    "retention.ms" Long["604800000"] AtLeast(-1), DefaultBy("log.retention.ms"),
        "How long records are kept; -1 is for ever.";

    "segment.bytes" Int["1073741824"] AtLeast(1_048_576), DefaultBy("log.segment.bytes"),
        "The size at which a new segment begins.";

    "segment.index.bytes" Int["10485760"] AtLeast(4), DefaultBy("log.index.size.max.bytes"),
        "The largest an index grows before a new segment begins.";

    "segment.jitter.ms" Long["0"] AtLeast(0), DefaultBy("log.roll.jitter.ms"),
        "A random part taken off segment.ms. Segments of one broker roll without it.";

    "segment.ms" Long["604800000"] AtLeast(1), DefaultBy("log.roll.ms"),
        "The age at which a new segment begins.";

    "unclean.leader.election.enable" Boolean["false"] Any, DefaultBy("unclean.leader.election.enable"),
        "Whether a replica out of sync may lead. One broker never elects.";
};
