//! A partition's log on disk, in Kafka's layout: segments, indexes, recovery, retention, compaction.
