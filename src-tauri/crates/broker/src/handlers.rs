//! From a request to its answer: one function per API, listed in [`handle`].

mod access;
mod acls;
mod alter_configs;
mod api_versions;
mod client_quotas;
mod cluster_admin;
mod configs;
mod consumer_groups;
mod create_topics;
mod delete;
mod describe_configs;
mod describe_groups;
mod describe_transactions;
mod fetch;
mod find_coordinator;
mod guard;
mod list_offsets;
mod log_dirs;
mod membership;
mod metadata;
mod offsets;
mod produce;
mod producer_ids;
mod replicas;
mod scram_users;
mod share_acknowledge;
mod share_fetch;
mod share_groups;
mod share_offsets;
mod streams_groups;
mod telemetry;
mod transactions;

use std::future::Future;
use std::pin::Pin;

use bytes::BytesMut;
use wire::codec::Writer;
use wire::frame::FrameError;
use wire::messages::list_partition_reassignments::ListPartitionReassignmentsRequest;
use wire::messages::sasl_authenticate::{SaslAuthenticateRequest, SaslAuthenticateResponse};
use wire::messages::sasl_handshake::SaslHandshakeRequest;
use wire::{ApiKey, ErrorCode, RequestHeader};

use self::access::Access;
use self::guard::Outcome;
use crate::Broker;
use crate::security::gate::illegal_state;
use crate::server::{Durable, Peer};

/// An answer, or the promise of one.
pub(crate) enum Reply {
    Now(Writer),
    Later(Pin<Box<dyn Future<Output = Writer> + Send>>),
    /// Comes when what was appended is durable. Requests behind it are handled meanwhile.
    Durable(Durable),
    /// The client wants none (Produce with acks=0).
    None,
}

/// Handles one frame. An error closes the connection, as Kafka does.
pub(crate) fn handle(broker: &Broker, peer: &Peer, frame: BytesMut) -> Result<Reply, FrameError> {
    let header = RequestHeader::read(&frame)?;
    broker.totals().requests.add(1);
    let looked_at =
        broker.security().may_refuse(&peer.principal) || guard::is_limited(broker, peer, header.api);
    if !looked_at || !header.is_served() {
        return dispatch(broker, peer, header, frame);
    }
    match guard::look(&Access::new(broker, peer), &header, &frame)? {
        Outcome::Pass => dispatch(broker, peer, header, frame),
        Outcome::Refused(answer) => Ok(Reply::Now(answer)),
        Outcome::Partly(frame, merge) => Ok(match dispatch(broker, peer, header, frame)? {
            Reply::Now(answer) => Reply::Now(merge(answer)),
            Reply::Later(answer) => Reply::Later(Box::pin(async move { merge(answer.await) })),
            Reply::Durable(answer) => Reply::Durable(Box::pin(async move { merge(answer.await) })),
            Reply::None => Reply::None,
        }),
    }
}

fn dispatch(
    broker: &Broker,
    peer: &Peer,
    header: RequestHeader,
    mut frame: BytesMut,
) -> Result<Reply, FrameError> {
    let h = &header;
    macro_rules! answer {
        ($handler:expr) => {{
            let request = h.read_body(&frame)?;
            Ok(Reply::Now(h.response(&$handler(request))))
        }};
    }
    match header.api {
        // Out of turn: where SASL is spoken, these never come here.
        ApiKey::SaslHandshake => answer!(|_: SaslHandshakeRequest| illegal_state()),
        ApiKey::SaslAuthenticate => answer!(|_: SaslAuthenticateRequest| SaslAuthenticateResponse {
            error_code: ErrorCode::IllegalSaslState.into(),
            error_message: Some("SaslAuthenticate request received after successful authentication".into()),
            ..Default::default()
        }),
        ApiKey::ApiVersions => api_versions::api_versions(broker, peer, h, &frame),
        ApiKey::Metadata => answer!(|r| metadata::metadata(broker, peer, h.version, r)),
        ApiKey::DescribeCluster => answer!(|r| metadata::describe_cluster(broker, peer, r)),
        ApiKey::DescribeTopicPartitions => answer!(|r| metadata::describe_topic_partitions(broker, r)),
        ApiKey::Produce => produce::produce(broker, h, &mut frame),
        ApiKey::Fetch => fetch::fetch(broker, peer, header, &frame),
        ApiKey::ListOffsets => answer!(|r| list_offsets::list_offsets(broker, h.version, r)),
        ApiKey::OffsetForLeaderEpoch => answer!(|r| list_offsets::offset_for_leader_epoch(broker, r)),
        ApiKey::FindCoordinator => {
            answer!(|r| find_coordinator::find_coordinator(broker, peer, h.version, r))
        }
        ApiKey::JoinGroup => membership::join_group(broker, peer, header, &frame),
        ApiKey::SyncGroup => membership::sync_group(broker, header, &frame),
        ApiKey::Heartbeat => answer!(|r| membership::heartbeat(broker, r)),
        ApiKey::LeaveGroup => answer!(|r| membership::leave_group(broker, h.version, r)),
        ApiKey::OffsetCommit => answer!(|r| offsets::offset_commit(broker, h.version, r)),
        ApiKey::OffsetFetch => answer!(|r| offsets::offset_fetch(broker, h.version, r)),
        ApiKey::OffsetDelete => answer!(|r| offsets::offset_delete(broker, r)),
        ApiKey::DescribeGroups => answer!(|r| describe_groups::describe_groups(broker, h.version, r)),
        ApiKey::ListGroups => answer!(|r| describe_groups::list_groups(broker, r)),
        ApiKey::DeleteGroups => answer!(|r| describe_groups::delete_groups(broker, r)),
        ApiKey::ConsumerGroupHeartbeat => answer!(|r| consumer_groups::heartbeat(broker, peer, h, r)),
        ApiKey::ConsumerGroupDescribe => answer!(|r| consumer_groups::describe(broker, r)),
        ApiKey::StreamsGroupHeartbeat => answer!(|r| streams_groups::heartbeat(broker, peer, h, r)),
        ApiKey::StreamsGroupDescribe => answer!(|r| streams_groups::describe(broker, r)),
        ApiKey::CreateTopics => answer!(|r| create_topics::create_topics(broker, r)),
        ApiKey::CreatePartitions => answer!(|r| create_topics::create_partitions(broker, r)),
        ApiKey::DeleteTopics => answer!(|r| delete::delete_topics(broker, h.version, r)),
        ApiKey::DeleteRecords => answer!(|r| delete::delete_records(broker, r)),
        ApiKey::DescribeConfigs => answer!(|r| describe_configs::describe_configs(broker, r)),
        ApiKey::AlterConfigs => answer!(|r| alter_configs::alter_configs(broker, r)),
        ApiKey::IncrementalAlterConfigs => answer!(|r| alter_configs::incremental_alter_configs(broker, r)),
        ApiKey::ListConfigResources => answer!(|r| configs::list_config_resources(broker, h.version, r)),
        ApiKey::DescribeLogDirs => answer!(|r| log_dirs::describe_log_dirs(broker, r)),
        ApiKey::InitProducerId => answer!(|r| producer_ids::init_producer_id(broker, h.version, r)),
        ApiKey::DescribeAcls => answer!(|r| acls::describe_acls(broker, &Access::new(broker, peer), r)),
        ApiKey::CreateAcls => answer!(|r| acls::create_acls(broker, &Access::new(broker, peer), r)),
        ApiKey::DeleteAcls => answer!(|r| acls::delete_acls(broker, &Access::new(broker, peer), r)),
        ApiKey::DescribeUserScramCredentials => {
            answer!(|r| scram_users::describe_user_scram_credentials(broker, &Access::new(broker, peer), r))
        }
        ApiKey::AlterUserScramCredentials => {
            answer!(|r| scram_users::alter_user_scram_credentials(broker, &Access::new(broker, peer), r))
        }
        ApiKey::DescribeClientQuotas => {
            answer!(|r| client_quotas::describe_client_quotas(broker, &Access::new(broker, peer), r))
        }
        ApiKey::AlterClientQuotas => {
            answer!(|r| client_quotas::alter_client_quotas(broker, &Access::new(broker, peer), r))
        }
        ApiKey::AddPartitionsToTxn => {
            answer!(|r| transactions::add_partitions_to_txn(broker, h.version, r))
        }
        ApiKey::AddOffsetsToTxn => answer!(|r| transactions::add_offsets_to_txn(broker, h.version, r)),
        ApiKey::EndTxn => answer!(|r| transactions::end_txn(broker, h.version, r)),
        ApiKey::TxnOffsetCommit => answer!(|r| transactions::txn_offset_commit(broker, h.version, r)),
        ApiKey::WriteTxnMarkers => answer!(|r| transactions::write_txn_markers(broker, r)),
        ApiKey::DescribeProducers => answer!(|r| describe_transactions::describe_producers(broker, r)),
        ApiKey::DescribeTransactions => {
            answer!(|r| describe_transactions::describe_transactions(broker, r))
        }
        ApiKey::ListTransactions => answer!(|r| describe_transactions::list_transactions(broker, r)),
        ApiKey::ShareGroupHeartbeat => answer!(|r| share_groups::share_group_heartbeat(broker, peer, h, r)),
        ApiKey::ShareGroupDescribe => answer!(|r| share_groups::share_group_describe(broker, r)),
        ApiKey::ShareFetch => share_fetch::share_fetch(broker, peer, header, &frame),
        ApiKey::ShareAcknowledge => answer!(|r| share_acknowledge::share_acknowledge(broker, h.version, r)),
        ApiKey::DescribeShareGroupOffsets => {
            answer!(|r| share_offsets::describe_share_group_offsets(broker, r))
        }
        ApiKey::AlterShareGroupOffsets => answer!(|r| share_offsets::alter_share_group_offsets(broker, r)),
        ApiKey::DeleteShareGroupOffsets => {
            answer!(|r| share_offsets::delete_share_group_offsets(broker, r))
        }
        ApiKey::ElectLeaders => {
            answer!(|r| cluster_admin::elect_leaders(broker, &Access::new(broker, peer), r))
        }
        ApiKey::AlterReplicaLogDirs => {
            answer!(|r| replicas::alter_replica_log_dirs(broker, &Access::new(broker, peer), r))
        }
        ApiKey::AlterPartitionReassignments => {
            answer!(|r| replicas::alter_partition_reassignments(broker, &Access::new(broker, peer), r))
        }
        ApiKey::ListPartitionReassignments => answer!(|_: ListPartitionReassignmentsRequest| {
            cluster_admin::list_partition_reassignments(&Access::new(broker, peer))
        }),
        ApiKey::DescribeQuorum => {
            answer!(|r| cluster_admin::describe_quorum(broker, peer, &Access::new(broker, peer), r))
        }
        ApiKey::UpdateFeatures => {
            answer!(|r| cluster_admin::update_features(broker, &Access::new(broker, peer), h.version, r))
        }
        ApiKey::GetTelemetrySubscriptions => {
            answer!(|r| telemetry::get_telemetry_subscriptions(broker, peer, h, r))
        }
        ApiKey::PushTelemetry => answer!(|r| telemetry::push_telemetry(broker, r)),
    }
}

/// What every operation allowed adds up to, as Kafka without an authorizer shows it: for a topic, the cluster
/// and a group (bits of `AclOperation`).
pub(crate) const TOPIC_OPERATIONS: i32 = 0b1101_1111_1000;
pub(crate) const CLUSTER_OPERATIONS: i32 = 0b1_1111_1010_0000;
pub(crate) const GROUP_OPERATIONS: i32 = 0b1101_0100_1000;
