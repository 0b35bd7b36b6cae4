use bytes::{BufMut, Bytes, BytesMut};
use proptest::prelude::*;
use wire::ApiKey;
use wire::codec::{Cx, ELEMENTS_MAX, Wire, decode};
use wire::frame::RequestHeader;
use wire::messages::*;

use crate::allocations::allocated_by;

/// What reading a request may take beyond a multiple of its bytes.
const SLACK_BYTES: usize = 64 * 1024;

/// The largest element in memory is no more than this times its bytes on the wire.
const GROWTH: usize = 256;

macro_rules! requests {
    ($($api:ident: $module:ident $request:ident;)*) => {
        /// Reads a frame's body as what its header says.
        fn read_any(header: &RequestHeader, frame: &[u8]) -> bool {
            match header.api {
                $( ApiKey::$api => header.read_body::<$module::$request>(frame).is_ok(), )*
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

fn frame(api: ApiKey, version: i16, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_i16(api.number());
    frame.put_i16(version);
    frame.put_i32(1);
    frame.put_i16(-1);
    if api.is_flexible(version) {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    frame.freeze()
}

#[track_caller]
fn check_bounded(frame: &[u8]) {
    let allocated = allocated_by(|| {
        if let Ok(header) = RequestHeader::read(frame) {
            read_any(&header, frame);
        }
    });
    let allowed = SLACK_BYTES + GROWTH * frame.len();
    assert!(allocated <= allowed, "{allocated} bytes for a frame of {}: {frame:02x?}", frame.len());
}

#[test]
fn a_claimed_length_reserves_nothing() {
    // As an i16, an i32, a varint, and each behind up to 40 bytes that may be anything before it.
    let claims: [&[u8]; 4] = [
        &[0x7f, 0xff],
        &[0x7f, 0xff, 0xff, 0xff],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0xff, 0xff, 0xff, 0xff, 0x07],
    ];
    for &api in ApiKey::ALL {
        let versions = api.versions();
        for version in versions.min..=versions.max {
            for claim in claims {
                for before in 0..40 {
                    for filler in [0u8, 1, 2] {
                        let mut body = vec![filler; before];
                        body.extend_from_slice(claim);
                        body.extend_from_slice(&[filler; 4]);
                        check_bounded(&frame(api, version, &body));
                    }
                }
            }
        }
    }
}

#[test]
fn more_elements_than_allowed_are_refused() {
    // A large frame of the smallest elements there are.
    let cx = Cx { version: 13, flexible: true };
    let mut body = BytesMut::new();
    let count = ELEMENTS_MAX + 1;
    for shift in [0, 7, 14] {
        body.put_u8(((count + 1) >> shift) as u8 | if shift == 14 { 0 } else { 0x80 });
    }
    body.put_bytes(0, count as usize * 18);
    let allocated = allocated_by(|| {
        let read = decode::<metadata::MetadataRequest>(&body, cx);
        assert_eq!(read, Err(wire::codec::DecodeError::TooManyElements));
    });
    assert!(allocated < SLACK_BYTES, "{allocated}");
}

#[test]
fn spans_point_into_the_frame() {
    let body = [&[0xff, 0xff, 0, 1, 0, 0, 0, 0][..], &[0, 0, 0, 1, 0, 1, b't'], &[0, 0, 0, 1, 0, 0, 0, 0]];
    let mut body = body.concat();
    body.extend_from_slice(&[0, 0, 0, 3, 7, 8, 9]);
    let frame = frame(ApiKey::Produce, 3, &body);
    let header = RequestHeader::read(&frame).unwrap();
    let request: produce::ProduceRequest = header.read_body(&frame).unwrap();
    let span = request.topic_data[0].partition_data[0].records.unwrap();
    assert_eq!(frame[span.range()], [7, 8, 9]);
}

#[test]
fn an_unknown_version_of_api_versions_is_let_through() {
    let header = RequestHeader::read(&frame(ApiKey::ApiVersions, 99, &[1, 2, 3])).unwrap();
    assert!(!header.is_served());
    let error = RequestHeader::read(&frame(ApiKey::Metadata, 99, &[])).unwrap_err();
    assert_eq!(error.to_string(), "Metadata version 99 is not served");
    let error = RequestHeader::read(&[0, 99, 0, 0, 0, 0, 0, 0]).unwrap_err();
    assert_eq!(error.to_string(), "API 99 is not served");
}

#[test]
fn the_answer_to_api_versions_has_no_tags_in_its_header() {
    let frame = frame(ApiKey::ApiVersions, 3, &[1, 1, 0]);
    let header = RequestHeader::read(&frame).unwrap();
    let response = api_versions::ApiVersionsResponse { error_code: 35, ..Default::default() };
    let written = header.response(&response).into_bytes();
    assert_eq!(written[..], [0, 0, 0, 12, 0, 0, 0, 1, 0, 35, 1, 0, 0, 0, 0, 0]);
}

proptest! {
    #[test]
    fn random_bodies_neither_panic_nor_grow(
        index in 0..ApiKey::ALL.len(),
        offset in 0i16..20,
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let api = ApiKey::ALL[index];
        let versions = api.versions();
        let version = versions.min + offset % (versions.max - versions.min + 1);
        check_bounded(&frame(api, version, &body));
    }

    #[test]
    fn random_frames_neither_panic_nor_grow(frame in proptest::collection::vec(any::<u8>(), 0..100)) {
        check_bounded(&frame);
    }
}

#[test]
fn strings_too_long_for_their_version_are_cut_not_wrapped() {
    let cx = Cx { version: 0, flexible: false };
    let long = "ä".repeat(20_000);
    let mut writer = wire::codec::Writer::new();
    long.write(&mut writer, cx);
    let bytes = writer.into_bytes();
    let read: String = decode(&bytes, cx).unwrap();
    assert_eq!(read.len(), 32_766);
    assert!(long.starts_with(&read));
}
