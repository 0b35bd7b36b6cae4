//! What the client of a request may do.

use crate::Broker;
use crate::security::acl::{CLUSTER_NAME, Operation, ResourceType};
use crate::server::Peer;

/// What the client of a request may do.
#[derive(Clone, Copy)]
pub(super) struct Access<'a> {
    broker: &'a Broker,
    peer: &'a Peer,
}

impl<'a> Access<'a> {
    pub(super) fn new(broker: &'a Broker, peer: &'a Peer) -> Self {
        Self { broker, peer }
    }

    pub(super) fn allows(self, operation: Operation, resource: ResourceType, name: &str) -> bool {
        let Peer { principal, host, .. } = self.peer;
        self.broker.security().allows(principal, host, operation, resource, name)
    }

    pub(super) fn cluster(self, operation: Operation) -> bool {
        self.allows(operation, ResourceType::Cluster, CLUSTER_NAME)
    }
}
