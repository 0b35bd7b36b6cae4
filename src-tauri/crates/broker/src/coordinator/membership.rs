//! A group's members, by whichever protocol they keep it.

use wire::{ErrorCode, Uuid};

use crate::groups::classic::Claim;
use crate::groups::{Millis, classic, consumer, streams};

/// The members of one group.
pub(crate) enum Membership {
    /// Also a group that has only offsets.
    Classic(classic::Group),
    Consumer(consumer::Group),
    Streams(Box<streams::Group>),
}

impl Membership {
    /// The type Kafka shows.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Membership::Classic(_) => "classic",
            Membership::Consumer(_) => "consumer",
            Membership::Streams(_) => "streams",
        }
    }

    /// The state Kafka shows.
    pub(crate) fn state_name(&self) -> &'static str {
        match self {
            Membership::Classic(group) => group.state().name(),
            Membership::Consumer(group) => group.state().name(),
            Membership::Streams(group) => group.state().name(),
        }
    }

    pub(crate) fn protocol_type(&self) -> &str {
        match self {
            Membership::Classic(group) => group.protocol_type().unwrap_or_default(),
            Membership::Consumer(_) => "consumer",
            Membership::Streams(_) => "streams",
        }
    }

    /// Whether the group was deleted while someone still looks at it.
    pub(crate) fn is_dead(&self) -> bool {
        match self {
            Membership::Classic(group) => group.state() == classic::State::Dead,
            Membership::Consumer(_) | Membership::Streams(_) => false,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Membership::Classic(group) => group.members().next().is_none(),
            Membership::Consumer(group) => group.members().next().is_none(),
            Membership::Streams(group) => group.members().next().is_none(),
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Millis> {
        match self {
            Membership::Classic(group) => group.next_deadline(),
            Membership::Consumer(group) => group.next_deadline(),
            Membership::Streams(group) => group.next_deadline(),
        }
    }

    /// Whether whoever claims so may commit now. `by_epoch`: the request speaks of member epochs.
    pub(super) fn check_commit(&mut self, now: Millis, claim: Claim<'_>, by_epoch: bool) -> ErrorCode {
        match self {
            Membership::Classic(group) => group.check_commit(now, claim),
            Membership::Consumer(group) => group.check_commit(claim, by_epoch),
            Membership::Streams(group) => group.check_commit(claim, by_epoch),
        }
    }

    /// Whether the commit counts for one partition.
    pub(super) fn check_commit_of(
        &self,
        claim: Claim<'_>,
        (topic, id): (&str, Uuid),
        partition: i32,
    ) -> ErrorCode {
        match self {
            Membership::Classic(_) => ErrorCode::None,
            Membership::Consumer(group) => group.check_commit_of(claim, id, partition),
            Membership::Streams(group) => group.check_commit_of(claim, topic, partition),
        }
    }

    /// Whether offsets may be read by whoever says that it is a member.
    pub(super) fn check_fetch(&self, member_id: Option<&str>, epoch: i32) -> ErrorCode {
        match self {
            Membership::Classic(_) => ErrorCode::None,
            Membership::Consumer(group) => group.check_fetch(member_id, epoch),
            Membership::Streams(group) => group.check_fetch(member_id, epoch),
        }
    }
}
