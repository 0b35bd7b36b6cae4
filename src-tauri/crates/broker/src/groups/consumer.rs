//! Consumer groups of KIP-848: members beat, and the coordinator assigns.
//!
//! The group has an epoch that grows with every change of members, subscriptions or topics. For each epoch an
//! assignor computes the target; every member is then led towards it on its own: it gives up what it must
//! ([`MemberState::Unrevoked`]), says so, takes the target's epoch, and gets what others have given up
//! ([`MemberState::Unreleased`]) until it has all of its target ([`MemberState::Stable`]). A partition is thus
//! never with two members.
//!
//! Members of the classic protocol may be in the group too (an upgrade one by one): to them the member epoch
//! is their generation. [`Group`] holds all of it; what a step changes comes out as [`Change`]s, which the
//! coordinator writes down in Kafka's record formats and [`Group::replay`] reads back.

mod change;
mod classic_member;
mod commit;
mod group;
mod heartbeat;
mod leave;
mod member;
mod migrate;
mod protocol;
mod reconcile;
mod regex;
mod replay;
mod target;
#[cfg(test)]
mod tests;
mod timeout;

pub use change::Change;
pub use classic_member::{ClassicJoin, ClassicJoined};
pub use group::{Group, GroupState, MigrationPolicy, Settings, Step};
pub use heartbeat::{Beaten, Heartbeat};
pub use member::{ClassicPart, Held, Member};
pub use migrate::Downgrade;
pub use regex::Resolved;
pub use replay::{Current, Described, Replayed};
pub use timeout::Overdue;

use super::assignor::{Assignment, Assignor, Spec, SpecMember};
use super::{Catalog, MemberState, Millis, Refusal};

/// A member that leaves for good says so by this epoch.
pub const LEAVE_EPOCH: i32 = -1;
/// A static member that will be back.
pub const LEAVE_STATIC_EPOCH: i32 = -2;
