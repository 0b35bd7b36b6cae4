//! The topics there are, as groups see them.

use wire::Uuid;

use super::topic_hash::{group_hash, topic_hash};

/// A topic's id and how many partitions it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicInfo {
    pub id: Uuid,
    pub partitions: i32,
}

/// The topics there are. The broker's own answers from its topics, a test's from a map.
pub trait Catalog {
    /// Changes whenever a topic is made, grown or deleted.
    fn version(&self) -> u64;
    /// The topic of this name.
    fn topic(&self, name: &str) -> Option<TopicInfo>;
    /// The name of the topic with this id.
    fn name(&self, id: Uuid) -> Option<String>;
    /// Every name a client may see, in order.
    fn names(&self) -> Vec<String>;
    /// Where all replicas are, if that is known: the broker's rack.
    fn rack(&self) -> Option<&str>;
}

/// A number that changes with what a group reads: its topics, named in order. 0 stands for no topics.
pub(super) fn metadata_hash<'a>(names: impl Iterator<Item = &'a str>, topics: &dyn Catalog) -> i64 {
    let known = names.filter_map(|name| Some((name, topics.topic(name)?)));
    group_hash(known.map(|(name, topic)| topic_hash(topic.id, name, topic.partitions, topics.rack())))
}
