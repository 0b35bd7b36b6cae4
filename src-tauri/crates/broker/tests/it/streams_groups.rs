use testkit::TempDir;
use wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse};
use wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
};
use wire::messages::streams_group_describe::{
    DescribedGroup, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse,
};
use wire::messages::streams_group_heartbeat::{
    RequestEndpoint, RequestTaskIds, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse,
    Subtopology, TopicInfo, Topology,
};
use wire::{ApiKey, ErrorCode};

use crate::client::Client;
use crate::server::{Server, crash_copy};

fn internal(name: &str) -> TopicInfo {
    TopicInfo { name: name.into(), ..Default::default() }
}

/// A word count: lines are split and sent on by word, counted words are kept.
fn joining(member: &str) -> StreamsGroupHeartbeatRequest {
    let split = Subtopology {
        subtopology_id: "0".into(),
        source_topics: vec!["lines".into()],
        repartition_sink_topics: vec!["words".into()],
        ..Default::default()
    };
    let count = Subtopology {
        subtopology_id: "1".into(),
        repartition_source_topics: vec![internal("words")],
        state_changelog_topics: vec![internal("counts-changelog")],
        ..Default::default()
    };
    StreamsGroupHeartbeatRequest {
        rebalance_timeout_ms: 30_000,
        topology: Some(Topology { epoch: 0, subtopologies: vec![split, count] }),
        process_id: Some(member.into()),
        active_tasks: Some(Vec::new()),
        standby_tasks: Some(Vec::new()),
        warmup_tasks: Some(Vec::new()),
        ..beating(member, 0)
    }
}

fn beating(member: &str, epoch: i32) -> StreamsGroupHeartbeatRequest {
    StreamsGroupHeartbeatRequest {
        group_id: "g".into(),
        member_id: member.into(),
        member_epoch: epoch,
        ..Default::default()
    }
}

async fn beat(client: &mut Client, request: &StreamsGroupHeartbeatRequest) -> StreamsGroupHeartbeatResponse {
    client.call(ApiKey::StreamsGroupHeartbeat, 0, request).await
}

fn active(answer: &StreamsGroupHeartbeatResponse) -> usize {
    answer.active_tasks.iter().flatten().map(|ids| ids.partitions.len()).sum()
}

async fn described(client: &mut Client) -> DescribedGroup {
    let request = StreamsGroupDescribeRequest { group_ids: vec!["g".into()], ..Default::default() };
    let answer: StreamsGroupDescribeResponse = client.call(ApiKey::StreamsGroupDescribe, 0, &request).await;
    answer.groups.into_iter().next().unwrap()
}

#[tokio::test]
async fn internal_topics_are_made_and_tasks_outlive_a_crash() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let waits = beat(&mut client, &joining("a")).await;
    assert_eq!((waits.error_code, active(&waits)), (0, 0));
    assert_eq!(waits.status.unwrap()[0].status_code, 1, "the source topic is missing");
    assert_eq!(described(&mut client).await.group_state, "NotReady");
    client.create("lines", 2, &[]).await;
    let first = beat(&mut client, &joining("a")).await;
    assert_eq!((first.error_code, first.status.as_ref().unwrap().len(), active(&first)), (0, 0, 4));
    assert_eq!(first.heartbeat_interval_ms, 5000);
    for name in ["words", "counts-changelog"] {
        assert_eq!(client.metadata(name).await.topics[0].partitions.len(), 2);
    }
    let second = beat(&mut client, &joining("b")).await;
    assert_eq!(active(&second), 0);

    let copy = crash_copy(dir.path());
    server.stop().await;
    let server = Server::start(copy.path()).await;
    let mut client = server.client().await;
    let group = described(&mut client).await;
    assert_eq!((group.group_state.as_str(), group.members.len()), ("Reconciling", 2));
    assert_eq!(group.topology.unwrap().subtopologies.unwrap().len(), 2);
    // The first goes on where it was, and gives up half.
    let owned = |ids: &[(&str, &[i32])]| {
        let ids = ids.iter().map(|(id, partitions)| RequestTaskIds {
            subtopology_id: (*id).into(),
            partitions: partitions.to_vec(),
        });
        Some(ids.collect::<Vec<_>>())
    };
    let tells = |epoch: i32, active: Option<Vec<RequestTaskIds>>| StreamsGroupHeartbeatRequest {
        active_tasks: active,
        standby_tasks: Some(Vec::new()),
        warmup_tasks: Some(Vec::new()),
        ..beating("a", epoch)
    };
    let all = owned(&[("0", &[0, 1]), ("1", &[0, 1])]);
    let told = beat(&mut client, &tells(first.member_epoch, all)).await;
    assert_eq!((told.error_code, active(&told)), (0, 2));
    let half = Some(
        told.active_tasks
            .unwrap()
            .into_iter()
            .map(|ids| RequestTaskIds { subtopology_id: ids.subtopology_id, partitions: ids.partitions }),
    );
    beat(&mut client, &tells(told.member_epoch, half.map(Iterator::collect))).await;
    let gets = beat(&mut client, &beating("b", second.member_epoch)).await;
    assert_eq!(active(&gets), 2);
    let list = ListGroupsRequest { types_filter: vec!["Streams".into()], ..Default::default() };
    let answer: ListGroupsResponse = client.call(ApiKey::ListGroups, 5, &list).await;
    assert_eq!((answer.groups.len(), answer.groups[0].group_type.as_str()), (1, "streams"));
    server.stop().await;
}

#[tokio::test]
async fn who_is_in_no_group_is_told_so() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    for request in [beating("a", 1), beating("a", -1)] {
        let answer = beat(&mut client, &request).await;
        assert_eq!(answer.error_code, ErrorCode::GroupIdNotFound.number(), "{request:?}");
    }
    assert_eq!(described(&mut client).await.error_code, ErrorCode::GroupIdNotFound.number());
    server.stop().await;
}

#[tokio::test]
async fn who_joins_first_is_told_what_it_answers_for_though_the_group_was_known() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("lines", 2, &[]).await;
    // Who only commits makes a group too.
    let topic_id = client.metadata("lines").await.topics[0].topic_id;
    let partition = OffsetCommitRequestPartition { committed_offset: 1, ..Default::default() };
    let commit = OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: "lines".into(),
            topic_id,
            partitions: vec![partition],
        }],
        ..Default::default()
    };
    let done: OffsetCommitResponse = client.call(ApiKey::OffsetCommit, 9, &commit).await;
    assert_eq!(done.topics[0].partitions[0].error_code, 0);
    let joining = StreamsGroupHeartbeatRequest {
        user_endpoint: Some(RequestEndpoint { host: "here".into(), port: 7 }),
        ..joining("a")
    };
    let joined = beat(&mut client, &joining).await;
    let told = joined.partitions_by_user_endpoint.unwrap();
    let topics: Vec<(&str, &[i32])> = told[0]
        .active_partitions
        .iter()
        .map(|topic| (topic.topic.as_str(), topic.partitions.as_slice()))
        .collect();
    assert_eq!(topics, [("lines", &[0, 1][..]), ("words", &[0, 1])]);
    server.stop().await;
}
