//! The transactions' place on disk: `__transaction_state`, and the markers in the partitions written to.

use tracing::{error, info, warn};
use wire::ErrorCode;
use wire::batch::BatchBuilder;

use super::coordinator::{Journal, is_commit};
use super::{TopicPartition, Transaction, records};
use crate::Broker;
use crate::coordinator::key_partition;
use crate::partition::{MarkerOf, Partition};
use crate::replay::{each_batch, each_record};
use crate::topic::{OFFSETS_TOPIC, TRANSACTIONS_TOPIC, Topic};

/// The one coordinator's term: it is never succeeded.
pub(crate) const COORDINATOR_EPOCH: i32 = 0;

impl Broker {
    /// Reads `__transaction_state`, and writes the markers that are due since before the stop.
    pub(crate) fn load_transactions(&self) {
        let Some(topic) = self.topics().get(TRANSACTIONS_TOPIC) else { return };
        let mut records = 0u64;
        for partition in topic.partitions().iter() {
            each_batch(partition, |batch| {
                records += each_record(partition, batch, |record, _| {
                    if let Some((id, transaction)) = records::load(record.key, record.value) {
                        self.transactions().load(id, transaction);
                    }
                });
            });
        }
        info!(records, "transactions loaded");
        self.transactions().finish_prepared(self);
    }
}

impl Journal for Broker {
    fn write(&self, id: &str, transaction: Option<&Transaction>) -> Result<(), ErrorCode> {
        let topic =
            self.topic_or_create(TRANSACTIONS_TOPIC).map_err(|_| ErrorCode::CoordinatorNotAvailable)?;
        let partitions = topic.partitions();
        let partition =
            partitions.get(key_partition(id, partitions.len())).ok_or(ErrorCode::CoordinatorNotAvailable)?;
        let now_ms = self.now_ms();
        let value = transaction.map(records::value);
        let batch = BatchBuilder::new().record(now_ms, Some(&records::key(id)), value.as_deref());
        let mut bytes = batch.build().to_vec();
        match partition.append_own(&mut bytes, now_ms).and_then(|info| partition.flush_if_due(&info)) {
            Ok(()) => {
                self.count_in(&topic, 1, bytes.len());
                Ok(())
            }
            Err(_) => Err(ErrorCode::CoordinatorNotAvailable),
        }
    }

    fn mark(&self, at: &TopicPartition, prepared: &Transaction) -> Result<(), ErrorCode> {
        let (name, index) = at;
        // Deleted since: nothing is left to end.
        let Some(topic) = self.topics().get(name) else { return Ok(()) };
        let Some(partition) = topic.partition(*index) else { return Ok(()) };
        let marker = MarkerOf {
            producer_id: prepared.producer.id,
            epoch: prepared.producer.epoch,
            committed: is_commit(prepared),
            coordinator_epoch: COORDINATOR_EPOCH,
            own_epoch: prepared.has_own_epoch(),
        };
        match self.write_marker(&topic, &partition, marker) {
            Ok(()) => Ok(()),
            // Someone newer has ended it, or its log is closed: trying again would change nothing.
            Err(reason @ (ErrorCode::InvalidProducerEpoch | ErrorCode::TransactionCoordinatorFenced)) => {
                warn!(topic = %name, partition = index, ?reason, "marker refused");
                Ok(())
            }
            Err(reason) => Err(reason),
        }
    }

    fn fresh_id(&self) -> Result<i64, ErrorCode> {
        self.next_producer_id().map_err(|reason| {
            error!(%reason, "no producer id");
            ErrorCode::CoordinatorNotAvailable
        })
    }

    fn now_ms(&self) -> i64 {
        Broker::now_ms(self)
    }
}

impl Broker {
    /// Writes a transaction's marker into a partition; what it says takes effect in the groups, too.
    pub(crate) fn write_marker(
        &self,
        topic: &Topic,
        partition: &Partition,
        marker: MarkerOf,
    ) -> Result<(), ErrorCode> {
        let log_append_time = topic.settings().log_append_time;
        let bytes = partition.append_marker(marker, log_append_time, self.now_ms())?;
        self.count_in(topic, 1, bytes);
        if topic.name == OFFSETS_TOPIC {
            let partitions = topic.partitions().len();
            let here = |group: &str| key_partition(group, partitions) == partition.index as usize;
            self.end_pending(marker.producer_id, marker.committed, here);
        }
        Ok(())
    }

    /// Ends what a producer committed for groups, by its marker in their partition.
    pub(crate) fn end_pending(&self, producer_id: i64, committed: bool, here: impl Fn(&str) -> bool) {
        self.pending_offsets().end(producer_id, committed, here, |group, offsets| {
            self.coordinator().apply_committed(group, offsets);
        });
    }
}
