//! One member of a classic group.

use bytes::Bytes;

use super::{Millis, Ticket};

/// An assignment strategy a member knows, with its subscription in that strategy's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    pub name: String,
    pub metadata: Bytes,
}

/// One member of a classic group.
#[derive(Debug, Clone)]
pub struct Member {
    pub id: String,
    /// `group.instance.id` of a static member (KIP-345).
    pub instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub session_timeout_ms: Millis,
    pub rebalance_timeout_ms: Millis,
    /// In the member's order of preference.
    pub protocols: Vec<Protocol>,
    pub assignment: Bytes,
    /// When the member is taken for dead unless it is heard from.
    pub(super) expires_at: Millis,
    /// The JoinGroup that waits for its answer.
    pub(super) joining: Option<Ticket>,
    /// The SyncGroup that waits for its answer.
    pub(super) syncing: Option<Ticket>,
    /// Has this generation's SyncGroup arrived.
    pub(super) synced: bool,
}

impl Member {
    /// The subscription in the words of `protocol`.
    pub fn metadata(&self, protocol: &str) -> Bytes {
        self.protocols
            .iter()
            .find(|known| known.name == protocol)
            .map(|known| known.metadata.clone())
            .unwrap_or_default()
    }

    /// Whether the member knows `protocol`.
    pub fn knows(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|known| known.name == protocol)
    }

    /// A member read from disk: alive until its session ends.
    pub fn restored(
        now: Millis,
        (id, instance_id): (String, Option<String>),
        (client_id, client_host): (String, String),
        (session_timeout_ms, rebalance_timeout_ms): (Millis, Millis),
        protocols: Vec<Protocol>,
        assignment: Bytes,
    ) -> Self {
        Self {
            id,
            instance_id,
            client_id,
            client_host,
            session_timeout_ms,
            rebalance_timeout_ms,
            protocols,
            assignment,
            expires_at: now + session_timeout_ms,
            joining: None,
            syncing: None,
            synced: true,
        }
    }

    /// A member that waits for an answer is alive: the broker holds its request.
    pub(super) fn is_waiting(&self) -> bool {
        self.joining.is_some() || self.syncing.is_some()
    }
}
