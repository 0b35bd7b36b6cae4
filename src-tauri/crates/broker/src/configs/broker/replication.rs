//! Replication, of which one broker has none.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "alter.log.dirs.replication.quota.window.num" Int["11"] AtLeast(1), ReadOnly,
        "Windows over which moves between log directories are held against their quota. There is one directory.";

    "alter.log.dirs.replication.quota.window.size.seconds" Int["1"] AtLeast(1), ReadOnly,
        "The length of each such window.";

    "auto.leader.rebalance.enable" Boolean["true"] Any, ReadOnly,
        "Give partitions back to their preferred leaders. One broker leads all.";

    "broker.rack" String[] Any, ReadOnly,
        "The rack of this broker, told to clients that read from the nearest replica.";

    "controlled.shutdown.enable" Boolean["true"] Any, ReadOnly,
        "Hand leadership over before stopping. One broker has nobody to hand it to.";

    "cordoned.log.dirs" List[""] Any, PerBroker,
        "Log directories that get no new partitions. There is one directory.";

    "default.replication.factor" Int["1"] Any, ReadOnly,
        "Replicas of topics created without a number. One broker holds one.";

    "follower.replication.throttled.rate" Long["9223372036854775807"] AtLeast(0), PerBroker,
        hidden "The most bytes per second a throttled replica takes in.";

    "inter.broker.listener.name" String[] Any, ReadOnly,
        "The listener by which brokers reach each other. One broker has no other.";

    "leader.imbalance.check.interval.seconds" Long["300"] AtLeast(1), ReadOnly,
        "Time between two looks for partitions away from their preferred leader.";

    "leader.replication.throttled.rate" Long["9223372036854775807"] AtLeast(0), PerBroker,
        hidden "The most bytes per second given to throttled replicas.";

    "min.insync.replicas" Int["1"] AtLeast(1), ClusterWide,
        "Default of min.insync.replicas for topics that do not set it.";

    "num.replica.alter.log.dirs.threads" Int[] Any, ReadOnly,
        "Threads that move replicas between log directories. There is one directory.";

    "num.replica.fetchers" Int["1"] AtLeast(1), ClusterWide,
        "Threads that replicate from each other broker. There is none.";

    "replica.alter.log.dirs.io.max.bytes.per.second" Long["9223372036854775807"] AtLeast(0), PerBroker,
        hidden "The most bytes per second moved between log directories.";

    "replica.fetch.backoff.ms" Int["1000"] AtLeast(0), ReadOnly,
        "The wait before a failed replication is tried again.";

    "replica.fetch.max.bytes" Int["1048576"] AtLeast(0), ReadOnly,
        "The most that is replicated of a partition at a time.";

    "replica.fetch.min.bytes" Int["1"] Any, ReadOnly,
        "The least that is replicated at a time.";

    "replica.fetch.response.max.bytes" Int["10485760"] AtLeast(0), ReadOnly,
        "The most that is replicated at a time.";

    "replica.fetch.wait.max.ms" Int["500"] Any, ReadOnly,
        "How long replication waits for new records.";

    "replica.high.watermark.checkpoint.interval.ms" Long["5000"] Any, ReadOnly,
        "Time between two writes of the high watermarks.";

    "replica.lag.time.max.ms" Long["30000"] Any, ReadOnly,
        "A replica behind for this long is no longer in sync.";

    "replica.selector.class" String[] Any, ReadOnly,
        "A Java class that tells consumers which replica to read from. There is one.";

    "replica.socket.receive.buffer.bytes" Int["65536"] Any, ReadOnly,
        "The receive buffer of replication's sockets.";

    "replica.socket.timeout.ms" Int["30000"] Any, ReadOnly,
        "How long replication waits for an answer.";

    "replication.quota.window.num" Int["11"] AtLeast(1), ReadOnly,
        "Windows over which replication is held against its quota.";

    "replication.quota.window.size.seconds" Int["1"] AtLeast(1), ReadOnly,
        "The length of each such window.";

    "request.timeout.ms" Int["30000"] Any, ReadOnly,
        "How long brokers wait for each other's answers.";

    "security.inter.broker.protocol" String["PLAINTEXT"] OneOf(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]), ReadOnly,
        "How brokers speak to each other. There is one.";

    "unclean.leader.election.enable" Boolean["false"] Any, ClusterWide,
        "Default of unclean.leader.election.enable for topics that do not set it.";

    "unclean.leader.election.interval.ms" Long["300000"] AtLeast(1), ReadOnly,
        hidden "Time between two looks for partitions that need an unclean leader.";
};
