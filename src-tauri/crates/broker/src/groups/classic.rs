//! Classic consumer groups: the members choose a leader, and the leader assigns.
//!
//! [`Group`] is the membership; answers come out as [`Effect`]s, at once or in a later step.

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

use super::Millis;
