//! Share groups (KIP-932).

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "group.share.assignment.interval.ms" Int["0"] AtLeast(0), ClusterWide,
        "The shortest time from one assignment of a share group to the next. Members get theirs at once here, whatever it says.";

    "group.share.assignors" List["simple"] Any, ReadOnly,
        "Assignors of share groups.";

    "group.share.delivery.count.limit" Int["5"] Between(2, 10), ReadOnly,
        "Default of share.delivery.count.limit for groups that do not set it.";

    "group.share.heartbeat.interval.ms" Int["5000"] AtLeast(1), ReadOnly,
        "Default of share.heartbeat.interval.ms for groups that do not set it.";

    "group.share.initialize.retry.interval.ms" Int["30000"] AtLeast(1), ReadOnly,
        hidden "The wait before the state of a share partition is made again.";

    "group.share.max.assignment.interval.ms" Int["15000"] AtLeast(0), ReadOnly,
        "The largest share.assignment.interval.ms a group may set.";

    "group.share.max.delivery.count.limit" Int["10"] Between(5, 25), ReadOnly,
        "The largest share.delivery.count.limit a group may set.";

    "group.share.max.heartbeat.interval.ms" Int["15000"] AtLeast(1), ReadOnly,
        "The largest share.heartbeat.interval.ms a group may set.";

    "group.share.max.partition.max.record.locks" Int["4000"] Between(2000, 10000), ReadOnly,
        "The largest share.partition.max.record.locks a group may set.";

    "group.share.max.record.lock.duration.ms" Int["60000"] Between(30000, 3_600_000), ReadOnly,
        "The longest share.record.lock.duration.ms a group may set.";

    "group.share.max.session.timeout.ms" Int["60000"] AtLeast(1), ReadOnly,
        "The longest share.session.timeout.ms a group may set.";

    "group.share.max.share.sessions" Int["2000"] AtLeast(1), ReadOnly,
        "Share sessions open at a time.";

    "group.share.max.size" Int["200"] Between(1, 1000), ReadOnly,
        "Members a share group may have.";

    "group.share.min.assignment.interval.ms" Int["0"] AtLeast(0), ReadOnly,
        "The smallest share.assignment.interval.ms a group may set.";

    "group.share.min.delivery.count.limit" Int["2"] Between(2, 5), ReadOnly,
        "The smallest share.delivery.count.limit a group may set.";

    "group.share.min.heartbeat.interval.ms" Int["5000"] AtLeast(1), ReadOnly,
        "The smallest share.heartbeat.interval.ms a group may set.";

    "group.share.min.partition.max.record.locks" Int["100"] Between(100, 2000), ReadOnly,
        "The smallest share.partition.max.record.locks a group may set.";

    "group.share.min.record.lock.duration.ms" Int["15000"] Between(1000, 30000), ReadOnly,
        "The shortest share.record.lock.duration.ms a group may set.";

    "group.share.min.session.timeout.ms" Int["45000"] AtLeast(1), ReadOnly,
        "The shortest share.session.timeout.ms a group may set.";

    "group.share.partition.max.record.locks" Int["2000"] Between(100, 10000), ReadOnly,
        "Default of share.partition.max.record.locks for groups that do not set it.";

    "group.share.persister.class.name" String["org.apache.kafka.server.share.persister.DefaultStatePersister"] Any, ReadOnly,
        hidden "A Java class that keeps the state of share partitions. __share_group_state does here.";

    "group.share.record.lock.duration.ms" Int["30000"] Between(1000, 3_600_000), ReadOnly,
        "Default of share.record.lock.duration.ms for groups that do not set it.";

    "group.share.session.timeout.ms" Int["45000"] AtLeast(1), ReadOnly,
        "Default of share.session.timeout.ms for groups that do not set it.";

    "share.coordinator.append.linger.ms" Int["-1"] AtLeast(-1), ReadOnly,
        "How long the share coordinator gathers records before it writes them. Here they are written at once.";

    "share.coordinator.cached.buffer.max.bytes" Int["1048588"] AtLeast(524_288), ClusterWide,
        "The largest buffer the share coordinator keeps for its next records.";

    "share.coordinator.cold.partition.snapshot.interval.ms" Int["300000"] AtLeast(1), ReadOnly,
        hidden "How often idle share partitions are written whole.";

    "share.coordinator.load.buffer.size" Int["5242880"] AtLeast(1), ReadOnly,
        "Bytes read at a time when share partitions are loaded.";

    "share.coordinator.snapshot.update.records.per.snapshot" Int["500"] Between(0, 500), ReadOnly,
        "Changes of a share partition between two full records of it.";

    "share.coordinator.state.topic.compression.codec" Int["0"] Any, ReadOnly,
        "How __share_group_state is compressed, by the number of the codec.";

    "share.coordinator.state.topic.min.isr" Short["1"] AtLeast(1), ReadOnly,
        "min.insync.replicas of __share_group_state. One broker holds one.";

    "share.coordinator.state.topic.num.partitions" Int["1"] AtLeast(1), ReadOnly,
        "Partitions of __share_group_state. Kafka's default is 50; one broker needs no more than one.";

    "share.coordinator.state.topic.prune.interval.ms" Int["300000"] AtLeast(1), ReadOnly,
        hidden "Drop the part of __share_group_state that newer records replace this often.";

    "share.coordinator.state.topic.replication.factor" Short["1"] AtLeast(1), ReadOnly,
        "Replicas of __share_group_state. Kafka's default is 3; one broker holds one.";

    "share.coordinator.state.topic.segment.bytes" Int["104857600"] AtLeast(1), ReadOnly,
        "segment.bytes of __share_group_state.";

    "share.coordinator.threads" Int["1"] AtLeast(1), ReadOnly,
        "Threads of the share coordinator. Here the runtime has its own.";

    "share.coordinator.write.timeout.ms" Int["5000"] AtLeast(1), ReadOnly,
        "How long a write of the share coordinator may take.";

    "share.fetch.purgatory.purge.interval.requests" Int["1000"] Any, ReadOnly,
        "Requests between two clearings of waiting share fetches. They clear themselves here.";
};
