//! Offsets nobody has used for a long time.

use super::membership::Membership;
use super::{Cell, Committed, Coordinator, Journal, Stored, TopicPartition};
use crate::groups::classic;

impl Coordinator {
    /// Forgets offsets nobody has used for `offsets.retention.minutes`, and groups without any.
    pub(crate) fn expire(&self, journal: &impl Journal, now_ms: i64) {
        for cell in self.all() {
            let mut cell = cell.lock();
            let old: Vec<TopicPartition> = cell
                .offsets
                .iter()
                .filter(|(at, committed)| self.is_expired(&cell, at, committed, now_ms))
                .map(|(at, _)| at.clone())
                .collect();
            let stays = old.len() < cell.offsets.len()
                || !cell.membership.is_empty()
                || cell.membership.next_deadline().is_some();
            if stays && old.is_empty() {
                continue;
            }
            let mut records: Vec<Stored> =
                old.iter().map(|(topic, partition)| Stored::no_offset(&cell.id, topic, *partition)).collect();
            for at in &old {
                cell.offsets.remove(at);
            }
            if !stays {
                records.extend(cell.tombstones());
                cell.end(self.now(), self.limits.groups);
            }
            let _ = journal.write(&cell.id, &records);
            let id = cell.id.clone();
            drop(cell);
            if !stays {
                self.groups.lock().remove(&id);
            }
        }
    }

    fn is_expired(&self, cell: &Cell, at: &TopicPartition, committed: &Committed, now_ms: i64) -> bool {
        let retention_ms = self.limits.retention_ms;
        if now_ms.saturating_sub(committed.timestamp) < retention_ms {
            return false;
        }
        match &cell.membership {
            // A group that had members counts from its end, one that only commits from its commits.
            Membership::Classic(group) => {
                let empty_for = self.now() - group.state_since();
                group.state() == classic::State::Empty
                    && (group.protocol_type().is_none() || empty_for >= retention_ms)
            }
            Membership::Consumer(group) => !group.is_subscribed(&at.0),
            Membership::Streams(group) => !group.is_subscribed(&at.0),
        }
    }
}
