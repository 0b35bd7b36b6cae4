//! Groups of the classic protocol, what is common to all groups, and committed offsets.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "group.coordinator.append.linger.ms" Int["-1"] AtLeast(-1), ReadOnly,
        "How long the group coordinator gathers records before it writes them. Here they are written at once.";

    "group.coordinator.background.threads" Int["2"] AtLeast(1), ReadOnly,
        "Threads for assignors and patterns of groups. Here the runtime has its own.";

    "group.coordinator.cached.buffer.max.bytes" Int["1048588"] AtLeast(524_288), ClusterWide,
        "The largest buffer the group coordinator keeps for its next records.";

    "group.coordinator.rebalance.protocols" List["classic,consumer,streams"] SomeOf(&["consumer", "classic", "share", "streams"]), ReadOnly,
        "Protocols by which members may form groups. All are always on, share groups by their feature.";

    "group.coordinator.threads" Int["4"] AtLeast(1), ReadOnly,
        "Threads of the group coordinator. Here the runtime has its own.";

    "group.initial.rebalance.delay.ms" Int["0"] Any, ReadOnly,
        "How long a new group waits for more members. Kafka's default is 3000; on one computer 0 starts at once.";

    "group.max.session.timeout.ms" Int["1800000"] Any, ReadOnly,
        "The longest session timeout a member may ask for.";

    "group.max.size" Int["2147483647"] AtLeast(1), ReadOnly,
        "The most members a group may have.";

    "group.min.session.timeout.ms" Int["6000"] Any, ReadOnly,
        "The shortest session timeout a member may ask for.";

    "offset.metadata.max.bytes" Int["4096"] Any, ReadOnly,
        "The longest note committed beside an offset.";

    "offsets.commit.timeout.ms" Int["5000"] AtLeast(1), ReadOnly,
        "How long a commit of offsets may take. It is one write here.";

    "offsets.load.buffer.size" Int["5242880"] AtLeast(1), ReadOnly,
        "Bytes read at a time when groups are loaded.";

    "offsets.retention.check.interval.ms" Long["600000"] AtLeast(1), ReadOnly,
        "Time between two looks for expired offsets.";

    "offsets.retention.minutes" Int["10080"] AtLeast(1), ReadOnly,
        "How long an empty group's offsets are kept.";

    "offsets.topic.compression.codec" Int["0"] Any, ReadOnly,
        "How __consumer_offsets is compressed, by the number of the codec.";

    "offsets.topic.num.partitions" Int["1"] AtLeast(1), ReadOnly,
        "Partitions of __consumer_offsets. Kafka's default is 50; one broker needs no more than one, and starts faster.";

    "offsets.topic.replication.factor" Short["1"] AtLeast(1), ReadOnly,
        "Replicas of __consumer_offsets. One broker holds one.";

    "offsets.topic.segment.bytes" Int["104857600"] AtLeast(1), ReadOnly,
        "segment.bytes of __consumer_offsets.";
};
