//! Fetch sessions (KIP-227): a client that follows many partitions names only what changed, and is answered
//! with only what changed. Pure: time is an argument.

use std::collections::{BTreeMap, HashMap};

use wire::{ErrorCode, Uuid};

/// A session used within this time is not evicted for a new one.
const EVICTION_MS_MIN: i64 = 2 * 60 * 1000;

/// The epoch that asks for a new session.
const INITIAL_EPOCH: i32 = 0;
/// The epoch that asks for none, or closes one.
const FINAL_EPOCH: i32 = -1;

/// A partition by the words of the request: name before version 13, id since.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) topic: String,
    pub(crate) topic_id: Uuid,
    pub(crate) partition: i32,
}

/// What a client wants of a partition, and what it was told last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) fetch_offset: i64,
    pub(crate) bytes_max: i32,
    pub(crate) leader_epoch: i32,
    /// High watermark and log start of the last answer; −1 before the first.
    pub(crate) told: (i64, i64),
    /// The name that the topic's id meant when it was asked for.
    pub(crate) name: Option<String>,
}

/// What to fetch and how to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// 0: without a session.
    pub(crate) session_id: i32,
    /// Answer only with what changed.
    pub(crate) incremental: bool,
    pub(crate) partitions: Vec<(Key, Wanted)>,
}

/// Every session.
#[derive(Debug)]
pub(crate) struct Sessions {
    sessions: HashMap<i32, Session>,
    sessions_max: usize,
    next_id: i32,
}

#[derive(Debug)]
struct Session {
    next_epoch: i32,
    by_id: bool,
    partitions: BTreeMap<Key, Wanted>,
    /// Where the last answer began: the next begins behind it, so that each gets its turn.
    first: Option<Key>,
    used_at_ms: i64,
}

impl Sessions {
    pub(crate) fn new(sessions_max: usize) -> Self {
        Self { sessions: HashMap::new(), sessions_max, next_id: 1 }
    }

    /// Takes a request's words into its session and says what to fetch.
    pub(crate) fn plan(
        &mut self,
        now_ms: i64,
        (id, epoch): (i32, i32),
        by_id: bool,
        asked: Vec<(Key, Wanted)>,
        forgotten: &[Key],
    ) -> Result<Plan, ErrorCode> {
        if epoch == INITIAL_EPOCH || epoch == FINAL_EPOCH {
            self.sessions.remove(&id);
            let opened = if epoch == INITIAL_EPOCH { self.open(now_ms, by_id, &asked) } else { None };
            return Ok(Plan { session_id: opened.unwrap_or(0), incremental: false, partitions: asked });
        }
        let session = self.sessions.get_mut(&id).ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.next_epoch != epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.by_id != by_id {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        session.next_epoch = if epoch == i32::MAX { 1 } else { epoch + 1 };
        session.used_at_ms = now_ms;
        let own = if forgotten.is_empty() { Vec::new() } else { asked.clone() };
        for (key, mut wanted) in asked {
            if let Some(known) = session.partitions.get(&key) {
                wanted.told = known.told;
                wanted.name = known.name.clone().or(wanted.name);
            }
            session.partitions.insert(key, wanted);
        }
        // What is named both ways is forgotten.
        for key in forgotten {
            session.partitions.remove(key);
        }
        if session.partitions.is_empty() {
            // Nothing is left to follow: the session ends, and as in Kafka this answer is one without.
            self.sessions.remove(&id);
            return Ok(Plan { session_id: 0, incremental: false, partitions: own });
        }
        let mut partitions: Vec<(Key, Wanted)> =
            session.partitions.iter().map(|(key, wanted)| (key.clone(), wanted.clone())).collect();
        if let Some(first) = &session.first {
            let behind = partitions.partition_point(|(key, _)| key <= first);
            let behind = if behind == partitions.len() { 0 } else { behind };
            partitions.rotate_left(behind);
        }
        session.first = partitions.first().map(|(key, _)| key.clone());
        Ok(Plan { session_id: id, incremental: true, partitions })
    }

    /// Remembers what the client is told now.
    pub(crate) fn told(&mut self, id: i32, key: &Key, told: (i64, i64)) {
        let session = self.sessions.get_mut(&id);
        if let Some(wanted) = session.and_then(|session| session.partitions.get_mut(key)) {
            wanted.told = told;
        }
    }

    fn open(&mut self, now_ms: i64, by_id: bool, asked: &[(Key, Wanted)]) -> Option<i32> {
        if self.sessions.len() >= self.sessions_max {
            let (oldest, session) = self.sessions.iter().min_by_key(|(_, session)| session.used_at_ms)?;
            if now_ms.saturating_sub(session.used_at_ms) < EVICTION_MS_MIN {
                return None;
            }
            let oldest = *oldest;
            self.sessions.remove(&oldest);
        }
        let id = loop {
            let id = self.next_id;
            self.next_id = if id == i32::MAX { 1 } else { id + 1 };
            if !self.sessions.contains_key(&id) {
                break id;
            }
        };
        let session = Session {
            next_epoch: 1,
            by_id,
            partitions: asked.iter().cloned().collect(),
            first: None,
            used_at_ms: now_ms,
        };
        self.sessions.insert(id, session);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(partition: i32) -> Key {
        Key { topic: "t".into(), topic_id: Uuid::ZERO, partition }
    }

    fn wanted(fetch_offset: i64) -> Wanted {
        Wanted { fetch_offset, bytes_max: 1, leader_epoch: -1, told: (-1, -1), name: None }
    }

    fn offsets(plan: &Plan) -> Vec<(i32, i64)> {
        plan.partitions.iter().map(|(key, wanted)| (key.partition, wanted.fetch_offset)).collect()
    }

    #[test]
    fn a_session_remembers_forgets_and_takes_turns() {
        let mut sessions = Sessions::new(2);
        let asked = vec![(key(0), wanted(1)), (key(1), wanted(2))];
        let opened = sessions.plan(0, (0, 0), false, asked, &[]).unwrap();
        assert!(!opened.incremental && opened.session_id == 1);

        let next = sessions.plan(0, (1, 1), false, vec![(key(1), wanted(9))], &[]).unwrap();
        assert_eq!(offsets(&next), [(0, 1), (1, 9)]);
        let next = sessions.plan(0, (1, 2), false, vec![], &[]).unwrap();
        assert_eq!(offsets(&next), [(1, 9), (0, 1)]);
        let next = sessions.plan(0, (1, 3), false, vec![], &[key(0)]).unwrap();
        assert_eq!(offsets(&next), [(1, 9)]);
        // With the last partition the session goes; what the request names is still answered.
        let last = sessions.plan(0, (1, 4), false, vec![(key(1), wanted(7))], &[key(1)]).unwrap();
        assert!(last.session_id == 0 && !last.incremental);
        assert_eq!(offsets(&last), [(1, 7)]);
        let gone = sessions.plan(0, (1, 5), false, vec![], &[]);
        assert_eq!(gone, Err(ErrorCode::FetchSessionIdNotFound));
    }

    #[test]
    fn wrong_words_are_refused() {
        let mut sessions = Sessions::new(2);
        let asked = || vec![(key(0), wanted(1))];
        sessions.plan(0, (0, 0), false, asked(), &[]).unwrap();
        let plan = |sessions: &mut Sessions, id, epoch, by_id| {
            sessions.plan(0, (id, epoch), by_id, vec![], &[]).map(|plan| plan.session_id)
        };
        assert_eq!(plan(&mut sessions, 7, 1, false), Err(ErrorCode::FetchSessionIdNotFound));
        assert_eq!(plan(&mut sessions, 1, 2, false), Err(ErrorCode::InvalidFetchSessionEpoch));
        assert_eq!(plan(&mut sessions, 1, 1, true), Err(ErrorCode::FetchSessionTopicIdError));
        // Closed, then gone.
        assert_eq!(plan(&mut sessions, 1, -1, false), Ok(0));
        assert_eq!(plan(&mut sessions, 1, 1, false), Err(ErrorCode::FetchSessionIdNotFound));
    }

    #[test]
    fn the_cache_is_bounded() {
        let mut sessions = Sessions::new(2);
        let mut open =
            |now| sessions.plan(now, (0, 0), false, vec![(key(0), wanted(1))], &[]).unwrap().session_id;
        assert_eq!([open(0), open(1), open(2)], [1, 2, 0]);
        assert_eq!(open(EVICTION_MS_MIN), 3);
    }
}
