//! Streams groups asked: each side knows its members' tasks and epochs.

use std::time::Duration;

use wire::ApiKey;
use wire::messages::streams_group_describe::{StreamsGroupDescribeRequest, StreamsGroupDescribeResponse};
use wire::messages::streams_group_heartbeat::{
    KeyValue, RequestEndpoint, RequestTaskIds, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse,
    Topology,
};
use wire::messages::*;

use super::flow::{Flow, FlowSeat, Shape};
use super::script::{LASTING, PATIENCE_MS, Text};
use super::settle::Led;
use super::side::Side;
use super::tree::Node;

/// What a member is told while topics are still to be made.
const MISSING_INTERNAL_TOPICS: i8 = 3;
const UNKNOWN_MEMBER_ID: i16 = 25;
const GROUP_ID_NOT_FOUND: i16 = 69;
const FENCED_MEMBER_EPOCH: i16 = 110;

impl Side {
    pub(super) async fn play_flow(&mut self, v: i16, ask: &Flow) -> Node {
        match ask {
            Flow::Ready { group } => self.wait_for_sources(group).await,
            Flow::Standbys { group, count } => {
                self.configure_group(group, "streams.num.standby.replicas", count).await
            }
            Flow::Join { group, member, process, shape, topology_epoch, endpoint, fixed } => {
                let request = StreamsGroupHeartbeatRequest {
                    group_id: self.name(group),
                    member_id: (*member).into(),
                    instance_id: fixed.then(|| "fixed".into()),
                    rebalance_timeout_ms: PATIENCE_MS,
                    topology: Some(Topology {
                        epoch: *topology_epoch,
                        subtopologies: self.subtopologies(group, *shape),
                    }),
                    active_tasks: Some(Vec::new()),
                    standby_tasks: Some(Vec::new()),
                    warmup_tasks: Some(Vec::new()),
                    process_id: Some((*process).into()),
                    user_endpoint: endpoint.then(|| RequestEndpoint { host: (*member).into(), port: 7 }),
                    client_tags: Some(vec![KeyValue { key: "zone".into(), value: "z".into() }]),
                    ..Default::default()
                };
                let (answer, node) = self.flow_beat(v, &request).await;
                if answer.error_code != 0 {
                    return node;
                }
                self.flow_seats.insert((group, member), FlowSeat::default());
                self.learn_flow(group, member, &answer);
                self.wait_for_topics(v, group, member, answer, node).await
            }
            Flow::Beat { group, member, ahead, owns, shuts_down } => {
                let mut request = self.flow_beating(group, member, *owns);
                request.member_epoch += ahead;
                request.shutdown_application = *shuts_down;
                if request.member_epoch == 0 {
                    return Node::Leaf("it would join".into());
                }
                let (answer, node) = self.flow_beat(v, &request).await;
                self.learn_flow(group, member, &answer);
                node
            }
            Flow::Leave { group, member, epoch } => {
                let request = StreamsGroupHeartbeatRequest {
                    member_epoch: *epoch,
                    ..self.flow_beating(group, member, false)
                };
                let (answer, node) = self.flow_beat(v, &request).await;
                if answer.error_code == 0 && *epoch == -1 {
                    self.flow_seats.remove(&(*group, *member));
                }
                node
            }
            Flow::Describe { group } => self.describe_flow(v, group).await.1,
            Flow::Settle { group } => self.settle(Led::Flow, group).await,
            Flow::Commit { group, member, topic, partition, ahead } => {
                self.learn_topics(&LASTING).await;
                let epoch = self.flow_seats.get(&(*group, *member)).map_or(-1, |seat| seat.epoch);
                let request = offset_commit::OffsetCommitRequest {
                    group_id: self.name(group),
                    generation_id_or_member_epoch: epoch + ahead,
                    member_id: (*member).into(),
                    topics: vec![offset_commit::OffsetCommitRequestTopic {
                        name: self.name(topic),
                        topic_id: self.topic_ids.get(*topic).copied().unwrap_or_default(),
                        partitions: vec![offset_commit::OffsetCommitRequestPartition {
                            partition_index: *partition,
                            committed_offset: 1,
                            ..Default::default()
                        }],
                    }],
                    ..Default::default()
                };
                self.ask::<_, offset_commit::OffsetCommitResponse>(ApiKey::OffsetCommit, v, &request).await.1
            }
            Flow::Positions { group, member, ahead } => {
                let seat = member.and_then(|member| self.flow_seats.get(&(*group, member)));
                let request = offset_fetch::OffsetFetchRequest {
                    group_id: self.name(group),
                    topics: (v < 2).then(Vec::new),
                    groups: vec![offset_fetch::OffsetFetchRequestGroup {
                        group_id: self.name(group),
                        member_id: member.map(Into::into),
                        member_epoch: seat.map_or(-1, |seat| seat.epoch + ahead),
                        topics: None,
                    }],
                    require_stable: false,
                };
                self.ask::<_, offset_fetch::OffsetFetchResponse>(ApiKey::OffsetFetch, v, &request).await.1
            }
            Flow::Delete { group } => {
                let request = delete_groups::DeleteGroupsRequest { groups_names: vec![self.name(group)] };
                self.ask::<_, delete_groups::DeleteGroupsResponse>(ApiKey::DeleteGroups, v, &request).await.1
            }
            Flow::Odd { group, member, epoch, topology, tasks } => {
                if *topology == Some(Shape::Plain) && !tasks && *epoch == 0 {
                    return Node::Leaf("it would be let in".into());
                }
                let task = || vec![RequestTaskIds { subtopology_id: "0".into(), partitions: vec![0] }];
                let request = StreamsGroupHeartbeatRequest {
                    group_id: self.name(group),
                    member_id: (*member).into(),
                    member_epoch: *epoch,
                    rebalance_timeout_ms: PATIENCE_MS,
                    topology: topology
                        .map(|shape| Topology { epoch: 0, subtopologies: self.subtopologies(group, shape) }),
                    active_tasks: Some(if *tasks { task() } else { Vec::new() }),
                    standby_tasks: Some(Vec::new()),
                    warmup_tasks: Some(Vec::new()),
                    process_id: Some("process".into()),
                    ..Default::default()
                };
                self.flow_beat(v, &request).await.1
            }
        }
    }

    /// A member that stays only until its topics are seen, and a group that goes with it.
    async fn wait_for_sources(&mut self, group: Text) -> Node {
        const PROBE: &str = "probe";
        let request = StreamsGroupHeartbeatRequest {
            group_id: self.name(group),
            member_id: PROBE.into(),
            rebalance_timeout_ms: PATIENCE_MS,
            topology: Some(Topology { epoch: 0, subtopologies: self.subtopologies(group, Shape::Merged) }),
            active_tasks: Some(Vec::new()),
            standby_tasks: Some(Vec::new()),
            warmup_tasks: Some(Vec::new()),
            process_id: Some(PROBE.into()),
            ..Default::default()
        };
        let mut seen = false;
        for _ in 0..400 {
            let (answer, _) = self.flow_beat(0, &request).await;
            seen = answer.error_code == 0 && answer.status.is_some_and(|status| status.is_empty());
            if seen {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let leave = StreamsGroupHeartbeatRequest {
            group_id: self.name(group),
            member_id: PROBE.into(),
            member_epoch: -1,
            ..Default::default()
        };
        self.flow_beat(0, &leave).await;
        let delete = delete_groups::DeleteGroupsRequest { groups_names: vec![self.name(group)] };
        let (_, deleted): (delete_groups::DeleteGroupsResponse, _) =
            self.ask(ApiKey::DeleteGroups, 2, &delete).await;
        Node::List(vec![Node::Leaf(format!("sources seen: {seen}")), deleted])
    }

    /// Beats on until the internal topics are made, which Kafka does later and Pumphouse at once.
    async fn wait_for_topics(
        &mut self,
        v: i16,
        group: Text,
        member: Text,
        mut answer: StreamsGroupHeartbeatResponse,
        mut node: Node,
    ) -> Node {
        let waits = |answer: &StreamsGroupHeartbeatResponse| {
            let status = answer.status.iter().flatten();
            status.map(|status| status.status_code).any(|code| code == MISSING_INTERNAL_TOPICS)
        };
        for _ in 0..400 {
            if !waits(&answer) {
                return node;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            // As who joined, who knows of nothing yet: by then the group may have counted on to what it said at first.
            let request = StreamsGroupHeartbeatRequest {
                endpoint_information_epoch: 0,
                ..self.flow_beating(group, member, true)
            };
            (answer, node) = self.flow_beat(v, &request).await;
            self.learn_flow(group, member, &answer);
        }
        Node::Leaf(format!("{member} of {group} waits for internal topics"))
    }

    /// The order of who answers for what means nothing.
    async fn flow_beat(
        &mut self,
        v: i16,
        request: &StreamsGroupHeartbeatRequest,
    ) -> (StreamsGroupHeartbeatResponse, Node) {
        let (answer, node) = self.ask(ApiKey::StreamsGroupHeartbeat, v, request).await;
        let sorted = node.map(&|name, node| {
            Some(if name == "partitions_by_user_endpoint" { node.sorted() } else { node })
        });
        (answer, sorted)
    }

    fn flow_beating(&self, group: Text, member: Text, owns: bool) -> StreamsGroupHeartbeatRequest {
        let seat = self.flow_seats.get(&(group, member)).cloned().unwrap_or_default();
        let tasks = |of: &[(String, Vec<i32>)]| {
            let ids = of.iter().map(|(subtopology_id, partitions)| RequestTaskIds {
                subtopology_id: subtopology_id.clone(),
                partitions: partitions.clone(),
            });
            owns.then(|| ids.collect())
        };
        StreamsGroupHeartbeatRequest {
            group_id: self.name(group),
            member_id: member.into(),
            // One that never joined says it did.
            member_epoch: if seat.epoch == 0 { 1 } else { seat.epoch },
            endpoint_information_epoch: seat.endpoint_epoch,
            active_tasks: tasks(&seat.tasks[0]),
            standby_tasks: tasks(&seat.tasks[1]),
            warmup_tasks: tasks(&seat.tasks[2]),
            ..Default::default()
        }
    }

    fn learn_flow(&mut self, group: Text, member: Text, answer: &StreamsGroupHeartbeatResponse) {
        if [UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, GROUP_ID_NOT_FOUND].contains(&answer.error_code) {
            self.flow_seats.remove(&(group, member));
        }
        let Some(seat) = self.flow_seats.get_mut(&(group, member)) else { return };
        if answer.error_code != 0 {
            return;
        }
        seat.epoch = answer.member_epoch;
        seat.endpoint_epoch = answer.endpoint_information_epoch;
        let told = [&answer.active_tasks, &answer.standby_tasks, &answer.warmup_tasks];
        for (known, told) in seat.tasks.iter_mut().zip(told) {
            if let Some(told) = told {
                let told = told.iter();
                *known = told.map(|ids| (ids.subtopology_id.clone(), ids.partitions.clone())).collect();
            }
        }
    }

    pub(super) async fn describe_flow(
        &mut self,
        v: i16,
        group: Text,
    ) -> (StreamsGroupDescribeResponse, Node) {
        let request = StreamsGroupDescribeRequest {
            group_ids: vec![self.name(group)],
            include_authorized_operations: true,
        };
        self.ask(ApiKey::StreamsGroupDescribe, v, &request).await
    }

    pub(super) async fn beat_on_in_flow(&mut self, group: Text, member: Text) {
        let request = self.flow_beating(group, member, true);
        let (answer, _) = self.flow_beat(0, &request).await;
        self.learn_flow(group, member, &answer);
    }
}
