//! Tiered storage, which there is none of.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "follower.fetch.last.tiered.offset.enable" Boolean["false"] Any, ClusterWide,
        "Whether new replicas begin at the last tiered offset. There is no tiered storage.";

    "remote.fetch.max.wait.ms" Int["500"] AtLeast(1), ClusterWide,
        "How long a fetch waits for tiered storage. There is none.";

    "remote.list.offsets.request.timeout.ms" Long["30000"] AtLeast(1), ClusterWide,
        "How long a look-up of offsets waits for tiered storage. There is none.";

    "remote.log.index.file.cache.total.size.bytes" Long["1073741824"] AtLeast(1), ClusterWide,
        "The most bytes of tiered indexes kept locally.";

    "remote.log.index.file.cache.ttl.ms" Long["900000"] AtLeast(-1), ReadOnly,
        hidden "How long a tiered index nobody uses is kept locally.";

    "remote.log.manager.copier.thread.pool.size" Int["10"] AtLeast(1), ClusterWide,
        "Threads that copy to tiered storage.";

    "remote.log.manager.copy.max.bytes.per.second" Long["9223372036854775807"] AtLeast(1), ClusterWide,
        "The most bytes per second copied to tiered storage.";

    "remote.log.manager.copy.quota.window.num" Int["11"] AtLeast(1), ReadOnly,
        "Windows over which such copies are held against their quota.";

    "remote.log.manager.copy.quota.window.size.seconds" Int["1"] AtLeast(1), ReadOnly,
        "The length of each such window.";

    "remote.log.manager.expiration.thread.pool.size" Int["10"] AtLeast(1), ClusterWide,
        "Threads that delete from tiered storage.";

    "remote.log.manager.fetch.max.bytes.per.second" Long["9223372036854775807"] AtLeast(1), ClusterWide,
        "The most bytes per second read from tiered storage.";

    "remote.log.manager.fetch.quota.window.num" Int["11"] AtLeast(1), ReadOnly,
        "Windows over which such reads are held against their quota.";

    "remote.log.manager.fetch.quota.window.size.seconds" Int["1"] AtLeast(1), ReadOnly,
        "The length of each such window.";

    "remote.log.manager.follower.thread.pool.size" Int["2"] AtLeast(1), ClusterWide,
        "Threads that follow tiered logs.";

    "remote.log.manager.task.interval.ms" Long["30000"] AtLeast(1), ReadOnly,
        "Time between two looks for segments to be tiered.";

    "remote.log.manager.task.retry.backoff.max.ms" Long["30000"] AtLeast(1), ReadOnly,
        hidden "The longest wait before tiered storage is tried again.";

    "remote.log.manager.task.retry.backoff.ms" Long["500"] AtLeast(1), ReadOnly,
        hidden "The wait before tiered storage is tried again.";

    "remote.log.manager.task.retry.jitter" Double["0.2"] Fraction(0.0, 0.5), ReadOnly,
        hidden "The random part of that wait.";

    "remote.log.manager.thread.pool.size" Int["2"] AtLeast(1), ReadOnly,
        "Threads for tiered storage.";

    "remote.log.metadata.custom.metadata.max.bytes" Int["128"] AtLeast(0), ReadOnly,
        "The most that a tiered storage's plugin may note for a segment.";

    "remote.log.metadata.manager.class.name" String["org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager"] NonEmpty, ReadOnly,
        "A Java class that keeps the metadata of tiered segments. None is loaded here.";

    "remote.log.metadata.manager.class.path" String[] Any, ReadOnly,
        "Where that class is.";

    "remote.log.metadata.manager.impl.prefix" String["rlmm.config."] NonEmpty, ReadOnly,
        "How the names of that class's own settings begin.";

    "remote.log.metadata.manager.listener.name" String[] NonEmpty, ReadOnly,
        "The listener by which that class reaches the broker.";

    "remote.log.reader.max.pending.tasks" Int["100"] AtLeast(1), ReadOnly,
        "The most reads that wait for tiered storage.";

    "remote.log.reader.threads" Int["10"] AtLeast(1), ClusterWide,
        "Threads that read from tiered storage.";

    "remote.log.storage.manager.class.name" String[] NonEmpty, ReadOnly,
        "A Java class that is the tiered storage. None is loaded here.";

    "remote.log.storage.manager.class.path" String[] Any, ReadOnly,
        "Where that class is.";

    "remote.log.storage.manager.impl.prefix" String["rsm.config."] NonEmpty, ReadOnly,
        "How the names of that class's own settings begin.";

    "remote.log.storage.system.enable" Boolean["false"] Any, ReadOnly,
        "Whether there is tiered storage. There is none here.";
};
