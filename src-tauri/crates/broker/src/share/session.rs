//! Share sessions (KIP-932): which partitions a member fetches from, so that it names only changes, and whether
//! a request follows the one before. Pure.

use std::collections::{BTreeMap, HashMap};
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
    partitions: HashMap<PartitionId, Place>,
    /// As they came; whichever had records goes to the end.
    order: BTreeMap<u64, PartitionId>,
    next_place: u64,
    /// The connection it came by: it ends with it.
    connection: SocketAddr,
}

/// A partition of a session.
#[derive(Debug)]
struct Place {
    place: u64,
    /// It is answered for even without news: it is new here, or it failed.
    must_tell: bool,
}

impl Session {
    fn new(epoch: i32, connection: SocketAddr) -> Self {
        Self { epoch, partitions: HashMap::new(), order: BTreeMap::new(), next_place: 0, connection }
    }

    /// Puts a partition at the end.
    fn append(&mut self, partition: PartitionId, must_tell: bool) {
        let place = self.next_place;
        self.next_place += 1;
        if let Some(before) = self.partitions.insert(partition, Place { place, must_tell }) {
            self.order.remove(&before.place);
        }
        self.order.insert(place, partition);
    }

    fn forget(&mut self, partition: &PartitionId) {
        if let Some(place) = self.partitions.remove(partition) {
            self.order.remove(&place.place);
        }
    }

    fn into_partitions(self) -> Vec<PartitionId> {
        self.order.into_values().collect()
    }

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
            self.sessions.insert(key.clone(), Session::new(epoch, connection));
        }
        let session = self.sessions.get_mut(key).ok_or(ErrorCode::ShareSessionNotFound)?;
        session.check(epoch)?;
        session.count_on();
        for partition in added {
            if !session.partitions.contains_key(partition) {
                session.append(*partition, !full);
            }
        }
        for partition in forgotten {
            session.forget(partition);
        }
        if session.partitions.len() > PARTITIONS_MAX {
            self.sessions.remove(key);
            return Err(ErrorCode::InvalidRequest);
        }
        let mut partitions: Vec<PartitionId> = session.order.values().copied().collect();
        if let Some(turn) = usize::try_from(epoch).unwrap_or(0).checked_rem(partitions.len()) {
            partitions.rotate_left(turn);
        }
        Ok(Plan { full, partitions })
    }

    /// A partition was looked at, and `failed`, or was `read`, or neither: whether it is answered for even without
    /// news.
    pub(crate) fn must_tell(
        &mut self,
        key: &SessionKey,
        partition: PartitionId,
        (failed, read): (bool, bool),
    ) -> bool {
        let Some(session) = self.sessions.get_mut(key) else { return false };
        let Some(place) = session.partitions.get_mut(&partition) else { return false };
        let told = std::mem::replace(&mut place.must_tell, failed);
        if read {
            session.append(partition, failed);
        }
        told
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
        Ok(session.into_partitions())
    }

    /// Whether there is a session to close.
    pub(crate) fn is_open(&self, key: &SessionKey) -> bool {
        self.sessions.contains_key(key)
    }

    /// A connection is gone: its sessions end. Returns what each covered.
    pub(crate) fn disconnected(&mut self, connection: SocketAddr) -> Vec<(SessionKey, Vec<PartitionId>)> {
        let gone = self.sessions.extract_if(.., |_, session| session.connection == connection);
        gone.map(|(key, session)| (key, session.into_partitions())).collect()
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
