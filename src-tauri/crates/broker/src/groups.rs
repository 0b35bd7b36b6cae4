//! Groups: who belongs to one and what each member is given.
//!
//! Every kind of group is a state machine: requests and time go in, answers and what is to be written down
//! come out as values. None of them sleeps, spawns, draws random numbers or touches a socket; the coordinator
//! does.

pub mod assignor;
mod catalog;
pub mod classic;
pub mod consumer;
pub(crate) mod java;
mod member_state;
mod refusal;
mod step;
pub mod streams;
mod topic_hash;

pub use catalog::{Catalog, TopicInfo};
pub use member_state::MemberState;
pub use refusal::Refusal;
pub use step::Step;
pub(crate) use topic_hash::{group_hash, topic_hash};

/// Milliseconds on a clock that never goes back.
pub type Millis = i64;

/// The epoch a group begins at, and its target too, but for the classic ones: its first member makes one more,
/// as in Kafka since 4.3.
pub(crate) const FIRST_EPOCH: i32 = 1;
