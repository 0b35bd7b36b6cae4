//! What surrounds a step of a group's state machine.

use super::{Catalog, Millis};

/// The time, the topics, the configuration of this kind of group.
#[derive(Clone, Copy)]
pub struct Step<'a, Settings> {
    pub now: Millis,
    /// The wall clock, in milliseconds since the epoch: it goes into records.
    pub clock_ms: i64,
    pub topics: &'a dyn Catalog,
    pub settings: Settings,
}
