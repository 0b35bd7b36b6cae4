//! What a group is asked and what it answers.

use bytes::Bytes;
use wire::ErrorCode;

use super::{Millis, Protocol};

/// Names a request whose answer may come later.
pub type Ticket = u64;

/// JoinGroup, with the defaults of older versions filled in.
#[derive(Debug, Clone)]
pub struct Join {
    pub member_id: String,
    pub instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub protocol_type: String,
    pub protocols: Vec<Protocol>,
    pub session_timeout_ms: Millis,
    pub rebalance_timeout_ms: Millis,
    /// A dynamic member must come back with the id it is given (version 4 and later, KIP-394).
    pub needs_known_id: bool,
    /// The client understands "you lead, but assign nothing" (version 9 and later, KIP-814).
    pub knows_skip_assignment: bool,
    /// The id to give if the member has none: randomness is the caller's.
    pub fresh_id: String,
}

/// SyncGroup.
#[derive(Debug, Clone)]
pub struct Sync {
    pub member_id: String,
    pub instance_id: Option<String>,
    pub generation: i32,
    pub protocol_type: Option<String>,
    pub protocol: Option<String>,
    /// Assignments by member id, from the leader.
    pub assignments: Vec<(String, Bytes)>,
}

/// Answer to JoinGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub error: ErrorCode,
    pub generation: i32,
    pub protocol_type: Option<String>,
    pub protocol: Option<String>,
    pub leader: String,
    pub skip_assignment: bool,
    pub member_id: String,
    /// Id, instance id and subscription of every member: for the leader alone.
    pub members: Vec<(String, Option<String>, Bytes)>,
}

impl Joined {
    /// An answer that says only what went wrong.
    pub fn error(error: ErrorCode, member_id: &str) -> Self {
        Self {
            error,
            generation: -1,
            protocol_type: None,
            protocol: None,
            leader: String::new(),
            skip_assignment: false,
            member_id: member_id.to_owned(),
            members: Vec::new(),
        }
    }
}

/// Answer to SyncGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    pub error: ErrorCode,
    pub protocol_type: Option<String>,
    pub protocol: Option<String>,
    pub assignment: Bytes,
}

impl Synced {
    /// An answer that says only what went wrong.
    pub fn error(error: ErrorCode) -> Self {
        Self { error, protocol_type: None, protocol: None, assignment: Bytes::new() }
    }
}

/// What the caller has to do after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Answer a JoinGroup.
    Joined(Ticket, Joined),
    /// Answer a SyncGroup.
    Synced(Ticket, Synced),
    /// Write the group's metadata down.
    Persist,
}

/// Who commits offsets or beats.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    pub member_id: &'a str,
    pub instance_id: Option<&'a str>,
    pub generation: i32,
}
