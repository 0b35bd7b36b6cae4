use broker::BrokerConfig;
use bytes::Bytes;
use testkit::TempDir;
use wire::messages::consumer_group_describe::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribedGroup,
};
use wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, RequestTopicPartitions,
};
use wire::messages::delete_groups::{DeleteGroupsRequest, DeleteGroupsResponse};
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResponse,
};
use wire::messages::describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse, MemberIdentity};
use wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse};
use wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
};
use wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic, OffsetDeleteResponse,
};
use wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchResponse};
use wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::Client;
use crate::server::{Server, crash_copy};

/// Resource type of a group's configuration.
const GROUP: i8 = 32;

fn joining(member: &str, topics: &[&str]) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        rebalance_timeout_ms: 30_000,
        subscribed_topic_names: Some(topics.iter().map(|name| (*name).to_owned()).collect()),
        topic_partitions: Some(Vec::new()),
        ..beating(member, 0)
    }
}

fn beating(member: &str, epoch: i32) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        group_id: "g".into(),
        member_id: member.into(),
        member_epoch: epoch,
        ..Default::default()
    }
}

fn owning(member: &str, epoch: i32, topic_id: Uuid, partitions: &[i32]) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        topic_partitions: Some(vec![RequestTopicPartitions { topic_id, partitions: partitions.to_vec() }]),
        ..beating(member, epoch)
    }
}

async fn beat(
    client: &mut Client,
    request: &ConsumerGroupHeartbeatRequest,
) -> ConsumerGroupHeartbeatResponse {
    client.call(ApiKey::ConsumerGroupHeartbeat, 1, request).await
}

/// The partitions of the one topic an answer assigns.
fn partitions(answer: &ConsumerGroupHeartbeatResponse) -> Option<Vec<i32>> {
    let assignment = answer.assignment.as_ref()?;
    Some(assignment.topic_partitions.iter().flat_map(|topic| topic.partitions.clone()).collect())
}

async fn described(client: &mut Client) -> DescribedGroup {
    let request = ConsumerGroupDescribeRequest { group_ids: vec!["g".into()], ..Default::default() };
    let answer: ConsumerGroupDescribeResponse = client.call(ApiKey::ConsumerGroupDescribe, 1, &request).await;
    answer.groups.into_iter().next().unwrap()
}

fn commit(member: &str, epoch: i32, offset: i64) -> OffsetCommitRequest {
    OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: epoch,
        member_id: member.into(),
        topics: vec![OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![OffsetCommitRequestPartition { committed_offset: offset, ..Default::default() }],
            ..Default::default()
        }],
        ..Default::default()
    }
}

async fn committed(client: &mut Client, member: Option<&str>, epoch: i32) -> (i16, Option<i64>) {
    let request = OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: "g".into(),
            member_id: member.map(str::to_owned),
            member_epoch: epoch,
            ..Default::default()
        }],
        ..Default::default()
    };
    let answer: OffsetFetchResponse = client.call(ApiKey::OffsetFetch, 9, &request).await;
    let group = &answer.groups[0];
    let offset = group.topics.first().map(|topic| topic.partitions[0].committed_offset);
    (group.error_code, offset)
}

#[tokio::test]
async fn two_members_share_a_topic_and_survive_a_crash() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 4, &[]).await;
    let id = client.metadata("t").await.topics[0].topic_id;
    let first = beat(&mut client, &joining("a", &["t"])).await;
    assert_eq!((first.error_code, first.member_epoch), (0, 2));
    assert_eq!((first.member_id.as_deref(), first.heartbeat_interval_ms), (Some("a"), 5000));
    assert_eq!(partitions(&first), Some(vec![0, 1, 2, 3]));
    let second = beat(&mut client, &joining("b", &["t"])).await;
    assert_eq!((second.member_epoch, partitions(&second)), (3, Some(Vec::new())));
    assert_eq!(described(&mut client).await.group_state, "Reconciling");
    let told = beat(&mut client, &owning("a", 2, id, &[0, 1, 2, 3])).await;
    assert_eq!((told.member_epoch, partitions(&told)), (2, Some(vec![0, 1])));
    let done = beat(&mut client, &owning("a", 2, id, &[0, 1])).await;
    assert_eq!((done.member_epoch, partitions(&done)), (3, None));

    // Half way through: b's partitions are free, and it does not have them yet.
    let copy = crash_copy(dir.path());
    server.stop().await;
    let server = Server::start(copy.path()).await;
    let mut client = server.client().await;
    let gets = beat(&mut client, &owning("b", 3, id, &[])).await;
    assert_eq!((gets.error_code, gets.member_epoch, partitions(&gets)), (0, 3, Some(vec![2, 3])));
    let described = described(&mut client).await;
    assert_eq!((described.group_state.as_str(), described.assignor_name.as_str()), ("Stable", "uniform"));
    assert_eq!((described.group_epoch, described.assignment_epoch), (3, 3));
    assert_eq!(described.members.len(), 2);
    let member = &described.members[0];
    assert_eq!((member.member_id.as_str(), member.member_type), ("a", 1));
    assert_eq!(member.assignment.topic_partitions[0].topic_name, "t");
    assert_eq!(member.assignment, member.target_assignment);
    server.stop().await;
}

#[tokio::test]
async fn the_rack_belongs_to_what_a_group_reads() {
    let mut dir = TempDir::new();
    let mut epoch = 0;
    for (rack, expected) in [("", 2), ("eu-1", 3), ("eu-1", 3), ("eu-2", 4)] {
        let mut config = BrokerConfig::new(dir.path());
        config.properties.insert("broker.rack".into(), rack.into());
        let server = Server::with(config).await;
        let mut client = server.client().await;
        let beaten = if epoch == 0 {
            client.create("t", 1, &[]).await;
            beat(&mut client, &joining("a", &["t"])).await
        } else {
            beat(&mut client, &beating("a", epoch)).await
        };
        assert_eq!((beaten.error_code, beaten.member_epoch), (0, expected), "{rack}");
        epoch = beaten.member_epoch;
        let copy = crash_copy(dir.path());
        server.stop().await;
        dir = copy;
    }
}

#[tokio::test]
async fn requests_are_checked_as_kafka_does() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let join = || joining("a", &["t"]);
    let cases = [
        (ConsumerGroupHeartbeatRequest { group_id: String::new(), ..join() }, ErrorCode::InvalidRequest),
        (ConsumerGroupHeartbeatRequest { member_id: String::new(), ..join() }, ErrorCode::InvalidRequest),
        (ConsumerGroupHeartbeatRequest { rebalance_timeout_ms: -1, ..join() }, ErrorCode::InvalidRequest),
        (ConsumerGroupHeartbeatRequest { topic_partitions: None, ..join() }, ErrorCode::InvalidRequest),
        (ConsumerGroupHeartbeatRequest { subscribed_topic_names: None, ..join() }, ErrorCode::InvalidRequest),
        (
            ConsumerGroupHeartbeatRequest { server_assignor: Some("sticky".into()), ..join() },
            ErrorCode::UnsupportedAssignor,
        ),
        (
            ConsumerGroupHeartbeatRequest { subscribed_topic_regex: Some("(".into()), ..join() },
            ErrorCode::InvalidRegularExpression,
        ),
        (beating("a", 1), ErrorCode::GroupIdNotFound),
        (beating("a", -1), ErrorCode::GroupIdNotFound),
        (beating("a", -2), ErrorCode::InvalidRequest),
        (beating("a", -3), ErrorCode::InvalidRequest),
    ];
    for (request, expected) in cases {
        let answer = beat(&mut client, &request).await;
        assert_eq!(answer.error_code, expected.number(), "{request:?}: {:?}", answer.error_message);
    }
    // None of them left a group behind.
    let list = ListGroupsRequest::default();
    let answer: ListGroupsResponse = client.call(ApiKey::ListGroups, 5, &list).await;
    assert_eq!(answer.groups, []);
    // Version 0 gives the id.
    let request = ConsumerGroupHeartbeatRequest { member_id: String::new(), ..join() };
    let answer: ConsumerGroupHeartbeatResponse =
        client.call(ApiKey::ConsumerGroupHeartbeat, 0, &request).await;
    assert_eq!((answer.error_code, answer.member_id.map(|id| id.len())), (0, Some(22)));
    server.stop().await;
}

#[tokio::test]
async fn offsets_need_the_members_epoch() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    beat(&mut client, &joining("a", &["t"])).await;
    for (version, member, epoch, expected) in [
        (9, "a", 2, ErrorCode::None),
        (9, "a", 1, ErrorCode::StaleMemberEpoch),
        (9, "a", 3, ErrorCode::StaleMemberEpoch),
        (9, "x", 1, ErrorCode::UnknownMemberId),
        (9, "", -1, ErrorCode::UnknownMemberId),
        (8, "a", 2, ErrorCode::UnsupportedVersion),
    ] {
        let answer: OffsetCommitResponse =
            client.call(ApiKey::OffsetCommit, version, &commit(member, epoch, 7)).await;
        let code = answer.topics[0].partitions[0].error_code;
        assert_eq!(code, expected.number(), "version {version}, member {member:?}, epoch {epoch}");
    }
    assert_eq!(committed(&mut client, None, -1).await, (0, Some(7)));
    assert_eq!(committed(&mut client, Some("a"), 2).await, (0, Some(7)));
    assert_eq!(committed(&mut client, Some("a"), 1).await.0, ErrorCode::StaleMemberEpoch.number());
    assert_eq!(committed(&mut client, Some("x"), 1).await.0, ErrorCode::UnknownMemberId.number());

    let delete = OffsetDeleteRequest {
        group_id: "g".into(),
        topics: vec![OffsetDeleteRequestTopic {
            name: "t".into(),
            partitions: vec![OffsetDeleteRequestPartition { partition_index: 0 }],
        }],
    };
    let answer: OffsetDeleteResponse = client.call(ApiKey::OffsetDelete, 0, &delete).await;
    let code = answer.topics[0].partitions[0].error_code;
    assert_eq!(code, ErrorCode::GroupSubscribedToTopic.number());
    let delete = DeleteGroupsRequest { groups_names: vec!["g".into()] };
    let answer: DeleteGroupsResponse = client.call(ApiKey::DeleteGroups, 2, &delete).await;
    assert_eq!(answer.results[0].error_code, ErrorCode::NonEmptyGroup.number());
    let left = beat(&mut client, &beating("a", -1)).await;
    assert_eq!((left.error_code, left.member_epoch), (0, -1));
    assert_eq!(described(&mut client).await.group_state, "Empty");
    // An empty group's offsets are anyone's to set, as for a reset.
    let answer: OffsetCommitResponse = client.call(ApiKey::OffsetCommit, 9, &commit("", -1, 3)).await;
    assert_eq!(answer.topics[0].partitions[0].error_code, 0);
    assert_eq!(committed(&mut client, None, -1).await, (0, Some(3)));
    let answer: DeleteGroupsResponse = client.call(ApiKey::DeleteGroups, 2, &delete).await;
    assert_eq!(answer.results[0].error_code, 0);
    assert_eq!(described(&mut client).await.error_code, ErrorCode::GroupIdNotFound.number());
    server.stop().await;
}

#[tokio::test]
async fn a_group_is_listed_by_type_and_is_no_classic_one() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    beat(&mut client, &joining("a", &["t"])).await;
    for (types, states, found) in [
        (vec!["Consumer"], vec![], 1),
        (vec!["classic"], vec![], 0),
        (vec![], vec!["stable"], 1),
        (vec![], vec!["Empty"], 0),
    ] {
        let list = ListGroupsRequest {
            types_filter: types.iter().map(|word: &&str| (*word).to_owned()).collect(),
            states_filter: states.iter().map(|word: &&str| (*word).to_owned()).collect(),
        };
        let answer: ListGroupsResponse = client.call(ApiKey::ListGroups, 5, &list).await;
        assert_eq!(answer.groups.len(), found, "{list:?}");
        for group in answer.groups {
            assert_eq!((group.group_type.as_str(), group.protocol_type.as_str()), ("consumer", "consumer"));
        }
    }
    let request = DescribeGroupsRequest { groups: vec!["g".into()], ..Default::default() };
    let answer: DescribeGroupsResponse = client.call(ApiKey::DescribeGroups, 6, &request).await;
    assert_eq!(answer.groups[0].error_code, ErrorCode::GroupIdNotFound.number());
    let answer: DescribeGroupsResponse = client.call(ApiKey::DescribeGroups, 5, &request).await;
    assert_eq!((answer.groups[0].error_code, answer.groups[0].group_state.as_str()), (0, "Dead"));
    server.stop().await;
}

fn set(name: &str, value: &str) -> IncrementalAlterConfigsRequest {
    IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: GROUP,
            resource_name: "g".into(),
            configs: vec![AlterableConfig {
                name: name.into(),
                config_operation: 0,
                value: Some(value.into()),
            }],
        }],
        validate_only: false,
    }
}

#[tokio::test]
async fn a_group_has_its_own_configuration() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    for (name, value, expected) in [
        ("consumer.heartbeat.interval.ms", "7000", ErrorCode::None),
        ("consumer.heartbeat.interval.ms", "1", ErrorCode::InvalidConfig),
        ("consumer.session.timeout.ms", "61000", ErrorCode::InvalidConfig),
        ("streams.num.standby.replicas", "3", ErrorCode::InvalidConfig),
        ("no.such.key", "1", ErrorCode::InvalidConfig),
    ] {
        let answer: IncrementalAlterConfigsResponse =
            client.call(ApiKey::IncrementalAlterConfigs, 1, &set(name, value)).await;
        assert_eq!(answer.responses[0].error_code, expected.number(), "{name}={value}");
    }
    let answer = beat(&mut client, &joining("a", &["t"])).await;
    assert_eq!(answer.heartbeat_interval_ms, 7000);
    server.stop().await;

    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let request = DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: GROUP,
            resource_name: "g".into(),
            configuration_keys: None,
        }],
        ..Default::default()
    };
    let answer: DescribeConfigsResponse = client.call(ApiKey::DescribeConfigs, 4, &request).await;
    let configs = &answer.results[0].configs;
    let find = |name: &str| {
        let found = configs.iter().find(|config| config.name == name).unwrap();
        (found.value.clone().unwrap(), found.config_source)
    };
    assert_eq!(find("consumer.heartbeat.interval.ms"), ("7000".into(), 8));
    assert_eq!(find("consumer.session.timeout.ms"), ("45000".into(), 5));
    server.stop().await;
}

/// A consumer's subscription to `t` at version 0 of its embedded protocol.
fn classic(member: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 20_000,
        member_id: member.into(),
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: Bytes::from_static(&[0, 0, 0, 0, 0, 1, 0, 1, b't', 0xff, 0xff, 0xff, 0xff]),
        }],
        ..Default::default()
    }
}

#[tokio::test]
async fn a_group_is_upgraded_and_downgraded_member_by_member() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 2, &[]).await;
    let id = client.metadata("t").await.topics[0].topic_id;
    // A classic group of one, which has both partitions.
    let required: JoinGroupResponse = client.call(ApiKey::JoinGroup, 5, &classic("")).await;
    let old = required.member_id;
    let joined: JoinGroupResponse = client.call(ApiKey::JoinGroup, 5, &classic(&old)).await;
    let both = [0, 0, 0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff];
    let mut sync = SyncGroupRequest {
        group_id: "g".into(),
        generation_id: joined.generation_id,
        member_id: old.clone(),
        ..Default::default()
    };
    sync.assignments = vec![wire::messages::sync_group::SyncGroupRequestAssignment {
        member_id: old.clone(),
        assignment: Bytes::copy_from_slice(&both),
    }];
    let synced: SyncGroupResponse = client.call(ApiKey::SyncGroup, 3, &sync).await;
    assert_eq!((synced.error_code, &synced.assignment[..]), (0, &both[..]));

    let new = beat(&mut client, &joining("new", &["t"])).await;
    assert_eq!((new.error_code, new.member_epoch, partitions(&new)), (0, 2, Some(Vec::new())));
    let group = described(&mut client).await;
    assert_eq!(group.members.iter().map(|member| member.member_type).sum::<i8>(), 1);
    // The old one joins anew, as its heartbeats tell it, and is assigned by the broker.
    let joined: JoinGroupResponse = client.call(ApiKey::JoinGroup, 5, &classic(&old)).await;
    assert_eq!((joined.error_code, joined.generation_id, joined.leader.as_str()), (0, 2, ""));
    let sync = SyncGroupRequest { generation_id: 2, assignments: Vec::new(), ..sync };
    let synced: SyncGroupResponse = client.call(ApiKey::SyncGroup, 3, &sync).await;
    let one = [0, 0, 0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    assert_eq!((synced.error_code, &synced.assignment[..]), (0, &one[..]));
    let gets = beat(&mut client, &owning("new", 2, id, &[])).await;
    assert_eq!(partitions(&gets), Some(vec![1]));

    // The new one leaves: back to a classic group, which rebalances.
    beat(&mut client, &beating("new", -1)).await;
    let request = DescribeGroupsRequest { groups: vec!["g".into()], ..Default::default() };
    let answer: DescribeGroupsResponse = client.call(ApiKey::DescribeGroups, 6, &request).await;
    let group = &answer.groups[0];
    assert_eq!((group.group_state.as_str(), group.members.len()), ("PreparingRebalance", 1));
    let joined: JoinGroupResponse = client.call(ApiKey::JoinGroup, 5, &classic(&old)).await;
    assert_eq!((joined.error_code, &joined.leader, joined.members.len()), (0, &old, 1));
    server.stop().await;
}

#[tokio::test]
async fn a_group_whose_only_member_turned_classic_admits_whoever_comes() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 2, &[]).await;
    beat(&mut client, &joining("old", &["t"])).await;
    let turned: JoinGroupResponse = client.call(ApiKey::JoinGroup, 5, &classic("old")).await;
    assert_eq!((turned.error_code, turned.generation_id, turned.leader.as_str()), (0, 2, ""));
    let group = described(&mut client).await;
    assert_eq!(group.members.iter().map(|member| member.member_type).collect::<Vec<_>>(), [0]);
    // An id nobody was given, as only groups of the consumer protocol take it.
    let joined: JoinGroupResponse = client.call(ApiKey::JoinGroup, 5, &classic("new")).await;
    assert_eq!((joined.error_code, joined.generation_id, joined.member_id.as_str()), (0, 3, "new"));
    assert_eq!(described(&mut client).await.members.len(), 2);
    // Any member may be sent away by LeaveGroup, all in one step; classic ones alone stay as a classic group.
    beat(&mut client, &joining("newest", &["t"])).await;
    let identity = |id: &str| MemberIdentity { member_id: id.into(), ..Default::default() };
    let leave = LeaveGroupRequest {
        group_id: "g".into(),
        members: vec![identity("newest"), identity("nobody"), identity("old")],
        ..Default::default()
    };
    let left: LeaveGroupResponse = client.call(ApiKey::LeaveGroup, 4, &leave).await;
    let codes: Vec<i16> = left.members.iter().map(|member| member.error_code).collect();
    assert_eq!(codes, [0, ErrorCode::UnknownMemberId.number(), 0]);
    let request = DescribeGroupsRequest { groups: vec!["g".into()], ..Default::default() };
    let answer: DescribeGroupsResponse = client.call(ApiKey::DescribeGroups, 6, &request).await;
    let group = &answer.groups[0];
    assert_eq!((group.group_state.as_str(), group.members.len()), ("PreparingRebalance", 1));
    server.stop().await;
}
