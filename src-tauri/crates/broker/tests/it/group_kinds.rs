//! Requests of one kind of group under the name of another: what Kafka answers, Pumphouse answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use broker::BrokerConfig;
use bytes::Bytes;
use testkit::TempDir;
use wire::ApiKey;
use wire::messages::consumer_group_describe::{ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse};
use wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};
use wire::messages::describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use wire::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse, MemberIdentity};
use wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
};
use wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic, OffsetDeleteResponse,
};
use wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchResponse};
use wire::messages::share_group_describe::{ShareGroupDescribeRequest, ShareGroupDescribeResponse};
use wire::messages::share_group_heartbeat::{ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse};
use wire::messages::streams_group_describe::{StreamsGroupDescribeRequest, StreamsGroupDescribeResponse};
use wire::messages::streams_group_heartbeat::{
    StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, Subtopology, Topology,
};
use wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};

use crate::client::Client;
use crate::server::Server;

/// Groups that are made, each with one member.
const KINDS: [&str; 4] = ["classic", "consumer", "share", "streams"];
const MEMBER: &str = "AAAAAAAAAAAAAAAAAAAAAA";

struct Side {
    client: Client,
    prefix: String,
    /// Of the members of consumer and streams groups.
    epochs: BTreeMap<&'static str, i32>,
}

impl Side {
    async fn at(address: SocketAddr, prefix: &str) -> Self {
        let mut client = Client::connect(address).await;
        client.create(&format!("{prefix}t"), 1, &[]).await;
        let mut side = Self { client, prefix: prefix.to_owned(), epochs: BTreeMap::new() };
        side.know_topic().await;
        side.make_groups().await;
        side
    }

    /// Kafka's brokers learn of a new topic after its creation was answered.
    async fn know_topic(&mut self) {
        let topic = MetadataRequestTopic { name: Some(self.name("t")), ..Default::default() };
        let request = MetadataRequest { topics: Some(vec![topic]), ..Default::default() };
        loop {
            let answer: MetadataResponse = self.client.call(ApiKey::Metadata, 12, &request).await;
            if answer.topics[0].error_code == 0 && answer.topics[0].partitions[0].error_code == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn join(&self, kind: &str, member: &str) -> JoinGroupRequest {
        JoinGroupRequest {
            group_id: self.name(kind),
            session_timeout_ms: 30_000,
            rebalance_timeout_ms: 30_000,
            member_id: member.into(),
            protocol_type: "consumer".into(),
            protocols: vec![JoinGroupRequestProtocol {
                name: "range".into(),
                metadata: Bytes::from(self.subscription()),
            }],
            ..Default::default()
        }
    }

    /// Version 0 of a consumer's: its topics, and no data of its own.
    fn subscription(&self) -> Vec<u8> {
        let topic = self.name("t");
        let len = (topic.len() as u16).to_be_bytes();
        [&[0, 0, 0, 0, 0, 1][..], &len, topic.as_bytes(), &[0xff; 4]].concat()
    }

    fn consumer_beat(&self, kind: &str, epoch: i32) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            group_id: self.name(kind),
            member_id: MEMBER.into(),
            member_epoch: epoch,
            rebalance_timeout_ms: 30_000,
            subscribed_topic_names: Some(vec![self.name("t")]),
            topic_partitions: Some(Vec::new()),
            ..Default::default()
        }
    }

    fn share_beat(&self, kind: &str, epoch: i32) -> ShareGroupHeartbeatRequest {
        ShareGroupHeartbeatRequest {
            group_id: self.name(kind),
            member_id: MEMBER.into(),
            member_epoch: epoch,
            rack_id: None,
            subscribed_topic_names: Some(vec![self.name("t")]),
        }
    }

    fn streams_beat(&self, kind: &str, epoch: i32) -> StreamsGroupHeartbeatRequest {
        let subtopology = Subtopology {
            subtopology_id: "0".into(),
            source_topics: vec![self.name("t")],
            ..Default::default()
        };
        let joins = epoch == 0;
        StreamsGroupHeartbeatRequest {
            group_id: self.name(kind),
            member_id: MEMBER.into(),
            member_epoch: epoch,
            rebalance_timeout_ms: if joins { 30_000 } else { -1 },
            topology: joins.then(|| Topology { epoch: 0, subtopologies: vec![subtopology] }),
            process_id: joins.then(|| "p".into()),
            active_tasks: joins.then(Vec::new),
            standby_tasks: joins.then(Vec::new),
            warmup_tasks: joins.then(Vec::new),
            ..Default::default()
        }
    }

    /// Kafka's coordinator may still be on its way up, or even begin only when it is looked for.
    async fn make_groups(&mut self) {
        const NOT_YET: [i16; 3] = [14, 15, 16];
        let find =
            FindCoordinatorRequest { coordinator_keys: vec![self.name("classic")], ..Default::default() };
        loop {
            let _: FindCoordinatorResponse = self.client.call(ApiKey::FindCoordinator, 4, &find).await;
            let request = self.join("classic", "");
            let answer: JoinGroupResponse = self.client.call(ApiKey::JoinGroup, 3, &request).await;
            if !NOT_YET.contains(&answer.error_code) {
                assert_eq!(answer.error_code, 0);
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let request = self.consumer_beat("consumer", 0);
        let answer: ConsumerGroupHeartbeatResponse =
            self.client.call(ApiKey::ConsumerGroupHeartbeat, 1, &request).await;
        assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
        self.epochs.insert("consumer", answer.member_epoch);
        let request = self.share_beat("share", 0);
        let answer: ShareGroupHeartbeatResponse =
            self.client.call(ApiKey::ShareGroupHeartbeat, 1, &request).await;
        assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
        let request = self.streams_beat("streams", 0);
        let answer: StreamsGroupHeartbeatResponse =
            self.client.call(ApiKey::StreamsGroupHeartbeat, 0, &request).await;
        assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
        self.epochs.insert("streams", answer.member_epoch);
    }

    /// What every request gets to hear under the name of a group of this kind.
    async fn answers(&mut self, kind: &str) -> BTreeMap<String, String> {
        let mut said = BTreeMap::new();
        let prefix = self.prefix.clone();
        let mut note = |request: &str, code: i16, message: Option<String>| {
            let message = message.unwrap_or_default().replace(&prefix, "");
            said.insert(format!("{request} to a {kind} group"), format!("{code} {message}"));
        };
        let group_id = self.name(kind);
        // A consumer group takes members of the classic protocol in.
        if kind == "share" || kind == "streams" {
            for member in ["", MEMBER, "stranger"] {
                let request = self.join(kind, member);
                let answer: JoinGroupResponse = self.client.call(ApiKey::JoinGroup, 9, &request).await;
                note(&format!("JoinGroup of '{member}'"), answer.error_code, None);
            }
        }
        for (member_id, generation) in [(MEMBER, 1), ("stranger", 1)] {
            let member_id = member_id.to_owned();
            let heartbeat = HeartbeatRequest {
                group_id: group_id.clone(),
                generation_id: generation,
                member_id: member_id.clone(),
                ..Default::default()
            };
            let answer: HeartbeatResponse = self.client.call(ApiKey::Heartbeat, 4, &heartbeat).await;
            note(&format!("Heartbeat of {member_id}"), answer.error_code, None);
            let sync = SyncGroupRequest {
                group_id: group_id.clone(),
                generation_id: generation,
                member_id: member_id.clone(),
                ..Default::default()
            };
            let answer: SyncGroupResponse = self.client.call(ApiKey::SyncGroup, 3, &sync).await;
            note(&format!("SyncGroup of {member_id}"), answer.error_code, None);
        }
        let leave = LeaveGroupRequest {
            group_id: group_id.clone(),
            members: vec![MemberIdentity { member_id: "stranger".into(), ..Default::default() }],
            ..Default::default()
        };
        let answer: LeaveGroupResponse = self.client.call(ApiKey::LeaveGroup, 5, &leave).await;
        let codes: Vec<i16> = answer.members.iter().map(|member| member.error_code).collect();
        note(&format!("LeaveGroup {codes:?}"), answer.error_code, None);
        let own = (9, MEMBER, self.epochs.get(kind).copied().unwrap_or(1));
        for (version, member, generation) in
            [(8, "", -1), (9, "", -1), (8, "stranger", 1), (9, "stranger", 1), own]
        {
            let commit = OffsetCommitRequest {
                group_id: group_id.clone(),
                generation_id_or_member_epoch: generation,
                member_id: member.into(),
                topics: vec![OffsetCommitRequestTopic {
                    name: self.name("t"),
                    partitions: vec![OffsetCommitRequestPartition {
                        committed_offset: 1,
                        ..Default::default()
                    }],
                    ..Default::default()
                }],
                ..Default::default()
            };
            let answer: OffsetCommitResponse = self.client.call(ApiKey::OffsetCommit, version, &commit).await;
            let code = answer.topics[0].partitions[0].error_code;
            note(&format!("OffsetCommit v{version} of '{member}'"), code, None);
        }
        for (member_id, member_epoch) in [(None, -1), (Some("stranger".to_owned()), 1)] {
            let fetch = OffsetFetchRequest {
                groups: vec![OffsetFetchRequestGroup {
                    group_id: group_id.clone(),
                    member_id: member_id.clone(),
                    member_epoch,
                    topics: None,
                }],
                ..Default::default()
            };
            let answer: OffsetFetchResponse = self.client.call(ApiKey::OffsetFetch, 9, &fetch).await;
            note(&format!("OffsetFetch of {member_id:?}"), answer.groups[0].error_code, None);
        }
        let delete = OffsetDeleteRequest {
            group_id: group_id.clone(),
            topics: vec![OffsetDeleteRequestTopic {
                name: self.name("t"),
                partitions: vec![OffsetDeleteRequestPartition { partition_index: 0 }],
            }],
        };
        let answer: OffsetDeleteResponse = self.client.call(ApiKey::OffsetDelete, 0, &delete).await;
        let codes: Vec<i16> =
            answer.topics.iter().flat_map(|topic| &topic.partitions).map(|one| one.error_code).collect();
        note(&format!("OffsetDelete {codes:?}"), answer.error_code, None);
        for epoch in [0, 1, -1] {
            if kind != "consumer" && kind != "classic" {
                let request = self.consumer_beat(kind, epoch);
                let answer: ConsumerGroupHeartbeatResponse =
                    self.client.call(ApiKey::ConsumerGroupHeartbeat, 1, &request).await;
                note(&format!("ConsumerGroupHeartbeat {epoch}"), answer.error_code, answer.error_message);
            }
            if kind != "share" {
                let request = self.share_beat(kind, epoch);
                let answer: ShareGroupHeartbeatResponse =
                    self.client.call(ApiKey::ShareGroupHeartbeat, 1, &request).await;
                note(&format!("ShareGroupHeartbeat {epoch}"), answer.error_code, answer.error_message);
            }
            if kind != "streams" {
                let request = self.streams_beat(kind, epoch);
                let answer: StreamsGroupHeartbeatResponse =
                    self.client.call(ApiKey::StreamsGroupHeartbeat, 0, &request).await;
                note(&format!("StreamsGroupHeartbeat {epoch}"), answer.error_code, answer.error_message);
            }
        }
        let ids = vec![group_id];
        let request = DescribeGroupsRequest { groups: ids.clone(), ..Default::default() };
        let answer: DescribeGroupsResponse = self.client.call(ApiKey::DescribeGroups, 6, &request).await;
        let group = &answer.groups[0];
        note(&format!("DescribeGroups {}", group.group_state), group.error_code, group.error_message.clone());
        let request = ConsumerGroupDescribeRequest { group_ids: ids.clone(), ..Default::default() };
        let answer: ConsumerGroupDescribeResponse =
            self.client.call(ApiKey::ConsumerGroupDescribe, 1, &request).await;
        let group = &answer.groups[0];
        note("ConsumerGroupDescribe", group.error_code, group.error_message.clone());
        let request = ShareGroupDescribeRequest { group_ids: ids.clone(), ..Default::default() };
        let answer: ShareGroupDescribeResponse =
            self.client.call(ApiKey::ShareGroupDescribe, 1, &request).await;
        let group = &answer.groups[0];
        note("ShareGroupDescribe", group.error_code, group.error_message.clone());
        let request = StreamsGroupDescribeRequest { group_ids: ids, ..Default::default() };
        let answer: StreamsGroupDescribeResponse =
            self.client.call(ApiKey::StreamsGroupDescribe, 0, &request).await;
        let group = &answer.groups[0];
        note("StreamsGroupDescribe", group.error_code, group.error_message.clone());
        said
    }
}

#[tokio::test]
async fn each_kind_of_group_answers_the_others_requests_as_kafka_does() {
    let Ok(peer) = std::env::var("PUMPHOUSE_PEER_BROKER") else {
        crate::differential::skip("kinds of groups: a real Apache Kafka (PUMPHOUSE_PEER_BROKER is not set)");
        return;
    };
    let dir = TempDir::new();
    let server = Server::with_system_clock(BrokerConfig::new(dir.path())).await;
    let prefix = format!("kinds{}.", std::process::id());
    let mut ours = Side::at(server.address, &prefix).await;
    let mut theirs = Side::at(peer.parse().expect("an address"), &prefix).await;
    let mut faults = Vec::new();
    for kind in KINDS {
        let (our, their) = (ours.answers(kind).await, theirs.answers(kind).await);
        for (request, answer) in &their {
            match our.get(request) {
                Some(found) if found == answer => {}
                found => faults.push(format!("{request}: {found:?} ≠ {answer:?}")),
            }
        }
        for request in our.keys().filter(|request| !their.contains_key(*request)) {
            faults.push(format!("{request}: {:?} is none of Kafka's", our[request]));
        }
    }
    assert!(faults.is_empty(), "Pumphouse ≠ Kafka:\n{}", faults.join("\n"));
    server.stop().await;
}
