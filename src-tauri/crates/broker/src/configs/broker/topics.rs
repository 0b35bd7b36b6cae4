//! Topics: how they are made, and the defaults of what they can set.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "alter.config.policy.class.name" Class[] Any, ReadOnly,
        "A Java class that judges changes of configurations. None is loaded here.";

    "auto.create.topics.enable" Boolean["true"] Any, ReadOnly,
        "Create a topic when a client asks for one that does not exist.";

    "compression.gzip.level" Int["-1"] GzipLevel, ClusterWide,
        "Default of compression.gzip.level for topics that do not set it.";

    "compression.lz4.level" Int["9"] Between(1, 17), ClusterWide,
        "Default of compression.lz4.level for topics that do not set it.";

    "compression.type" String["producer"] OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), ClusterWide,
        "Default of compression.type for topics that do not set it.";

    "compression.zstd.level" Int["3"] Between(-131_072, 22), ClusterWide,
        "Default of compression.zstd.level for topics that do not set it.";

    "create.topic.policy.class.name" Class[] Any, ReadOnly,
        "A Java class that judges new topics. None is loaded here.";

    "delete.topic.enable" Boolean["true"] Any, ReadOnly,
        "Whether topics may be deleted.";

    "message.max.bytes" Int["1048588"] AtLeast(0), ClusterWide,
        "Default of max.message.bytes for topics that do not set it.";

    "num.partitions" Int["1"] AtLeast(1), ReadOnly,
        "Partitions of topics created without a number.";
};
