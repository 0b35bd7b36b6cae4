//! What time does: the silent are removed, and those who do not do their part in a rebalance.

use super::{Group, Member, Millis};

/// Why a member has to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    Session,
    Revocation,
    Join,
    Sync,
}

impl Group {
    /// Members whose time is over. The caller takes them out by [`Group::remove`].
    pub fn overdue(&self, now: Millis) -> Vec<(String, Overdue)> {
        let overdue = |member: &Member| {
            let passed = |at: Option<Millis>| at.is_some_and(|at| at <= now);
            let classic = member.classic.as_ref();
            if member.expires_at <= now {
                Some(Overdue::Session)
            } else if passed(member.revoke_until) {
                Some(Overdue::Revocation)
            } else if passed(classic.and_then(|part| part.join_until)) {
                Some(Overdue::Join)
            } else if passed(classic.and_then(|part| part.sync_until)) {
                Some(Overdue::Sync)
            } else {
                None
            }
        };
        let members = self.members.values();
        members.filter_map(|member| overdue(member).map(|why| (member.id.clone(), why))).collect()
    }
}
