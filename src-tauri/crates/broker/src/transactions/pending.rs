use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;

use super::TopicPartition;
use crate::coordinator::Committed;

/// An offset that will count if its transaction is committed.
#[derive(Debug, Clone)]
struct Pending {
    committed: Committed,
    /// One committed without a transaction came later: that one stays.
    superseded: bool,
}

/// Offsets by partition.
type Offsets = BTreeMap<TopicPartition, Pending>;

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
        let pending = |(at, committed)| (at, Pending { committed, superseded: false });
        groups.entry(group.to_owned()).or_default().extend(changes.into_iter().map(pending));
    }

    /// An offset was committed without a transaction: what was pending before does not replace it.
    pub(crate) fn supersede(&self, group: &str, at: &TopicPartition) {
        for groups in self.by_producer.lock().values_mut() {
            if let Some(pending) = groups.get_mut(group).and_then(|offsets| offsets.get_mut(at)) {
                pending.superseded = true;
            }
        }
    }

    /// An offset was deleted: one that was pending does not come back.
    pub(crate) fn forget(&self, group: &str, at: &TopicPartition) {
        for groups in self.by_producer.lock().values_mut() {
            if let Some(offsets) = groups.get_mut(group) {
                offsets.remove(at);
            }
        }
    }

    /// The same for all offsets of a group that is deleted.
    pub(crate) fn forget_group(&self, group: &str) {
        for groups in self.by_producer.lock().values_mut() {
            groups.remove(group);
        }
    }

    /// Ends a producer's transaction for the groups `here`. Committed offsets are handed to `apply` before they
    /// stop being pending: nobody sees neither.
    pub(crate) fn end(
        &self,
        producer_id: i64,
        committed: bool,
        here: impl Fn(&str) -> bool,
        mut apply: impl FnMut(&str, BTreeMap<TopicPartition, Committed>),
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
                let valid = offsets.into_iter().filter(|(_, pending)| !pending.superseded);
                apply(&group, valid.map(|(at, pending)| (at, pending.committed)).collect());
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

    /// Whether no transaction commits any offset just now.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_producer.lock().is_empty()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn committed(offset: i64) -> Committed {
        Committed { offset, leader_epoch: -1, metadata: String::new(), timestamp: 0 }
    }

    #[test]
    fn what_is_deleted_does_not_come_back() {
        let pending = PendingOffsets::default();
        let at = |partition| ("t".to_owned(), partition);
        pending.add(7, "g", [(at(0), committed(1)), (at(1), committed(2))]);
        pending.add(7, "h", [(at(0), committed(3))]);
        pending.forget("g", &at(0));
        assert_eq!(pending.of_group("g"), [at(1)]);
        pending.forget_group("h");
        let mut applied = Vec::new();
        pending.end(7, true, |_| true, |group, offsets| applied.push((group.to_owned(), offsets)));
        assert_eq!(applied, [("g".to_owned(), BTreeMap::from([(at(1), committed(2))]))]);
    }

    #[test]
    fn a_later_commit_without_a_transaction_stays() {
        let pending = PendingOffsets::default();
        let (first, second) = (("t".to_owned(), 0), ("t".to_owned(), 1));
        pending.add(7, "g", [(first.clone(), committed(1)), (second.clone(), committed(2))]);
        pending.supersede("g", &first);
        pending.supersede("other", &second);
        assert!(pending.is_pending("g", &first), "it is not known yet what becomes of the transaction");
        let mut applied = Vec::new();
        pending.end(8, true, |_| true, |_, offsets| applied.extend(offsets));
        pending.end(7, true, |group| group != "g", |_, offsets| applied.extend(offsets));
        assert!(applied.is_empty());
        pending.end(7, true, |group| group == "g", |_, offsets| applied.extend(offsets));
        assert_eq!(applied, [(second.clone(), committed(2))]);
        assert!(!pending.is_pending("g", &first) && !pending.is_pending("g", &second));
    }
}
