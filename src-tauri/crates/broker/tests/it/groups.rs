use bytes::Bytes;
use testkit::TempDir;
use wire::messages::describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use wire::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse, MemberIdentity};
use wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse};
use wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
};
use wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic, OffsetDeleteResponse,
};
use wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponse,
};
use wire::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse};
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::Client;
use crate::server::{Server, crash_copy};

fn join(member_id: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 20_000,
        member_id: member_id.into(),
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: Bytes::from_static(b"s"),
        }],
        ..Default::default()
    }
}

/// Joins at `version` and fetches the whole assignment.
async fn enter(client: &mut Client, version: i16) -> (String, i32) {
    let mut answer: JoinGroupResponse = client.call(ApiKey::JoinGroup, version, &join("")).await;
    if version >= 4 {
        assert_eq!(answer.error_code, ErrorCode::MemberIdRequired.number());
        let id = answer.member_id.clone();
        answer = client.call(ApiKey::JoinGroup, version, &join(&id)).await;
    }
    assert_eq!((answer.error_code, &answer.leader), (0, &answer.member_id));
    let sync = SyncGroupRequest {
        group_id: "g".into(),
        generation_id: answer.generation_id,
        member_id: answer.member_id.clone(),
        assignments: vec![SyncGroupRequestAssignment {
            member_id: answer.member_id.clone(),
            assignment: Bytes::from_static(b"all"),
        }],
        ..Default::default()
    };
    let synced: SyncGroupResponse = client.call(ApiKey::SyncGroup, 3, &sync).await;
    assert_eq!((synced.error_code, &synced.assignment[..]), (0, &b"all"[..]));
    (answer.member_id, answer.generation_id)
}

fn commit(member: &str, generation: i32, topic_id: Uuid, offset: i64) -> OffsetCommitRequest {
    OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: generation,
        member_id: member.into(),
        topics: vec![OffsetCommitRequestTopic {
            name: "t".into(),
            topic_id,
            partitions: vec![OffsetCommitRequestPartition {
                committed_offset: offset,
                committed_metadata: Some("note".into()),
                ..Default::default()
            }],
        }],
        ..Default::default()
    }
}

async fn committed(client: &mut Client, version: i16, topic_id: Uuid) -> (i64, i16) {
    let request = OffsetFetchRequest {
        group_id: "g".into(),
        topics: None,
        groups: vec![OffsetFetchRequestGroup {
            group_id: "g".into(),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: "t".into(),
                topic_id,
                partition_indexes: vec![0],
            }]),
            ..Default::default()
        }],
        ..Default::default()
    };
    let answer: OffsetFetchResponse = client.call(ApiKey::OffsetFetch, version, &request).await;
    if version >= 8 {
        let found = &answer.groups[0].topics[0].partitions[0];
        (found.committed_offset, found.error_code)
    } else {
        let found = &answer.topics[0].partitions[0];
        (found.committed_offset, found.error_code)
    }
}

#[tokio::test]
async fn the_coordinator_is_the_address_the_client_came_in_by() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    for version in 0..=6 {
        let request = FindCoordinatorRequest {
            key: "g".into(),
            coordinator_keys: vec!["g".into()],
            ..Default::default()
        };
        let answer: FindCoordinatorResponse = client.call(ApiKey::FindCoordinator, version, &request).await;
        let (host, port) = match answer.coordinators.first() {
            Some(found) => (found.host.clone(), found.port),
            None => (answer.host, answer.port),
        };
        assert_eq!((host.as_str(), port), ("127.0.0.1", i32::from(server.address.port())));
    }
    server.stop().await;
}

#[tokio::test]
async fn join_sync_commit_leave_at_every_version() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let id = client.metadata("t").await.topics[0].topic_id;
    for version in 0..=9 {
        let (member, generation) = enter(&mut client, version).await;
        let beat = HeartbeatRequest {
            group_id: "g".into(),
            generation_id: generation,
            member_id: member.clone(),
            ..Default::default()
        };
        let answer: HeartbeatResponse = client.call(ApiKey::Heartbeat, version.min(4), &beat).await;
        assert_eq!(answer.error_code, 0);

        let version = version + 1;
        let by_id = if version >= 10 { id } else { Uuid::ZERO };
        let request = commit(&member, generation, by_id, i64::from(version));
        let answer: OffsetCommitResponse = client.call(ApiKey::OffsetCommit, version.max(2), &request).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 0, "version {version}");
        let wrong = commit(&member, generation + 1, by_id, 99);
        let answer: OffsetCommitResponse = client.call(ApiKey::OffsetCommit, version.max(2), &wrong).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, ErrorCode::IllegalGeneration.number());
        if version >= 8 {
            assert_eq!(committed(&mut client, version, by_id).await, (i64::from(version), 0));
        }

        let leave = LeaveGroupRequest {
            group_id: "g".into(),
            member_id: member.clone(),
            members: vec![MemberIdentity { member_id: member, ..Default::default() }],
        };
        let answer: LeaveGroupResponse = client.call(ApiKey::LeaveGroup, (version - 1).min(5), &leave).await;
        assert!(answer.error_code == 0 && answer.members.iter().all(|member| member.error_code == 0));
    }
    server.stop().await;
}

#[tokio::test]
async fn two_members_rebalance_and_are_described() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let (mut first, mut second) = (server.client().await, server.client().await);
    let (leader, generation) = enter(&mut first, 5).await;
    let required: JoinGroupResponse = second.call(ApiKey::JoinGroup, 5, &join("")).await;
    let waiting = second.send(ApiKey::JoinGroup, 5, &join(&required.member_id)).await;

    // The first member learns of it by its heartbeat.
    let beat = HeartbeatRequest {
        group_id: "g".into(),
        generation_id: generation,
        member_id: leader.clone(),
        ..Default::default()
    };
    testkit::within("the first member to learn of the rebalance", async {
        loop {
            let answer: HeartbeatResponse = first.call(ApiKey::Heartbeat, 4, &beat).await;
            if answer.error_code == ErrorCode::RebalanceInProgress.number() {
                break;
            }
        }
    })
    .await;
    let led: JoinGroupResponse = first.call(ApiKey::JoinGroup, 5, &join(&leader)).await;
    let followed: JoinGroupResponse = second.answer(ApiKey::JoinGroup, 5, waiting).await;
    assert_eq!((led.members.len(), followed.members.len()), (2, 0));
    assert_eq!(led.generation_id, followed.generation_id);

    let sync = |member: &str| SyncGroupRequest {
        protocol_type: Some("consumer".into()),
        protocol_name: Some("range".into()),
        group_id: "g".into(),
        generation_id: led.generation_id,
        member_id: member.into(),
        ..Default::default()
    };
    let waiting = second.send(ApiKey::SyncGroup, 5, &sync(&followed.member_id)).await;
    let mut assign = sync(&leader);
    assign.assignments = vec![SyncGroupRequestAssignment {
        member_id: followed.member_id.clone(),
        assignment: Bytes::from_static(b"yours"),
    }];
    let _: SyncGroupResponse = first.call(ApiKey::SyncGroup, 5, &assign).await;
    let answer: SyncGroupResponse = second.answer(ApiKey::SyncGroup, 5, waiting).await;
    assert_eq!(answer.assignment, "yours");

    let request = DescribeGroupsRequest { groups: vec!["g".into(), "none".into()], ..Default::default() };
    let answer: DescribeGroupsResponse = first.call(ApiKey::DescribeGroups, 6, &request).await;
    let described = &answer.groups[0];
    assert_eq!((described.group_state.as_str(), described.members.len()), ("Stable", 2));
    assert_eq!(described.protocol_data, "range");
    assert_eq!(answer.groups[1].error_code, ErrorCode::GroupIdNotFound.number());
    let request = ListGroupsRequest { states_filter: vec!["Stable".into()], ..Default::default() };
    let answer: ListGroupsResponse = first.call(ApiKey::ListGroups, 5, &request).await;
    assert_eq!(answer.groups[0].group_type, "classic");
    server.stop().await;
}

#[tokio::test]
async fn offsets_and_membership_outlive_a_crash() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let (member, generation) = enter(&mut client, 5).await;
    for offset in 1..=5 {
        let request = commit(&member, generation, Uuid::ZERO, offset);
        let _: OffsetCommitResponse = client.call(ApiKey::OffsetCommit, 8, &request).await;
    }
    let copy = crash_copy(dir.path());
    server.stop().await;

    let server = Server::start(copy.path()).await;
    let mut client = server.client().await;
    assert_eq!(committed(&mut client, 9, Uuid::ZERO).await, (5, 0));
    // The member goes on as if nothing had happened.
    let beat = HeartbeatRequest {
        group_id: "g".into(),
        generation_id: generation,
        member_id: member,
        ..Default::default()
    };
    let answer: HeartbeatResponse = client.call(ApiKey::Heartbeat, 4, &beat).await;
    assert_eq!(answer.error_code, 0);
    server.stop().await;
}

#[tokio::test]
async fn a_group_outlives_its_last_offset() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let topic_id = client.metadata("t").await.topics[0].topic_id;
    let _: OffsetCommitResponse = client.call(ApiKey::OffsetCommit, 9, &commit("", -1, topic_id, 5)).await;
    let delete = OffsetDeleteRequest {
        group_id: "g".into(),
        topics: vec![OffsetDeleteRequestTopic {
            name: "t".into(),
            partitions: vec![OffsetDeleteRequestPartition { partition_index: 0 }],
        }],
    };
    let deleted: OffsetDeleteResponse = client.call(ApiKey::OffsetDelete, 0, &delete).await;
    assert_eq!((deleted.error_code, deleted.topics[0].partitions[0].error_code), (0, 0));
    assert_eq!(committed(&mut client, 9, topic_id).await, (-1, 0));
    // Nor does one that is refused take it along.
    assert_stays_empty(&mut client).await;
    server.stop().await;
}

/// A member the group does not know is refused, and the group is listed, empty.
async fn assert_stays_empty(client: &mut Client) {
    let refused: JoinGroupResponse = client.call(ApiKey::JoinGroup, 5, &join("nobody")).await;
    assert_eq!(refused.error_code, ErrorCode::UnknownMemberId.number());
    let listed: ListGroupsResponse = client.call(ApiKey::ListGroups, 4, &ListGroupsRequest::default()).await;
    let listed: Vec<_> =
        listed.groups.iter().map(|group| (group.group_id.as_str(), group.group_state.as_str())).collect();
    assert_eq!(listed, [("g", "Empty")]);
}

#[tokio::test]
async fn a_group_outlives_who_only_began_to_join() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let told: JoinGroupResponse = client.call(ApiKey::JoinGroup, 5, &join("")).await;
    assert_eq!(told.error_code, ErrorCode::MemberIdRequired.number());
    let leave = LeaveGroupRequest {
        group_id: "g".into(),
        members: vec![MemberIdentity { member_id: told.member_id, ..Default::default() }],
        ..Default::default()
    };
    let left: LeaveGroupResponse = client.call(ApiKey::LeaveGroup, 4, &leave).await;
    assert_eq!((left.error_code, left.members[0].error_code), (0, 0));
    assert_stays_empty(&mut client).await;
    server.stop().await;
}
