//! The transaction coordinator (KIP-98, KIP-360, KIP-447, KIP-890).
//!
//! [`Transaction`] is one transactional id as a state machine: a request turns it into the next one, which is in
//! force once it is written down. It knows no clock, no log and no lock. [`Coordinator`] holds one per id, writes
//! them through a [`Journal`] and has the markers written; `store` is the journal in `__transaction_state`.

mod coordinator;
mod pending;
mod records;
mod state;
mod store;
mod transaction;

pub(crate) use coordinator::{Coordinator, Listed, client_version};
pub(crate) use pending::PendingOffsets;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use records::load as load_record;
pub use state::State;
pub use transaction::{Ending, Identity, Initialized, TopicPartition, Transaction};

#[cfg(test)]
mod tests;
