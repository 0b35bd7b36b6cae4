//! Classic consumer groups.
//!
//! [`Group`] is the membership as a state machine: requests and time go in, answers come out as [`Effect`]s.
//! It never sleeps, spawns, draws random numbers or touches a socket; the coordinator does.

mod event;
mod group;
mod join;
mod member;
mod rebalance;
#[cfg(test)]
mod tests;

pub use event::{Claim, Effect, Join, Joined, Sync, Synced, Ticket};
pub use group::{Group, Limits, Restored, State};
pub use member::{Member, Protocol};

/// Milliseconds on a clock that never goes back.
pub type Millis = i64;
