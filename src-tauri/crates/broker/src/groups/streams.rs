//! Streams groups of KIP-1071: the coordinator knows a Kafka Streams application's topology, makes its internal
//! topics and assigns its tasks.
//!
//! A task is a subtopology and a partition number. A member holds tasks as active (one in the whole group), as
//! standby (copies of the state elsewhere) or as warm-up; members of one process share its disk, so a process
//! has a task once. As in consumer groups there is an epoch, a target per epoch, and members that are led
//! towards it; [`Group`] holds all of it, what a step changes comes out as [`Change`]s.

mod assignor;
mod change;
mod configure;
mod endpoints;
mod group;
mod heartbeat;
mod member;
mod reconcile;
mod replay;
mod tasks;
#[cfg(test)]
mod tests;
mod topology;

pub use change::Change;
pub use configure::{Configured, MissingTopic, Status, StatusCode};
pub use endpoints::EndpointPartitions;
pub use group::{Group, GroupState, Settings, Step};
pub use heartbeat::{Beaten, Heartbeat};
pub use member::Member;
pub use replay::{Current, Described, Epoch, Replayed};
pub use tasks::{HeldTasks, TaskMap, Tasks};
pub use topology::{Copartition, InternalTopic, Subtopology, Topology};

use super::{Catalog, MemberState, Millis, Refusal};
