//! Every message at every version, compared with an independent codec: what one writes the other reads, and
//! writes again byte for byte.

use kafka_protocol::messages as theirs;
use kafka_protocol::protocol::{Decodable, Encodable, Message};

use super::fill::{Fill, Random};
use crate::api::ApiKey;
use crate::codec::{Wire, decode, encode};

/// Fillings per message and version.
const ROUNDS: u64 = 24;

fn compare<Ours, Theirs>(api: ApiKey)
where
    Ours: Wire + Fill + PartialEq + std::fmt::Debug,
    Theirs: Message + Decodable + Encodable,
{
    let versions = api.versions();
    let mut compared = 0;
    for version in versions.min..=versions.max {
        let cx = api.cx(version);
        for round in 0..ROUNDS {
            // Which fields may be null differs by version; at the newest all of ours may.
            let nulls = version == versions.max && round % 2 == 1;
            let mut random = Random::new(0x9e37_79b9 * (round + 1), nulls);
            let value = Ours::fill(&mut random, cx);
            let bytes = encode(&value, cx);
            let again: Ours = decode(&bytes, cx).unwrap_or_else(|error| panic!("{api} {version}: {error}"));
            assert_spans_aside(&again, &value);
            if version < Theirs::VERSIONS.min || version > Theirs::VERSIONS.max {
                continue;
            }
            let mut rest = bytes.clone();
            let read = Theirs::decode(&mut rest, version)
                .unwrap_or_else(|error| panic!("{api} {version} is not read: {error}\n{value:?}"));
            assert!(rest.is_empty(), "{api} {version}: {} bytes left", rest.len());
            let mut written = bytes::BytesMut::new();
            read.encode(&mut written, version).unwrap();
            assert_eq!(written, bytes, "{api} {version}\n{value:?}");
            compared += 1;
        }
    }
    assert!(compared > 0, "{api} was not compared at any version");
}

/// Spans say where in the request they were found; what was filled in says nothing.
fn assert_spans_aside<T: std::fmt::Debug>(read: &T, filled: &T) {
    let strip = |value: &T| {
        let text = format!("{value:?}");
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find("Span {") {
            out.push_str(&rest[..at]);
            let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
            rest = &rest[end..];
        }
        out + rest
    };
    assert_eq!(strip(read), strip(filled));
}

/// Messages the other codec does not have: only read back as they were written.
const UNKNOWN_TO_THEM: &[ApiKey] = &[ApiKey::StreamsGroupHeartbeat, ApiKey::StreamsGroupDescribe];

#[test]
fn streams_groups() {
    use super::{streams_group_describe as describe, streams_group_heartbeat as heartbeat};
    read_back::<heartbeat::StreamsGroupHeartbeatRequest>(ApiKey::StreamsGroupHeartbeat);
    read_back::<heartbeat::StreamsGroupHeartbeatResponse>(ApiKey::StreamsGroupHeartbeat);
    read_back::<describe::StreamsGroupDescribeRequest>(ApiKey::StreamsGroupDescribe);
    read_back::<describe::StreamsGroupDescribeResponse>(ApiKey::StreamsGroupDescribe);
}

fn read_back<Ours: Wire + Fill + PartialEq + std::fmt::Debug>(api: ApiKey) {
    let versions = api.versions();
    for version in versions.min..=versions.max {
        for round in 0..ROUNDS {
            let mut random = Random::new(0x9e37_79b9 * (round + 1), round % 2 == 1);
            let value = Ours::fill(&mut random, api.cx(version));
            let again: Ours = decode(&encode(&value, api.cx(version)), api.cx(version)).unwrap();
            assert_eq!(again, value, "{api} {version}");
        }
    }
}

macro_rules! oracle {
    ($($api:ident: $module:ident $request:ident $response:ident;)*) => {
        $(
            #[test]
            fn $module() {
                compare::<super::$module::$request, theirs::$request>(ApiKey::$api);
                compare::<super::$module::$response, theirs::$response>(ApiKey::$api);
            }
        )*

        #[test]
        fn every_api_is_compared() {
            let compared = [$(ApiKey::$api),*];
            for api in ApiKey::ALL {
                assert!(compared.contains(api) || UNKNOWN_TO_THEM.contains(api), "{api}");
            }
        }
    };
}

oracle! {
    Produce: produce ProduceRequest ProduceResponse;
    Fetch: fetch FetchRequest FetchResponse;
    ListOffsets: list_offsets ListOffsetsRequest ListOffsetsResponse;
    Metadata: metadata MetadataRequest MetadataResponse;
    OffsetCommit: offset_commit OffsetCommitRequest OffsetCommitResponse;
    OffsetFetch: offset_fetch OffsetFetchRequest OffsetFetchResponse;
    FindCoordinator: find_coordinator FindCoordinatorRequest FindCoordinatorResponse;
    JoinGroup: join_group JoinGroupRequest JoinGroupResponse;
    Heartbeat: heartbeat HeartbeatRequest HeartbeatResponse;
    LeaveGroup: leave_group LeaveGroupRequest LeaveGroupResponse;
    SyncGroup: sync_group SyncGroupRequest SyncGroupResponse;
    DescribeGroups: describe_groups DescribeGroupsRequest DescribeGroupsResponse;
    ListGroups: list_groups ListGroupsRequest ListGroupsResponse;
    ApiVersions: api_versions ApiVersionsRequest ApiVersionsResponse;
    CreateTopics: create_topics CreateTopicsRequest CreateTopicsResponse;
    DeleteTopics: delete_topics DeleteTopicsRequest DeleteTopicsResponse;
    DeleteRecords: delete_records DeleteRecordsRequest DeleteRecordsResponse;
    InitProducerId: init_producer_id InitProducerIdRequest InitProducerIdResponse;
    OffsetForLeaderEpoch: offset_for_leader_epoch OffsetForLeaderEpochRequest OffsetForLeaderEpochResponse;
    DescribeConfigs: describe_configs DescribeConfigsRequest DescribeConfigsResponse;
    AlterConfigs: alter_configs AlterConfigsRequest AlterConfigsResponse;
    DescribeLogDirs: describe_log_dirs DescribeLogDirsRequest DescribeLogDirsResponse;
    CreatePartitions: create_partitions CreatePartitionsRequest CreatePartitionsResponse;
    DeleteGroups: delete_groups DeleteGroupsRequest DeleteGroupsResponse;
    IncrementalAlterConfigs: incremental_alter_configs IncrementalAlterConfigsRequest IncrementalAlterConfigsResponse;
    OffsetDelete: offset_delete OffsetDeleteRequest OffsetDeleteResponse;
    DescribeCluster: describe_cluster DescribeClusterRequest DescribeClusterResponse;
    ListConfigResources: list_config_resources ListConfigResourcesRequest ListConfigResourcesResponse;
    DescribeTopicPartitions: describe_topic_partitions DescribeTopicPartitionsRequest DescribeTopicPartitionsResponse;
    SaslHandshake: sasl_handshake SaslHandshakeRequest SaslHandshakeResponse;
    AddPartitionsToTxn: add_partitions_to_txn AddPartitionsToTxnRequest AddPartitionsToTxnResponse;
    AddOffsetsToTxn: add_offsets_to_txn AddOffsetsToTxnRequest AddOffsetsToTxnResponse;
    EndTxn: end_txn EndTxnRequest EndTxnResponse;
    WriteTxnMarkers: write_txn_markers WriteTxnMarkersRequest WriteTxnMarkersResponse;
    TxnOffsetCommit: txn_offset_commit TxnOffsetCommitRequest TxnOffsetCommitResponse;
    DescribeAcls: describe_acls DescribeAclsRequest DescribeAclsResponse;
    CreateAcls: create_acls CreateAclsRequest CreateAclsResponse;
    DeleteAcls: delete_acls DeleteAclsRequest DeleteAclsResponse;
    SaslAuthenticate: sasl_authenticate SaslAuthenticateRequest SaslAuthenticateResponse;
    ElectLeaders: elect_leaders ElectLeadersRequest ElectLeadersResponse;
    AlterReplicaLogDirs: alter_replica_log_dirs AlterReplicaLogDirsRequest AlterReplicaLogDirsResponse;
    AlterPartitionReassignments: alter_partition_reassignments AlterPartitionReassignmentsRequest AlterPartitionReassignmentsResponse;
    ListPartitionReassignments: list_partition_reassignments ListPartitionReassignmentsRequest ListPartitionReassignmentsResponse;
    DescribeClientQuotas: describe_client_quotas DescribeClientQuotasRequest DescribeClientQuotasResponse;
    AlterClientQuotas: alter_client_quotas AlterClientQuotasRequest AlterClientQuotasResponse;
    DescribeUserScramCredentials: describe_user_scram_credentials DescribeUserScramCredentialsRequest DescribeUserScramCredentialsResponse;
    AlterUserScramCredentials: alter_user_scram_credentials AlterUserScramCredentialsRequest AlterUserScramCredentialsResponse;
    DescribeQuorum: describe_quorum DescribeQuorumRequest DescribeQuorumResponse;
    UpdateFeatures: update_features UpdateFeaturesRequest UpdateFeaturesResponse;
    DescribeProducers: describe_producers DescribeProducersRequest DescribeProducersResponse;
    DescribeTransactions: describe_transactions DescribeTransactionsRequest DescribeTransactionsResponse;
    ListTransactions: list_transactions ListTransactionsRequest ListTransactionsResponse;
    ConsumerGroupHeartbeat: consumer_group_heartbeat ConsumerGroupHeartbeatRequest ConsumerGroupHeartbeatResponse;
    ConsumerGroupDescribe: consumer_group_describe ConsumerGroupDescribeRequest ConsumerGroupDescribeResponse;
    GetTelemetrySubscriptions: get_telemetry_subscriptions GetTelemetrySubscriptionsRequest GetTelemetrySubscriptionsResponse;
    PushTelemetry: push_telemetry PushTelemetryRequest PushTelemetryResponse;
    ShareGroupHeartbeat: share_group_heartbeat ShareGroupHeartbeatRequest ShareGroupHeartbeatResponse;
    ShareGroupDescribe: share_group_describe ShareGroupDescribeRequest ShareGroupDescribeResponse;
    ShareFetch: share_fetch ShareFetchRequest ShareFetchResponse;
    ShareAcknowledge: share_acknowledge ShareAcknowledgeRequest ShareAcknowledgeResponse;
    DescribeShareGroupOffsets: describe_share_group_offsets DescribeShareGroupOffsetsRequest DescribeShareGroupOffsetsResponse;
    AlterShareGroupOffsets: alter_share_group_offsets AlterShareGroupOffsetsRequest AlterShareGroupOffsetsResponse;
    DeleteShareGroupOffsets: delete_share_group_offsets DeleteShareGroupOffsetsRequest DeleteShareGroupOffsetsResponse;
}
