use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;

use super::TopicPartition;
use crate::coordinator::Committed;

/// Offsets by partition.
type Offsets = BTreeMap<TopicPartition, Committed>;

/// Offsets committed within transactions that have not ended: by producer id and group. They count once the
/// marker is in `__consumer_offsets`.
#[derive(Default)]
pub(crate) struct PendingOffsets {
    by_producer: Mutex<HashMap<i64, HashMap<String, Offsets>>>,
}

impl PendingOffsets {
    pub(crate) fn add(
        &self,
        producer_id: i64,
        group: &str,
        changes: impl IntoIterator<Item = (TopicPartition, Committed)>,
    ) {
        let mut by_producer = self.by_producer.lock();
        let groups = by_producer.entry(producer_id).or_default();
        groups.entry(group.to_owned()).or_default().extend(changes);
    }

    /// Ends a producer's transaction for the groups `here`. Committed offsets are handed to `apply` before they
    /// stop being pending: nobody sees neither.
    pub(crate) fn end(
        &self,
        producer_id: i64,
        committed: bool,
        here: impl Fn(&str) -> bool,
        mut apply: impl FnMut(&str, Offsets),
    ) {
        let ending: Vec<(String, Offsets)> = match self.by_producer.lock().get(&producer_id) {
            None => return,
            Some(groups) => groups
                .iter()
                .filter(|(group, _)| here(group))
                .map(|(group, offsets)| (group.clone(), offsets.clone()))
                .collect(),
        };
        let names: Vec<String> = ending.iter().map(|(group, _)| group.clone()).collect();
        if committed {
            for (group, offsets) in ending {
                apply(&group, offsets);
            }
        }
        let mut by_producer = self.by_producer.lock();
        if let Some(groups) = by_producer.get_mut(&producer_id) {
            groups.retain(|group, _| !names.contains(group));
            if groups.is_empty() {
                by_producer.remove(&producer_id);
            }
        }
    }

    /// Whether an offset of the group is being committed for the partition.
    pub(crate) fn is_pending(&self, group: &str, at: &TopicPartition) -> bool {
        let by_producer = self.by_producer.lock();
        by_producer.values().any(|groups| groups.get(group).is_some_and(|offsets| offsets.contains_key(at)))
    }

    /// The partitions for which offsets of the group are being committed.
    pub(crate) fn of_group(&self, group: &str) -> Vec<TopicPartition> {
        let by_producer = self.by_producer.lock();
        let groups = by_producer.values().filter_map(|groups| groups.get(group));
        groups.flat_map(|offsets| offsets.keys().cloned()).collect()
    }

    /// Forgets a topic that is gone.
    pub(crate) fn forget_topic(&self, topic: &str) {
        for groups in self.by_producer.lock().values_mut() {
            for offsets in groups.values_mut() {
                offsets.retain(|(name, _), _| name != topic);
            }
        }
    }
}
