use std::net::SocketAddr;

use broker::BrokerConfig;
use bytes::Bytes;
use testkit::{TempDir, within};
use wire::messages::alter_share_group_offsets::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequestPartition,
    AlterShareGroupOffsetsRequestTopic, AlterShareGroupOffsetsResponse,
};
use wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};
use wire::messages::delete_groups::{DeleteGroupsRequest, DeleteGroupsResponse};
use wire::messages::delete_share_group_offsets::{
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequestTopic, DeleteShareGroupOffsetsResponse,
};
use wire::messages::describe_share_group_offsets::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup,
    DescribeShareGroupOffsetsResponse,
};
use wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse};
use wire::messages::share_acknowledge::{
    AcknowledgePartition, AcknowledgeTopic, AcknowledgementBatch as AcknowledgeBatch,
    ShareAcknowledgeRequest, ShareAcknowledgeResponse,
};
use wire::messages::share_fetch::{
    AcknowledgementBatch, FetchPartition, FetchTopic, ShareFetchRequest, ShareFetchResponse,
};
use wire::messages::share_group_describe::{ShareGroupDescribeRequest, ShareGroupDescribeResponse};
use wire::messages::share_group_heartbeat::{ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse};
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::{Client, batch, values};
use crate::server::{Server, crash_copy};
use crate::transactions::Transactional;

const GAP: i8 = 0;
const ACCEPT: i8 = 1;
const RELEASE: i8 = 2;
const REJECT: i8 = 3;
const RENEW: i8 = 4;

/// Groups begin at the earliest record, and hold records for a second.
fn config(dir: &TempDir) -> BrokerConfig {
    BrokerConfig::new(dir.path())
        .with("group.share.min.record.lock.duration.ms", "1000")
        .with("group.share.record.lock.duration.ms", "1000")
}

/// A member with its session.
struct Member {
    client: Client,
    id: String,
    topic: Uuid,
    epoch: i32,
}

/// What a fetch brought: values, first and last offset and deliveries of what was acquired, and the code of
/// acknowledgements that came with it.
#[derive(Debug, PartialEq)]
struct Got {
    values: Vec<String>,
    acquired: Vec<(i64, i64, i16)>,
    acknowledged: i16,
}

impl Member {
    /// Joins the group `g` for the topic `t`.
    async fn join(address: SocketAddr, id: &str) -> Self {
        let mut client = Client::connect(address).await;
        let topic = client.metadata("t").await.topics[0].topic_id;
        let mut member = Self { client, id: id.into(), topic, epoch: 0 };
        let answer = member.beat(0, Some(&["t"])).await;
        assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
        assert_eq!(answer.assignment.unwrap().topic_partitions[0].topic_id, topic);
        member
    }

    async fn beat(&mut self, member_epoch: i32, topics: Option<&[&str]>) -> ShareGroupHeartbeatResponse {
        let request = ShareGroupHeartbeatRequest {
            group_id: "g".into(),
            member_id: self.id.clone(),
            member_epoch,
            rack_id: None,
            subscribed_topic_names: topics.map(|topics| topics.iter().map(|topic| (*topic).into()).collect()),
        };
        self.client.call(ApiKey::ShareGroupHeartbeat, 1, &request).await
    }

    fn fetch_request(&self, wait_ms: i32, said: &[(i64, i64, i8)]) -> ShareFetchRequest {
        ShareFetchRequest {
            group_id: Some("g".into()),
            member_id: Some(self.id.clone()),
            share_session_epoch: self.epoch,
            max_wait_ms: wait_ms,
            min_bytes: 1,
            max_bytes: 1 << 20,
            max_records: 100,
            batch_size: 100,
            topics: vec![FetchTopic {
                topic_id: self.topic,
                partitions: vec![FetchPartition {
                    partition_index: 0,
                    acknowledgement_batches: said
                        .iter()
                        .map(|(first, last, kind)| AcknowledgementBatch {
                            first_offset: *first,
                            last_offset: *last,
                            acknowledge_types: vec![*kind],
                        })
                        .collect(),
                }],
            }],
            ..Default::default()
        }
    }

    async fn ask(&mut self, version: i16, request: &ShareFetchRequest) -> Result<Got, i16> {
        let id = self.client.send(ApiKey::ShareFetch, version, request).await;
        self.hear(version, id).await
    }

    async fn hear(&mut self, version: i16, id: i32) -> Result<Got, i16> {
        let answer = self.client.answer(ApiKey::ShareFetch, version, id);
        let answer: ShareFetchResponse = within("an answer to a fetch", answer).await;
        if answer.error_code != 0 {
            return Err(answer.error_code);
        }
        self.epoch += 1;
        let mut got = Got { values: vec![], acquired: vec![], acknowledged: 0 };
        for partition in answer.responses.into_iter().flat_map(|topic| topic.partitions) {
            assert_eq!(partition.error_code, 0);
            got.values.extend(values(&partition.records.unwrap_or_default().0));
            got.acknowledged = partition.acknowledge_error_code;
            let acquired = partition.acquired_records.iter();
            got.acquired.extend(acquired.map(|it| (it.first_offset, it.last_offset, it.delivery_count)));
        }
        Ok(got)
    }

    /// Fetches, with a word on records held.
    async fn fetch(&mut self, wait_ms: i32, said: &[(i64, i64, i8)]) -> Got {
        let request = self.fetch_request(wait_ms, said);
        self.ask(1, &request).await.unwrap()
    }

    fn acknowledge_request(&self, said: &[(i64, i64, i8)]) -> ShareAcknowledgeRequest {
        ShareAcknowledgeRequest {
            group_id: Some("g".into()),
            member_id: Some(self.id.clone()),
            share_session_epoch: self.epoch,
            is_renew_ack: said.iter().any(|(.., kind)| *kind == RENEW),
            topics: vec![AcknowledgeTopic {
                topic_id: self.topic,
                partitions: vec![AcknowledgePartition {
                    partition_index: 0,
                    acknowledgement_batches: said
                        .iter()
                        .map(|(first, last, kind)| AcknowledgeBatch {
                            first_offset: *first,
                            last_offset: *last,
                            acknowledge_types: vec![*kind],
                        })
                        .collect(),
                }],
            }],
        }
    }

    /// One word on records held; the partition's code.
    async fn acknowledge(&mut self, said: &[(i64, i64, i8)]) -> i16 {
        let request = self.acknowledge_request(said);
        let answer: ShareAcknowledgeResponse = self.client.call(ApiKey::ShareAcknowledge, 2, &request).await;
        assert_eq!(answer.error_code, 0);
        self.epoch += 1;
        answer.responses[0].partitions[0].error_code
    }
}

async fn server_with_topic(dir: &TempDir, values: &[&str]) -> (Server, Client) {
    let server = Server::with(config(dir)).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    client.configure_group("g", "share.auto.offset.reset", "earliest").await;
    for value in values {
        client.produce("t", &batch(&[value])).await;
    }
    (server, client)
}

/// Start offset and lag of the group in the topic.
async fn offsets(client: &mut Client) -> Vec<(i64, i64)> {
    let request = DescribeShareGroupOffsetsRequest {
        groups: vec![DescribeShareGroupOffsetsRequestGroup { group_id: "g".into(), topics: None }],
    };
    let answer: DescribeShareGroupOffsetsResponse =
        client.call(ApiKey::DescribeShareGroupOffsets, 1, &request).await;
    assert_eq!(answer.groups[0].error_code, 0);
    let topics = answer.groups[0].topics.iter().flat_map(|topic| &topic.partitions);
    topics.map(|partition| (partition.start_offset, partition.lag)).collect()
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[tokio::test]
async fn records_are_shared_acknowledged_and_not_delivered_again() {
    let dir = TempDir::new();
    let (server, mut admin) = server_with_topic(&dir, &["a", "b", "c"]).await;
    let mut one = Member::join(server.address, "one").await;
    let mut two = Member::join(server.address, "two").await;
    let got = one.fetch(0, &[]).await;
    let expected = Got { values: texts(&["a", "b", "c"]), acquired: vec![(0, 2, 1)], acknowledged: 0 };
    assert_eq!(got, expected);
    assert_eq!(two.fetch(0, &[]).await.acquired, []);
    // Not its own; then one word for each.
    assert_eq!(two.acknowledge(&[(0, 0, ACCEPT)]).await, ErrorCode::InvalidRecordState.number());
    let got = one.fetch(0, &[(0, 0, ACCEPT), (1, 1, RELEASE), (2, 2, REJECT)]).await;
    assert_eq!((got.acquired, got.acknowledged), (vec![(1, 1, 2)], 0));
    // As Kafka tells it: where the group stood when it last said something, and what was settled then.
    assert_eq!(offsets(&mut admin).await, [(0, 1)]);
    assert_eq!(one.acknowledge(&[(1, 1, ACCEPT)]).await, 0);
    assert_eq!(one.acknowledge(&[(1, 1, ACCEPT)]).await, 0, "settled already");
    assert_eq!(offsets(&mut admin).await, [(1, 0)]);

    let describe =
        ShareGroupDescribeRequest { group_ids: vec!["g".into(), "none".into()], ..Default::default() };
    let described: ShareGroupDescribeResponse = admin.call(ApiKey::ShareGroupDescribe, 1, &describe).await;
    let (group, none) = (&described.groups[0], &described.groups[1]);
    assert_eq!((group.group_state.as_str(), group.assignor_name.as_str()), ("Stable", "simple"));
    assert_eq!((group.members.len(), group.members[0].subscribed_topic_names.len()), (2, 1));
    assert_eq!((none.error_code, none.group_state.as_str()), (ErrorCode::GroupIdNotFound.number(), ""));
    server.stop().await;
}

#[tokio::test]
async fn a_fetch_waits_for_records_releases_and_lost_locks() {
    let dir = TempDir::new();
    let (server, mut admin) = server_with_topic(&dir, &[]).await;
    let mut one = Member::join(server.address, "one").await;
    let mut two = Member::join(server.address, "two").await;
    let request = one.fetch_request(60_000, &[]);
    let waiting = one.client.send(ApiKey::ShareFetch, 1, &request).await;
    admin.produce("t", &batch(&["a"])).await;
    assert_eq!(one.hear(1, waiting).await.unwrap().acquired, [(0, 0, 1)]);

    let request = two.fetch_request(60_000, &[]);
    let waiting = two.client.send(ApiKey::ShareFetch, 1, &request).await;
    one.acknowledge(&[(0, 0, RELEASE)]).await;
    assert_eq!(two.hear(1, waiting).await.unwrap().acquired, [(0, 0, 2)]);

    // The lock times out after a second, or later if it is renewed.
    let request = one.fetch_request(60_000, &[]);
    let waiting = one.client.send(ApiKey::ShareFetch, 1, &request).await;
    assert_eq!(two.acknowledge(&[(0, 0, RENEW)]).await, 0);
    assert_eq!(one.hear(1, waiting).await.unwrap().acquired, [(0, 0, 3)]);
    assert_eq!(two.acknowledge(&[(0, 0, ACCEPT)]).await, ErrorCode::InvalidRecordState.number());

    // A connection that goes lets go.
    let request = two.fetch_request(60_000, &[]);
    let waiting = two.client.send(ApiKey::ShareFetch, 1, &request).await;
    drop(one);
    assert_eq!(two.hear(1, waiting).await.unwrap().acquired, [(0, 0, 4)]);
    server.stop().await;
}

#[tokio::test]
async fn what_was_settled_and_counted_outlives_a_crash() {
    let dir = TempDir::new();
    let (server, _) = server_with_topic(&dir, &["a", "b", "c", "d"]).await;
    let mut one = Member::join(server.address, "one").await;
    one.fetch(0, &[]).await;
    one.acknowledge(&[(0, 0, ACCEPT), (1, 1, RELEASE), (2, 2, ACCEPT)]).await;
    let crashed = crash_copy(dir.path());
    server.stop().await;
    // At a stop the connection ended before the broker did: what it held was released, and counts.
    for (dir, start, deliveries) in [(&dir, 1, 2), (&crashed, 0, 1)] {
        let server = Server::with(config(dir)).await;
        let mut client = server.client().await;
        assert_eq!(offsets(&mut client).await, [(start, 2)]);
        // The member is remembered.
        let mut one = Member { client, id: "one".into(), topic: Uuid::ZERO, epoch: 0 };
        one.topic = one.client.metadata("t").await.topics[0].topic_id;
        assert_eq!(one.beat(3, None).await.error_code, 0);
        assert_eq!(one.fetch(0, &[]).await.acquired, [(1, 1, 2), (3, 3, deliveries)]);
        server.stop().await;
    }
}

#[tokio::test]
async fn sessions_follow_their_epochs() {
    let dir = TempDir::new();
    let (server, _) = server_with_topic(&dir, &["a"]).await;
    let mut one = Member::join(server.address, "one").await;
    let said = [(0, 0, ACCEPT)];
    one.epoch = 1;
    let unknown = ErrorCode::ShareSessionNotFound.number();
    let request = one.fetch_request(0, &[]);
    assert_eq!(one.ask(2, &request).await, Err(unknown));
    one.epoch = 0;
    let request = one.fetch_request(0, &said);
    assert_eq!(one.ask(2, &request).await, Err(ErrorCode::InvalidRequest.number()));
    one.fetch(0, &[]).await;
    one.epoch = 5;
    let wrong = ErrorCode::InvalidShareSessionEpoch.number();
    let request = one.fetch_request(0, &[]);
    assert_eq!(one.ask(2, &request).await, Err(wrong));
    for (epoch, code) in [(0, wrong), (7, wrong), (1, 0), (-1, 0), (-1, unknown), (2, unknown)] {
        one.epoch = epoch;
        let request = one.acknowledge_request(if epoch == -1 { &[] } else { &said });
        let answer: ShareAcknowledgeResponse = one.client.call(ApiKey::ShareAcknowledge, 2, &request).await;
        assert_eq!(answer.error_code, code, "epoch {epoch}");
    }
    // A group nobody made.
    one.epoch = 0;
    let strange = ShareFetchRequest { group_id: Some("none".into()), ..one.fetch_request(0, &[]) };
    let answer: ShareFetchResponse = one.client.call(ApiKey::ShareFetch, 2, &strange).await;
    let unread = answer.responses[0].partitions[0].error_code;
    assert_eq!((answer.error_code, unread), (0, ErrorCode::UnknownServerError.number()));
    server.stop().await;
}

#[tokio::test]
async fn as_many_records_as_asked_for_or_whole_batches() {
    let dir = TempDir::new();
    let (server, mut admin) = server_with_topic(&dir, &[]).await;
    admin.produce("t", &batch(&["a", "b", "c", "d"])).await;
    let mut one = Member::join(server.address, "one").await;
    let limited = ShareFetchRequest { max_records: 3, share_acquire_mode: 1, ..one.fetch_request(0, &[]) };
    assert_eq!(one.ask(2, &limited).await.unwrap().acquired, [(0, 2, 1)]);
    one.acknowledge(&[(0, 2, RELEASE)]).await;
    let whole = ShareFetchRequest { max_records: 3, ..one.fetch_request(0, &[]) };
    assert_eq!(one.ask(2, &whole).await.unwrap().acquired, [(0, 2, 2), (3, 3, 1)]);
    server.stop().await;
}

#[tokio::test]
async fn an_administrator_moves_and_deletes() {
    let dir = TempDir::new();
    let (server, mut admin) = server_with_topic(&dir, &["a", "b", "c"]).await;
    let mut one = Member::join(server.address, "one").await;
    one.fetch(0, &[]).await;
    let alter = AlterShareGroupOffsetsRequest {
        group_id: "g".into(),
        topics: vec![AlterShareGroupOffsetsRequestTopic {
            topic_name: "t".into(),
            partitions: [0, 9]
                .map(|partition_index| AlterShareGroupOffsetsRequestPartition {
                    partition_index,
                    start_offset: 2,
                })
                .into(),
        }],
    };
    let delete = DeleteShareGroupOffsetsRequest {
        group_id: "g".into(),
        topics: vec![DeleteShareGroupOffsetsRequestTopic { topic_name: "t".into() }],
    };
    let bury = DeleteGroupsRequest { groups_names: vec!["g".into()] };
    let list = ListGroupsRequest { types_filter: vec!["share".into()], ..Default::default() };
    let busy = ErrorCode::NonEmptyGroup.number();
    let altered: AlterShareGroupOffsetsResponse = admin.call(ApiKey::AlterShareGroupOffsets, 0, &alter).await;
    let deleted: DeleteShareGroupOffsetsResponse =
        admin.call(ApiKey::DeleteShareGroupOffsets, 0, &delete).await;
    let buried: DeleteGroupsResponse = admin.call(ApiKey::DeleteGroups, 2, &bury).await;
    assert_eq!([altered.error_code, deleted.error_code, buried.results[0].error_code], [busy; 3]);

    let left = one.beat(-1, None).await;
    assert_eq!((left.error_code, left.member_epoch), (0, -1));
    assert_eq!(one.beat(3, None).await.error_code, ErrorCode::UnknownMemberId.number());
    let altered: AlterShareGroupOffsetsResponse = admin.call(ApiKey::AlterShareGroupOffsets, 0, &alter).await;
    let codes: Vec<i16> = altered.responses[0].partitions.iter().map(|it| it.error_code).collect();
    assert_eq!(codes, [0, ErrorCode::UnknownTopicOrPartition.number()]);
    assert_eq!(offsets(&mut admin).await, [(2, 1)]);
    let mut two = Member::join(server.address, "two").await;
    assert_eq!(two.fetch(0, &[]).await.acquired, [(2, 2, 1)]);
    two.beat(-1, None).await;

    let listed: ListGroupsResponse = admin.call(ApiKey::ListGroups, 5, &list).await;
    assert_eq!((listed.groups.len(), listed.groups[0].group_state.as_str()), (1, "Empty"));
    let deleted: DeleteShareGroupOffsetsResponse =
        admin.call(ApiKey::DeleteShareGroupOffsets, 0, &delete).await;
    assert_eq!((deleted.error_code, deleted.responses[0].error_code), (0, 0));
    assert_eq!(offsets(&mut admin).await, []);
    let buried: DeleteGroupsResponse = admin.call(ApiKey::DeleteGroups, 2, &bury).await;
    assert_eq!(buried.results[0].error_code, 0);
    server.stop().await;
    let server = Server::with(config(&dir)).await;
    let listed: ListGroupsResponse = server.client().await.call(ApiKey::ListGroups, 5, &list).await;
    assert_eq!(listed.groups, []);
    server.stop().await;
}

#[tokio::test]
async fn only_committed_records_are_shared_if_the_group_says_so() {
    let dir = TempDir::new();
    let (server, mut admin) = server_with_topic(&dir, &[]).await;
    admin.configure_group("g", "share.isolation.level", "read_committed").await;
    let mut one = Member::join(server.address, "one").await;
    let mut producer = Transactional::new(&mut admin, "tx").await;
    assert_eq!(producer.produce(&mut admin, 12, "t", "aborted").await, (0, 0));
    assert_eq!(producer.end(&mut admin, 5, false).await, 0);
    assert_eq!(producer.produce(&mut admin, 12, "t", "committed").await, (0, 2));
    // A marker is handed out, as if it were a record; what was aborted is not.
    assert_eq!(one.fetch(0, &[]).await.acquired, [(1, 1, 1)]);
    assert_eq!(one.acknowledge(&[(1, 1, GAP)]).await, 0);
    assert_eq!(offsets(&mut admin).await, [(0, 1)]);
    let request = one.fetch_request(60_000, &[]);
    let waiting = one.client.send(ApiKey::ShareFetch, 1, &request).await;
    assert_eq!(producer.end(&mut admin, 5, true).await, 0);
    let got = one.hear(1, waiting).await.unwrap();
    assert_eq!((got.values[0].as_str(), got.acquired), ("committed", vec![(2, 3, 1)]));
    assert_eq!(one.fetch(0, &[(2, 2, ACCEPT), (3, 3, GAP)]).await.acquired, []);
    assert_eq!(offsets(&mut admin).await, [(2, 0)]);
    server.stop().await;
}

#[tokio::test]
async fn a_groups_name_is_of_one_type() {
    let dir = TempDir::new();
    let (server, mut admin) = server_with_topic(&dir, &[]).await;
    let join = JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 10_000,
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol { name: "range".into(), metadata: Bytes::new() }],
        ..Default::default()
    };
    let _member = Member::join(server.address, "one").await;
    let refused: JoinGroupResponse = admin.call(ApiKey::JoinGroup, 3, &join).await;
    assert_eq!(refused.error_code, ErrorCode::InconsistentGroupProtocol.number());
    let beat = ConsumerGroupHeartbeatRequest {
        group_id: "g".into(),
        member_id: "m".into(),
        rebalance_timeout_ms: 60_000,
        subscribed_topic_names: Some(vec!["t".into()]),
        topic_partitions: Some(vec![]),
        ..Default::default()
    };
    let refused: ConsumerGroupHeartbeatResponse = admin.call(ApiKey::ConsumerGroupHeartbeat, 1, &beat).await;
    assert_eq!(refused.error_code, ErrorCode::GroupIdNotFound.number());

    let classic = JoinGroupRequest { group_id: "classic".into(), ..join };
    let joined: JoinGroupResponse = admin.call(ApiKey::JoinGroup, 3, &classic).await;
    assert_eq!(joined.error_code, 0);
    let request = ShareGroupHeartbeatRequest {
        group_id: "classic".into(),
        member_id: "m".into(),
        subscribed_topic_names: Some(vec!["t".into()]),
        ..Default::default()
    };
    let refused: ShareGroupHeartbeatResponse = admin.call(ApiKey::ShareGroupHeartbeat, 1, &request).await;
    assert_eq!(refused.error_code, ErrorCode::GroupIdNotFound.number());
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_topic_is_forgotten() {
    let dir = TempDir::new();
    let (server, mut admin) = server_with_topic(&dir, &["a", "b"]).await;
    let mut one = Member::join(server.address, "one").await;
    assert_eq!(one.fetch(0, &[]).await.acquired, [(0, 1, 1)]);
    let request = one.fetch_request(60_000, &[]);
    let waiting = one.client.send(ApiKey::ShareFetch, 1, &request).await;
    server.broker.delete_topic("t").unwrap();
    let answer = one.client.answer(ApiKey::ShareFetch, 1, waiting);
    let answer: ShareFetchResponse = within("an answer to a fetch", answer).await;
    assert_eq!(answer.responses[0].partitions[0].error_code, ErrorCode::UnknownTopicId.number());
    assert_eq!(offsets(&mut admin).await, []);
    admin.create("t", 1, &[]).await;
    admin.produce("t", &batch(&["c"])).await;
    let answer = one.beat(3, None).await;
    one.topic = admin.metadata("t").await.topics[0].topic_id;
    assert_eq!(answer.assignment.unwrap().topic_partitions[0].topic_id, one.topic);
    one.epoch = 0;
    assert_eq!(one.fetch(0, &[]).await.acquired, [(0, 0, 1)]);
    server.stop().await;
}

#[tokio::test]
async fn the_state_topic_stays_short() {
    const STATES: &str = "__share_group_state";
    let dir = TempDir::new();
    let config = config(&dir)
        .with("share.coordinator.snapshot.update.records.per.snapshot", "2")
        .with("share.coordinator.state.topic.prune.interval.ms", "1");
    let server = Server::with(config).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    client.configure_group("g", "share.auto.offset.reset", "earliest").await;
    let mut one = Member::join(server.address, "one").await;
    let pruned = async {
        for at in 0.. {
            client.produce("t", &batch(&["a"])).await;
            assert_eq!(one.fetch(0, &[]).await.acquired, [(at, at, 1)]);
            one.acknowledge(&[(at, at, ACCEPT)]).await;
            if server.broker.start_offset(STATES, 0).unwrap().0 > 3 {
                return at + 1;
            }
        }
        0
    };
    let settled = within("old states to be cut off", pruned).await;
    let crashed = crash_copy(dir.path());
    server.stop().await;
    let server = Server::with(self::config(&crashed)).await;
    assert_eq!(offsets(&mut server.client().await).await, [(settled - 1, 0)]);
    server.stop().await;
}
