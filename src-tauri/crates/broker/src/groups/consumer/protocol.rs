//! What members of the classic protocol say in their own words: the consumer's embedded protocol.

use bytes::Bytes;
use wire::codec::{self, Cx, Reader, Wire};
use wire::messages::group_records::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, ConsumerProtocolTopic,
};

use super::{Assignment, Catalog};

/// The protocol type of consumers.
pub(super) const CONSUMER: &str = "consumer";

/// Newer versions only add fields at the end.
const VERSION_MAX: i16 = 3;

fn read<T: Wire>(bytes: &[u8]) -> Option<(i16, T)> {
    let mut reader = Reader::new(bytes);
    let version =
        i16::read(&mut reader, Cx { version: 0, flexible: false }).ok().filter(|version| *version >= 0)?;
    let cx = Cx { version: version.min(VERSION_MAX), flexible: false };
    Some((version, T::read(&mut reader, cx).ok()?))
}

/// A subscription and the version it was written at.
pub(super) fn subscription(bytes: &[u8]) -> Option<(i16, ConsumerProtocolSubscription)> {
    read(bytes)
}

/// An assignment, by the ids of the topics there are. None at all means none assigned.
pub(super) fn assignment(bytes: &[u8], topics: &dyn Catalog) -> Option<Assignment> {
    if bytes.is_empty() {
        return Some(Assignment::new());
    }
    let (_, assignment) = read::<ConsumerProtocolAssignment>(bytes)?;
    Some(by_id(&assignment.assigned_partitions, topics))
}

/// Partitions by topic id; topics that are gone are left out.
pub(super) fn by_id(partitions: &[ConsumerProtocolTopic], topics: &dyn Catalog) -> Assignment {
    let mut assignment = Assignment::new();
    for topic in partitions {
        if let Some(known) = topics.topic(&topic.topic) {
            assignment.entry(known.id).or_default().extend(&topic.partitions);
        }
    }
    assignment
}

/// Writes an assignment at a version.
pub(super) fn write_assignment(version: i16, assignment: &Assignment, topics: &dyn Catalog) -> Bytes {
    let mut assigned_partitions: Vec<ConsumerProtocolTopic> = assignment
        .iter()
        .filter_map(|(id, partitions)| {
            let topic = topics.name(*id)?;
            Some(ConsumerProtocolTopic { topic, partitions: partitions.iter().copied().collect() })
        })
        .collect();
    assigned_partitions.sort_by(|a, b| a.topic.cmp(&b.topic));
    let version = version.clamp(0, VERSION_MAX);
    let body = ConsumerProtocolAssignment { assigned_partitions, user_data: None };
    let body = codec::encode(&body, Cx { version, flexible: false });
    [&version.to_be_bytes()[..], &body].concat().into()
}
