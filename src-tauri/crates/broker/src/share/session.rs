//! Share sessions (KIP-932): which partitions a member fetches from, so that it names only changes, and whether
//! a request follows the one before. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use wire::{ErrorCode, Uuid};

/// Opens a session.
pub(crate) const INITIAL_EPOCH: i32 = 0;
/// Closes a session.
pub(crate) const FINAL_EPOCH: i32 = -1;

/// Partitions of one session: as many as a topic may have.
const PARTITIONS_MAX: usize = 10_000;

/// A partition by its topic's id.
pub(crate) type PartitionId = (Uuid, i32);

/// A group and one of its members.
pub(crate) type SessionKey = (String, String);

/// What a fetch covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Every partition is answered for, not only those with news.
    pub(crate) full: bool,
    /// In the order they are looked at: each comes first in its turn.
    pub(crate) partitions: Vec<PartitionId>,
}

/// Every share session.
#[derive(Debug, Default)]
pub(crate) struct ShareSessions {
    sessions: BTreeMap<SessionKey, Session>,
}

#[derive(Debug)]
struct Session {
    epoch: i32,
    partitions: BTreeSet<PartitionId>,
    /// The connection it came by: it ends with it.
    connection: SocketAddr,
}

impl Session {
    fn check(&self, epoch: i32) -> Result<(), ErrorCode> {
        if self.epoch == epoch { Ok(()) } else { Err(ErrorCode::InvalidShareSessionEpoch) }
    }

    fn count_on(&mut self) {
        self.epoch = if self.epoch == i32::MAX { 1 } else { self.epoch + 1 };
    }
}

impl ShareSessions {
    /// A fetch that opens a session or follows in one.
    pub(crate) fn fetch(
        &mut self,
        key: &SessionKey,
        epoch: i32,
        connection: SocketAddr,
        sessions_max: usize,
        (added, forgotten): (&[PartitionId], &[PartitionId]),
    ) -> Result<Plan, ErrorCode> {
        let full = epoch == INITIAL_EPOCH;
        if full {
            self.sessions.remove(key);
            if self.sessions.len() >= sessions_max {
                return Err(ErrorCode::ShareSessionLimitReached);
            }
            let session = Session { epoch, partitions: BTreeSet::new(), connection };
            self.sessions.insert(key.clone(), session);
        }
        let session = self.sessions.get_mut(key).ok_or(ErrorCode::ShareSessionNotFound)?;
        session.check(epoch)?;
        session.count_on();
        for partition in forgotten {
            session.partitions.remove(partition);
        }
        session.partitions.extend(added.iter().copied());
        if session.partitions.len() > PARTITIONS_MAX {
            self.sessions.remove(key);
            return Err(ErrorCode::InvalidRequest);
        }
        let mut partitions: Vec<PartitionId> = session.partitions.iter().copied().collect();
        if let Some(turn) = usize::try_from(epoch).unwrap_or(0).checked_rem(partitions.len()) {
            partitions.rotate_left(turn);
        }
        Ok(Plan { full, partitions })
    }

    /// An acknowledgement within a session.
    pub(crate) fn acknowledge(&mut self, key: &SessionKey, epoch: i32) -> Result<(), ErrorCode> {
        let session = self.sessions.get_mut(key).ok_or(ErrorCode::ShareSessionNotFound)?;
        session.check(epoch)?;
        session.count_on();
        Ok(())
    }

    /// Closes a session; returns what it covered.
    pub(crate) fn close(&mut self, key: &SessionKey) -> Result<Vec<PartitionId>, ErrorCode> {
        let session = self.sessions.remove(key).ok_or(ErrorCode::ShareSessionNotFound)?;
        Ok(session.partitions.into_iter().collect())
    }

    /// Whether there is a session to close.
    pub(crate) fn is_open(&self, key: &SessionKey) -> bool {
        self.sessions.contains_key(key)
    }

    /// A connection is gone: its sessions end. Returns what each covered.
    pub(crate) fn disconnected(&mut self, connection: SocketAddr) -> Vec<(SessionKey, Vec<PartitionId>)> {
        let gone = self.sessions.extract_if(.., |_, session| session.connection == connection);
        gone.map(|(key, session)| (key, session.partitions.into_iter().collect())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(member: &str) -> SessionKey {
        ("g".into(), member.into())
    }

    fn from(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    const A: PartitionId = (Uuid::ZERO, 0);
    const B: PartitionId = (Uuid::ZERO, 1);

    #[test]
    fn a_session_remembers_forgets_and_takes_turns() {
        let mut sessions = ShareSessions::default();
        let mut fetch = |epoch, added: &[PartitionId], forgotten: &[PartitionId]| {
            sessions.fetch(&key("m"), epoch, from(1), 9, (added, forgotten)).map(|plan| plan.partitions)
        };
        assert_eq!(fetch(1, &[A], &[]), Err(ErrorCode::ShareSessionNotFound));
        assert_eq!(fetch(0, &[A, B], &[]), Ok(vec![A, B]));
        assert_eq!(fetch(1, &[], &[]), Ok(vec![B, A]));
        assert_eq!(fetch(1, &[], &[]), Err(ErrorCode::InvalidShareSessionEpoch));
        assert_eq!(fetch(2, &[], &[A]), Ok(vec![B]));
        assert_eq!(fetch(0, &[], &[]), Ok(vec![]));
        assert_eq!(fetch(1, &[A], &[]), Ok(vec![A]));
        let many: Vec<PartitionId> = (0..=PARTITIONS_MAX as i32).map(|at| (Uuid::ZERO, at)).collect();
        assert_eq!(fetch(2, &many, &[]), Err(ErrorCode::InvalidRequest));
    }

    #[test]
    fn sessions_are_counted_closed_and_end_with_their_connection() {
        let mut sessions = ShareSessions::default();
        let mut open =
            |member| sessions.fetch(&key(member), 0, from(7), 2, (&[A], &[])).map(|plan| plan.full);
        assert_eq!([open("a"), open("b"), open("a")], [Ok(true), Ok(true), Ok(true)]);
        assert_eq!(open("c"), Err(ErrorCode::ShareSessionLimitReached));
        assert_eq!(sessions.acknowledge(&key("a"), 1), Ok(()));
        assert_eq!(sessions.acknowledge(&key("a"), 1), Err(ErrorCode::InvalidShareSessionEpoch));
        assert_eq!(sessions.close(&key("a")), Ok(vec![A]));
        assert_eq!(sessions.close(&key("a")), Err(ErrorCode::ShareSessionNotFound));
        assert_eq!(sessions.disconnected(from(9)), []);
        assert_eq!(sessions.disconnected(from(7)), [(key("b"), vec![A])]);
        assert!(!sessions.is_open(&key("b")));
    }
}
