//! Access rules around the handlers: what a client may not ask is taken out of its request before the handler
//! sees it, and put into the answer with its error. Handlers know nothing of it, but for those whose answers
//! outlive one request (fetch sessions).
//!
//! Nothing here runs where nobody can be refused anything.

mod configs;
mod data;
mod groups;
mod share;
mod topics;
mod transactions;

use bytes::{BufMut as _, BytesMut};
use wire::codec::{Wire, Writer, decode, encode};
use wire::frame::FrameError;
use wire::messages::describe_cluster::{DescribeClusterRequest, DescribeClusterResponse};
use wire::messages::describe_log_dirs::DescribeLogDirsResponse;
use wire::messages::write_txn_markers::{WriteTxnMarkersRequest, WriteTxnMarkersResponse};
use wire::{ApiKey, ErrorCode, RequestHeader};

use super::access::Access;
use crate::Broker;
use crate::security::acl::{CLUSTER_NAME, Operation, ResourceType};
use crate::server::Peer;

/// Puts into an answer what was taken out of its request.
pub(super) type Merge = Box<dyn FnOnce(Writer) -> Writer + Send>;

/// What becomes of a request.
pub(super) enum Outcome {
    /// It goes to its handler as it is.
    Pass,
    /// It does not.
    Refused(Writer),
    /// This part of it does, and the answer is completed.
    Partly(BytesMut, Merge),
}

/// A request being looked at.
struct Look<'a> {
    access: &'a Access,
    header: &'a RequestHeader,
    frame: &'a [u8],
}

impl Look<'_> {
    fn read<T: Wire>(&self) -> Result<T, FrameError> {
        self.header.read_body(self.frame)
    }

    fn refuse<A: Wire>(&self, answer: &A) -> Outcome {
        Outcome::Refused(self.header.response(answer))
    }

    /// The request with another body; its answer is changed by `complete`.
    fn partly<Q: Wire, A: Wire>(
        &self,
        request: &Q,
        complete: impl FnOnce(&mut A) + Send + 'static,
    ) -> Outcome {
        let body = encode(request, self.header.cx());
        self.with_body(&body, complete)
    }

    fn with_body<A: Wire>(&self, body: &[u8], complete: impl FnOnce(&mut A) + Send + 'static) -> Outcome {
        let mut frame = BytesMut::with_capacity(self.header.body_at + body.len());
        frame.put_slice(&self.frame[..self.header.body_at]);
        frame.put_slice(body);
        Outcome::Partly(frame, self.completed(complete))
    }

    /// The request as it is; its answer is changed by `complete`.
    fn then<A: Wire>(&self, complete: impl FnOnce(&mut A) + Send + 'static) -> Outcome {
        Outcome::Partly(BytesMut::from(self.frame), self.completed(complete))
    }

    fn completed<A: Wire>(&self, complete: impl FnOnce(&mut A) + Send + 'static) -> Merge {
        let header = self.header.clone();
        Box::new(move |answer: Writer| {
            let frame = answer.into_bytes();
            let body = 8 + usize::from(header.api.response_has_tags(header.version));
            // What our own handler wrote can be read.
            let read = frame.get(body..).map(|body| decode::<A>(body, header.cx()));
            match read {
                Some(Ok(mut answer)) => {
                    complete(&mut answer);
                    header.response(&answer)
                }
                _ => {
                    let mut whole = Writer::new();
                    whole.put(&frame);
                    whole
                }
            }
        })
    }
}

/// Whether the request counts against a quota on made and deleted partitions.
pub(super) fn is_limited(broker: &Broker, peer: &Peer, api: ApiKey) -> bool {
    matches!(api, ApiKey::CreateTopics | ApiKey::CreatePartitions | ApiKey::DeleteTopics)
        && broker.security().quotas().is_active()
        && !peer.principal.is_internal()
}

/// Splits what passes from what does not.
fn split<T>(items: Vec<T>, passes: impl Fn(&T) -> bool) -> (Vec<T>, Vec<T>) {
    items.into_iter().partition(passes)
}

/// Looks at a request. No API is without its rule: the match has no `_`.
pub(super) fn look(access: &Access, header: &RequestHeader, frame: &[u8]) -> Result<Outcome, FrameError> {
    let look = Look { access, header, frame };
    match header.api {
        // For everyone, or refused by their own handlers.
        ApiKey::ApiVersions
        | ApiKey::SaslHandshake
        | ApiKey::SaslAuthenticate
        | ApiKey::GetTelemetrySubscriptions
        | ApiKey::PushTelemetry
        | ApiKey::DescribeAcls
        | ApiKey::CreateAcls
        | ApiKey::DeleteAcls
        | ApiKey::DescribeUserScramCredentials
        | ApiKey::AlterUserScramCredentials
        | ApiKey::DescribeClientQuotas
        | ApiKey::AlterClientQuotas
        | ApiKey::Fetch
        | ApiKey::ElectLeaders
        | ApiKey::AlterReplicaLogDirs
        | ApiKey::AlterPartitionReassignments
        | ApiKey::ListPartitionReassignments
        | ApiKey::DescribeQuorum
        | ApiKey::UpdateFeatures => Ok(Outcome::Pass),
        ApiKey::Metadata => topics::metadata(&look),
        ApiKey::DescribeTopicPartitions => topics::describe_topic_partitions(&look),
        ApiKey::CreateTopics => topics::create_topics(&look),
        ApiKey::CreatePartitions => topics::create_partitions(&look),
        ApiKey::DeleteTopics => topics::delete_topics(&look),
        ApiKey::DeleteRecords => data::delete_records(&look),
        ApiKey::Produce => data::produce(&look),
        ApiKey::ListOffsets => data::list_offsets(&look),
        ApiKey::OffsetForLeaderEpoch => data::offset_for_leader_epoch(&look),
        ApiKey::DescribeProducers => data::describe_producers(&look),
        ApiKey::FindCoordinator => groups::find_coordinator(&look),
        ApiKey::JoinGroup => groups::join_group(&look),
        ApiKey::SyncGroup => groups::sync_group(&look),
        ApiKey::Heartbeat => groups::heartbeat(&look),
        ApiKey::LeaveGroup => groups::leave_group(&look),
        ApiKey::OffsetCommit => groups::offset_commit(&look),
        ApiKey::OffsetFetch => groups::offset_fetch(&look),
        ApiKey::OffsetDelete => groups::offset_delete(&look),
        ApiKey::DescribeGroups => groups::describe_groups(&look),
        ApiKey::ListGroups => groups::list_groups(&look),
        ApiKey::DeleteGroups => groups::delete_groups(&look),
        ApiKey::ConsumerGroupHeartbeat => groups::consumer_group_heartbeat(&look),
        ApiKey::ConsumerGroupDescribe => groups::consumer_group_describe(&look),
        ApiKey::StreamsGroupHeartbeat => groups::streams_group_heartbeat(&look),
        ApiKey::StreamsGroupDescribe => groups::streams_group_describe(&look),
        ApiKey::ShareGroupHeartbeat => share::heartbeat(&look),
        ApiKey::ShareGroupDescribe => share::describe(&look),
        ApiKey::ShareFetch => share::fetch(&look),
        ApiKey::ShareAcknowledge => share::acknowledge(&look),
        ApiKey::DescribeShareGroupOffsets => share::describe_offsets(&look),
        ApiKey::AlterShareGroupOffsets => share::alter_offsets(&look),
        ApiKey::DeleteShareGroupOffsets => share::delete_offsets(&look),
        ApiKey::InitProducerId => transactions::init_producer_id(&look),
        ApiKey::AddPartitionsToTxn => transactions::add_partitions(&look),
        ApiKey::AddOffsetsToTxn => transactions::add_offsets(&look),
        ApiKey::EndTxn => transactions::end(&look),
        ApiKey::TxnOffsetCommit => transactions::offset_commit(&look),
        ApiKey::DescribeTransactions => transactions::describe(&look),
        ApiKey::ListTransactions => transactions::list(&look),
        ApiKey::WriteTxnMarkers => write_txn_markers(&look),
        ApiKey::DescribeConfigs => configs::describe_configs(&look),
        ApiKey::AlterConfigs => configs::alter_configs(&look),
        ApiKey::IncrementalAlterConfigs => configs::incremental_alter_configs(&look),
        ApiKey::ListConfigResources => configs::list_config_resources(&look),
        ApiKey::DescribeCluster => describe_cluster(&look),
        ApiKey::DescribeLogDirs => Ok(describe_log_dirs(&look)),
    }
}

fn describe_cluster(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: DescribeClusterRequest = look.read()?;
    if !request.include_cluster_authorized_operations {
        return Ok(Outcome::Pass);
    }
    let operations = cluster_operations(look.access);
    Ok(look
        .then(move |answer: &mut DescribeClusterResponse| answer.cluster_authorized_operations = operations))
}

/// Who may not see the cluster is told that nothing is allowed.
fn cluster_operations(access: &Access) -> i32 {
    if access.cluster(Operation::Describe) {
        access.operations(ResourceType::Cluster, CLUSTER_NAME)
    } else {
        0
    }
}

fn describe_log_dirs(look: &Look<'_>) -> Outcome {
    if look.access.cluster(Operation::Describe) {
        return Outcome::Pass;
    }
    look.refuse(&DescribeLogDirsResponse {
        error_code: ErrorCode::ClusterAuthorizationFailed.into(),
        ..Default::default()
    })
}

fn write_txn_markers(look: &Look<'_>) -> Result<Outcome, FrameError> {
    use wire::messages::write_txn_markers::{
        WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
    };
    let access = look.access;
    if access.cluster(Operation::ClusterAction) || access.cluster(Operation::Alter) {
        return Ok(Outcome::Pass);
    }
    let request: WriteTxnMarkersRequest = look.read()?;
    let partition = |partition_index: i32| WritableTxnMarkerPartitionResult {
        partition_index,
        error_code: ErrorCode::ClusterAuthorizationFailed.into(),
    };
    let markers = request.markers.into_iter().map(|marker| WritableTxnMarkerResult {
        producer_id: marker.producer_id,
        topics: marker
            .topics
            .into_iter()
            .map(|topic| WritableTxnMarkerTopicResult {
                name: topic.name,
                partitions: topic.partition_indexes.into_iter().map(partition).collect(),
            })
            .collect(),
    });
    Ok(look.refuse(&WriteTxnMarkersResponse { markers: markers.collect() }))
}
