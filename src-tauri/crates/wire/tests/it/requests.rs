//! Every request by its API.

use std::fmt::Debug;

use wire::ApiKey;
use wire::codec::{Wire, decode, encode};
use wire::frame::RequestHeader;
use wire::messages::*;

macro_rules! requests {
    ($($api:ident: $module:ident $request:ident;)*) => {
        /// Reads a frame's body as what its header says, and what was written of it again.
        pub(crate) fn read_any(header: &RequestHeader, frame: &[u8]) -> bool {
            match header.api {
                $( ApiKey::$api => read::<$module::$request>(header, frame), )*
            }
        }
    };
}

requests! {
    Produce: produce ProduceRequest;
    Fetch: fetch FetchRequest;
    ListOffsets: list_offsets ListOffsetsRequest;
    Metadata: metadata MetadataRequest;
    OffsetCommit: offset_commit OffsetCommitRequest;
    OffsetFetch: offset_fetch OffsetFetchRequest;
    FindCoordinator: find_coordinator FindCoordinatorRequest;
    JoinGroup: join_group JoinGroupRequest;
    Heartbeat: heartbeat HeartbeatRequest;
    LeaveGroup: leave_group LeaveGroupRequest;
    SyncGroup: sync_group SyncGroupRequest;
    DescribeGroups: describe_groups DescribeGroupsRequest;
    ListGroups: list_groups ListGroupsRequest;
    ApiVersions: api_versions ApiVersionsRequest;
    CreateTopics: create_topics CreateTopicsRequest;
    DeleteTopics: delete_topics DeleteTopicsRequest;
    DeleteRecords: delete_records DeleteRecordsRequest;
    InitProducerId: init_producer_id InitProducerIdRequest;
    OffsetForLeaderEpoch: offset_for_leader_epoch OffsetForLeaderEpochRequest;
    DescribeConfigs: describe_configs DescribeConfigsRequest;
    AlterConfigs: alter_configs AlterConfigsRequest;
    DescribeLogDirs: describe_log_dirs DescribeLogDirsRequest;
    CreatePartitions: create_partitions CreatePartitionsRequest;
    DeleteGroups: delete_groups DeleteGroupsRequest;
    IncrementalAlterConfigs: incremental_alter_configs IncrementalAlterConfigsRequest;
    OffsetDelete: offset_delete OffsetDeleteRequest;
    DescribeCluster: describe_cluster DescribeClusterRequest;
    ListConfigResources: list_config_resources ListConfigResourcesRequest;
    SaslHandshake: sasl_handshake SaslHandshakeRequest;
    AddPartitionsToTxn: add_partitions_to_txn AddPartitionsToTxnRequest;
    AddOffsetsToTxn: add_offsets_to_txn AddOffsetsToTxnRequest;
    EndTxn: end_txn EndTxnRequest;
    WriteTxnMarkers: write_txn_markers WriteTxnMarkersRequest;
    TxnOffsetCommit: txn_offset_commit TxnOffsetCommitRequest;
    DescribeAcls: describe_acls DescribeAclsRequest;
    CreateAcls: create_acls CreateAclsRequest;
    DeleteAcls: delete_acls DeleteAclsRequest;
    SaslAuthenticate: sasl_authenticate SaslAuthenticateRequest;
    ElectLeaders: elect_leaders ElectLeadersRequest;
    AlterReplicaLogDirs: alter_replica_log_dirs AlterReplicaLogDirsRequest;
    AlterPartitionReassignments: alter_partition_reassignments AlterPartitionReassignmentsRequest;
    ListPartitionReassignments: list_partition_reassignments ListPartitionReassignmentsRequest;
    DescribeClientQuotas: describe_client_quotas DescribeClientQuotasRequest;
    AlterClientQuotas: alter_client_quotas AlterClientQuotasRequest;
    DescribeUserScramCredentials: describe_user_scram_credentials DescribeUserScramCredentialsRequest;
    AlterUserScramCredentials: alter_user_scram_credentials AlterUserScramCredentialsRequest;
    DescribeQuorum: describe_quorum DescribeQuorumRequest;
    UpdateFeatures: update_features UpdateFeaturesRequest;
    DescribeProducers: describe_producers DescribeProducersRequest;
    DescribeTransactions: describe_transactions DescribeTransactionsRequest;
    ListTransactions: list_transactions ListTransactionsRequest;
    ConsumerGroupHeartbeat: consumer_group_heartbeat ConsumerGroupHeartbeatRequest;
    ConsumerGroupDescribe: consumer_group_describe ConsumerGroupDescribeRequest;
    GetTelemetrySubscriptions: get_telemetry_subscriptions GetTelemetrySubscriptionsRequest;
    PushTelemetry: push_telemetry PushTelemetryRequest;
    ShareGroupHeartbeat: share_group_heartbeat ShareGroupHeartbeatRequest;
    ShareGroupDescribe: share_group_describe ShareGroupDescribeRequest;
    ShareFetch: share_fetch ShareFetchRequest;
    ShareAcknowledge: share_acknowledge ShareAcknowledgeRequest;
    StreamsGroupHeartbeat: streams_group_heartbeat StreamsGroupHeartbeatRequest;
    StreamsGroupDescribe: streams_group_describe StreamsGroupDescribeRequest;
    DescribeShareGroupOffsets: describe_share_group_offsets DescribeShareGroupOffsetsRequest;
    AlterShareGroupOffsets: alter_share_group_offsets AlterShareGroupOffsetsRequest;
    DeleteShareGroupOffsets: delete_share_group_offsets DeleteShareGroupOffsetsRequest;
    DescribeTopicPartitions: describe_topic_partitions DescribeTopicPartitionsRequest;
}

fn read<T: Wire + Debug>(header: &RequestHeader, frame: &[u8]) -> bool {
    let Ok(request) = header.read_body::<T>(frame) else { return false };
    // A Produce request holds places in its frame, not the records.
    if header.is_served() && header.api != ApiKey::Produce {
        let cx = header.api.cx(header.version);
        let again: T = decode(&encode(&request, cx), cx).expect("what was written can be read");
        assert_eq!(format!("{request:?}"), format!("{again:?}"));
    }
    true
}
