//! A group's members, by whichever protocol they keep it.

use crate::groups::{Millis, classic, consumer};

/// The members of one group.
pub(crate) enum Membership {
    /// Also a group that has only offsets.
    Classic(classic::Group),
    Consumer(consumer::Group),
}

impl Membership {
    /// The type Kafka shows.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Membership::Classic(_) => "classic",
            Membership::Consumer(_) => "consumer",
        }
    }

    /// The state Kafka shows.
    pub(crate) fn state_name(&self) -> &'static str {
        match self {
            Membership::Classic(group) => group.state().name(),
            Membership::Consumer(group) => group.state().name(),
        }
    }

    pub(crate) fn protocol_type(&self) -> &str {
        match self {
            Membership::Classic(group) => group.protocol_type().unwrap_or_default(),
            Membership::Consumer(_) => "consumer",
        }
    }

    /// Whether the group was deleted while someone still looks at it.
    pub(crate) fn is_dead(&self) -> bool {
        match self {
            Membership::Classic(group) => group.state() == classic::State::Dead,
            Membership::Consumer(_) => false,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Membership::Classic(group) => group.members().next().is_none(),
            Membership::Consumer(group) => group.members().next().is_none(),
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Millis> {
        match self {
            Membership::Classic(group) => group.next_deadline(),
            Membership::Consumer(group) => group.next_deadline(),
        }
    }
}
