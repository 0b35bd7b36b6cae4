//! Who may commit and fetch offsets.

use wire::{ErrorCode, Uuid};

use super::{Group, Member};
use crate::groups::classic::Claim;

impl Group {
    /// Whether whoever claims so may commit now. `by_epoch`: the request speaks of member epochs.
    pub fn check_commit(&self, claim: Claim<'_>, by_epoch: bool) -> ErrorCode {
        // An administrator, or a consumer that assigns itself its partitions.
        if claim.generation < 0 && self.members.is_empty() {
            return ErrorCode::None;
        }
        let Some(member) = self.members.get(claim.member_id) else { return ErrorCode::UnknownMemberId };
        if member.classic.is_none() && !by_epoch {
            return ErrorCode::UnsupportedVersion;
        }
        if claim.generation > member.epoch { stale(member) } else { ErrorCode::None }
    }

    /// Whether the commit counts for one partition: at an older epoch only if the member had it by then.
    pub fn check_commit_of(&self, claim: Claim<'_>, topic: Uuid, partition: i32) -> ErrorCode {
        match self.members.get(claim.member_id) {
            None => ErrorCode::None,
            Some(member) if member.epoch == claim.generation => ErrorCode::None,
            Some(member) => match member.held_since(topic, partition) {
                Some(since) if since <= claim.generation => ErrorCode::None,
                _ => stale(member),
            },
        }
    }

    /// Whether offsets may be read by whoever says that it is a member.
    pub fn check_fetch(&self, member_id: Option<&str>, epoch: i32) -> ErrorCode {
        let member_id = match member_id {
            None if epoch < 0 => return ErrorCode::None,
            given => given.unwrap_or_default(),
        };
        match self.members.get(member_id) {
            None => ErrorCode::UnknownMemberId,
            Some(member) if member.epoch == epoch => ErrorCode::None,
            Some(member) => stale(member),
        }
    }
}

fn stale(member: &Member) -> ErrorCode {
    if member.is_classic() { ErrorCode::IllegalGeneration } else { ErrorCode::StaleMemberEpoch }
}
