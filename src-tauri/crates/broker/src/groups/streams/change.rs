//! What a step changed and must be written down.

/// One record to write; its content is the group's own state after the step, or a tombstone where it is gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// The group's epoch and what it was computed from.
    Epoch,
    Topology,
    /// The epoch of the target.
    TargetEpoch,
    Member(String),
    /// What a member is to have.
    Target(String),
    /// What a member has.
    Current(String),
}
