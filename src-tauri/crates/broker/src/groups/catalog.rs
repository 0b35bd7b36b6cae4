//! The topics there are, as groups see them.

use std::hash::Hasher;

use wire::Uuid;

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
}

/// A number that changes with what a group reads: written down with the group, so that a change while the
/// broker was down is noticed. 0 stands for no topics.
pub(super) fn metadata_hash<'a>(names: impl Iterator<Item = &'a str>, topics: &dyn Catalog) -> i64 {
    let mut hasher = Fnv(FNV_BASIS);
    let mut any = false;
    for name in names {
        let Some(topic) = topics.topic(name) else { continue };
        any = true;
        hasher.write(name.as_bytes());
        hasher.write(&topic.id.0);
        hasher.write(&topic.partitions.to_be_bytes());
    }
    if any { i64::from_be_bytes(hasher.finish().to_be_bytes()) } else { 0 }
}

/// FNV-1a: the standard library promises no hash that stays the same from one build to the next.
struct Fnv(u64);

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(FNV_PRIME);
        }
    }
}
