//! What the client of a request may do.

use std::sync::Arc;

use crate::Broker;
use crate::security::Principal;
use crate::security::acl::{CLUSTER_NAME, Operation, ResourceType};
use crate::server::Peer;

/// What the client of a request may do.
#[derive(Clone)]
pub(super) struct Access {
    broker: Broker,
    principal: Principal,
    host: Arc<str>,
}

impl Access {
    pub(super) fn new(broker: &Broker, peer: &Peer) -> Self {
        Self { broker: broker.clone(), principal: peer.principal.clone(), host: Arc::clone(&peer.host) }
    }

    pub(super) fn broker(&self) -> &Broker {
        &self.broker
    }

    pub(super) fn user(&self) -> &str {
        self.principal.name()
    }

    pub(super) fn allows(&self, operation: Operation, resource: ResourceType, name: &str) -> bool {
        self.broker.security().allows(&self.principal, &self.host, operation, resource, name)
    }

    pub(super) fn cluster(&self, operation: Operation) -> bool {
        self.allows(operation, ResourceType::Cluster, CLUSTER_NAME)
    }

    pub(super) fn topic(&self, operation: Operation, name: &str) -> bool {
        self.allows(operation, ResourceType::Topic, name)
    }

    pub(super) fn group(&self, operation: Operation, name: &str) -> bool {
        self.allows(operation, ResourceType::Group, name)
    }

    pub(super) fn transactional_id(&self, operation: Operation, name: &str) -> bool {
        self.allows(operation, ResourceType::TransactionalId, name)
    }

    /// Whether there may be a topic on which the operation is allowed.
    pub(super) fn some_topic(&self, operation: Operation) -> bool {
        self.broker.security().allows_some(&self.principal, &self.host, operation, ResourceType::Topic)
    }

    /// Fields of authorized operations: a bit for each that is allowed.
    pub(super) fn operations(&self, resource: ResourceType, name: &str) -> i32 {
        let allowed = resource.operations().iter().filter(|one| self.allows(**one, resource, name));
        allowed.fold(0, |bits, one| bits | 1 << (*one as i8))
    }
}
