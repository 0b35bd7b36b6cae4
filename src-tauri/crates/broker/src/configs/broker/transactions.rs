//! Transactions and idempotent producers.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "add.partitions.to.txn.retry.backoff.max.ms" Int["100"] AtLeast(0), ReadOnly,
        "The longest wait inside the broker before it tries again to add partitions to a transaction.";

    "add.partitions.to.txn.retry.backoff.ms" Int["20"] AtLeast(1), ReadOnly,
        "The wait inside the broker before it tries again to add partitions to a transaction.";

    "producer.id.expiration.check.interval.ms" Int["600000"] AtLeast(1), ReadOnly,
        hidden "Time between two looks for producers to forget.";

    "producer.id.expiration.ms" Int["86400000"] AtLeast(1), ClusterWide,
        "How long the broker remembers an idempotent producer that writes nothing.";

    "transaction.abort.timed.out.transaction.cleanup.interval.ms" Int["10000"] AtLeast(1), ReadOnly,
        "Time between two looks for transactions that have been open for too long.";

    "transaction.max.timeout.ms" Int["900000"] AtLeast(1), ReadOnly,
        "The longest time a producer may ask to keep a transaction open.";

    "transaction.partition.verification.enable" Boolean["true"] Any, ClusterWide,
        "Whether a transactional batch must belong to an open transaction (KIP-890). It always must.";

    "transaction.remove.expired.transaction.cleanup.interval.ms" Int["3600000"] AtLeast(1), ReadOnly,
        "Time between two looks for transactional ids nobody uses.";

    "transaction.state.log.load.buffer.size" Int["5242880"] AtLeast(1), ReadOnly,
        "Bytes read at a time when transactions are loaded.";

    "transaction.state.log.min.isr" Int["1"] AtLeast(1), ReadOnly,
        "min.insync.replicas of __transaction_state. One broker holds one.";

    "transaction.state.log.num.partitions" Int["1"] AtLeast(1), ReadOnly,
        "Partitions of __transaction_state. Kafka's default is 50; one broker needs no more than one, and starts faster.";

    "transaction.state.log.replication.factor" Short["1"] AtLeast(1), ReadOnly,
        "Replicas of __transaction_state. One broker holds one.";

    "transaction.state.log.segment.bytes" Int["104857600"] AtLeast(1), ReadOnly,
        "segment.bytes of __transaction_state.";

    "transaction.two.phase.commit.enable" Boolean["false"] Any, ReadOnly,
        "Whether producers may leave a transaction open without limit. They may not here.";

    "transactional.id.expiration.ms" Int["604800000"] AtLeast(1), ReadOnly,
        "How long a transactional id that nobody uses is remembered.";
};
