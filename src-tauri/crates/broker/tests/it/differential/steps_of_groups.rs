//! The requests of groups and transactions.

use bytes::Bytes;
use wire::ApiKey;
use wire::messages::*;

use super::script::PATIENCE_MS;
use super::side::Side;
use super::steps::{Ask, Step};
use super::tree::Node;

impl Side {
    pub(super) async fn play_of_groups(&mut self, step: &Step) -> Node {
        let v = step.version;
        match &step.ask {
            Ask::OffsetCommit { group, topic, partition, offset, metadata, member } => {
                self.learn_topics(&[topic]).await;
                let (member_id, generation) = match self.members.get(*group) {
                    Some(known) if *member => known.clone(),
                    _ => (String::new(), -1),
                };
                let request = offset_commit::OffsetCommitRequest {
                    group_id: self.name(group),
                    generation_id_or_member_epoch: generation,
                    member_id,
                    topics: vec![offset_commit::OffsetCommitRequestTopic {
                        name: self.name(topic),
                        topic_id: self.topic_ids.get(*topic).copied().unwrap_or_default(),
                        partitions: vec![offset_commit::OffsetCommitRequestPartition {
                            partition_index: *partition,
                            committed_offset: *offset,
                            committed_metadata: metadata.map(Into::into),
                            ..Default::default()
                        }],
                    }],
                    ..Default::default()
                };
                self.ask::<_, offset_commit::OffsetCommitResponse>(ApiKey::OffsetCommit, v, &request).await.1
            }
            Ask::OffsetFetch { group, topics } => {
                if let Some(topics) = topics {
                    self.learn_topics(topics).await;
                }
                let old = |&topic: &&str| offset_fetch::OffsetFetchRequestTopic {
                    name: self.name(topic),
                    partition_indexes: vec![0, 1],
                };
                let new = |&topic: &&str| offset_fetch::OffsetFetchRequestTopics {
                    name: self.name(topic),
                    topic_id: self.topic_ids.get(topic).copied().unwrap_or_default(),
                    partition_indexes: vec![0, 1],
                };
                // Before version 2 there is no asking for all of them.
                let none = Vec::new();
                let topics = if v < 2 { topics.as_ref().or(Some(&none)) } else { topics.as_ref() };
                let request = offset_fetch::OffsetFetchRequest {
                    group_id: self.name(group),
                    topics: topics.map(|topics| topics.iter().map(old).collect()),
                    groups: vec![offset_fetch::OffsetFetchRequestGroup {
                        group_id: self.name(group),
                        topics: topics.map(|topics| topics.iter().map(new).collect()),
                        ..Default::default()
                    }],
                    require_stable: false,
                };
                self.ask::<_, offset_fetch::OffsetFetchResponse>(ApiKey::OffsetFetch, v, &request).await.1
            }
            Ask::OffsetDelete { group, topic } => {
                let partition =
                    |partition_index| offset_delete::OffsetDeleteRequestPartition { partition_index };
                let request = offset_delete::OffsetDeleteRequest {
                    group_id: self.name(group),
                    topics: vec![offset_delete::OffsetDeleteRequestTopic {
                        name: self.name(topic),
                        partitions: vec![partition(0), partition(1)],
                    }],
                };
                self.ask::<_, offset_delete::OffsetDeleteResponse>(ApiKey::OffsetDelete, v, &request).await.1
            }
            Ask::Join { group, instance, known, protocol, session_ms } => {
                let member_id = match self.members.get(*group).cloned() {
                    Some((member, _)) if *known => member,
                    Some((member, _)) => {
                        // One member at a time: the others would have to join again before this one is answered.
                        self.leave(group, member).await;
                        self.members.remove(*group);
                        String::new()
                    }
                    None => String::new(),
                };
                let request = join_group::JoinGroupRequest {
                    group_id: self.name(group),
                    session_timeout_ms: *session_ms,
                    rebalance_timeout_ms: PATIENCE_MS,
                    member_id,
                    group_instance_id: instance.map(Into::into),
                    protocol_type: "consumer".into(),
                    protocols: vec![join_group::JoinGroupRequestProtocol {
                        name: (*protocol).into(),
                        metadata: Bytes::from_static(b"\0\x01\0\0\0\0\xff\xff\xff\xff"),
                    }],
                    reason: None,
                };
                let (answer, node): (join_group::JoinGroupResponse, _) =
                    self.ask(ApiKey::JoinGroup, v, &request).await;
                if answer.member_id.is_empty() || ![0, 79].contains(&answer.error_code) {
                    return node;
                }
                self.members.insert((*group).to_owned(), (answer.member_id.clone(), answer.generation_id));
                let id = Node::of(&answer.member_id);
                let meaning = format!("the member of {group}");
                self.mean(&id, &meaning);
                // The answer was read before its new id had a meaning.
                node.map(&|_, node| Some(if node == id { Node::Leaf(meaning.clone()) } else { node }))
            }
            Ask::Sync { group, behind } => {
                let (member_id, generation) = self.members.get(*group).cloned().unwrap_or_default();
                let request = sync_group::SyncGroupRequest {
                    group_id: self.name(group),
                    generation_id: generation - behind,
                    member_id: member_id.clone(),
                    protocol_type: Some("consumer".into()),
                    protocol_name: Some("range".into()),
                    assignments: vec![sync_group::SyncGroupRequestAssignment {
                        member_id,
                        assignment: Bytes::from_static(b"assigned"),
                    }],
                    ..Default::default()
                };
                self.ask::<_, sync_group::SyncGroupResponse>(ApiKey::SyncGroup, v, &request).await.1
            }
            Ask::Heartbeat { group, behind } => {
                let (member_id, generation) = self.members.get(*group).cloned().unwrap_or_default();
                let request = heartbeat::HeartbeatRequest {
                    group_id: self.name(group),
                    generation_id: generation - behind,
                    member_id,
                    group_instance_id: None,
                };
                self.ask::<_, heartbeat::HeartbeatResponse>(ApiKey::Heartbeat, v, &request).await.1
            }
            Ask::Leave { group } => {
                let (member_id, _) = self.members.get(*group).cloned().unwrap_or_default();
                self.leave_at(v, group, member_id).await
            }
            Ask::DescribeGroups { groups } => {
                let request = describe_groups::DescribeGroupsRequest {
                    groups: groups.iter().map(|group| self.name(group)).collect(),
                    include_authorized_operations: true,
                };
                let api = ApiKey::DescribeGroups;
                self.ask::<_, describe_groups::DescribeGroupsResponse>(api, v, &request).await.1
            }
            Ask::ListGroups { states } => {
                let request = list_groups::ListGroupsRequest {
                    states_filter: states.iter().map(|&state| state.to_owned()).collect(),
                    types_filter: Vec::new(),
                };
                let (mut answer, _): (list_groups::ListGroupsResponse, _) =
                    self.ask(ApiKey::ListGroups, v, &request).await;
                let prefix = self.name("x").trim_end_matches('x').to_owned();
                answer.groups.retain(|group| group.group_id.starts_with(&prefix));
                answer.throttle_time_ms = 0;
                Node::of(&answer).map(&|_, node| Some(node))
            }
            Ask::DeleteGroups { groups } => {
                let request = delete_groups::DeleteGroupsRequest {
                    groups_names: groups.iter().map(|group| self.name(group)).collect(),
                };
                self.ask::<_, delete_groups::DeleteGroupsResponse>(ApiKey::DeleteGroups, v, &request).await.1
            }
            _ => self.play_of_transactions(step).await,
        }
    }

    async fn leave(&mut self, group: &str, member_id: String) {
        self.leave_at(5, group, member_id).await;
    }

    async fn leave_at(&mut self, version: i16, group: &str, member_id: String) -> Node {
        let request = leave_group::LeaveGroupRequest {
            group_id: self.name(group),
            member_id: member_id.clone(),
            members: vec![leave_group::MemberIdentity { member_id, ..Default::default() }],
        };
        self.ask::<_, leave_group::LeaveGroupResponse>(ApiKey::LeaveGroup, version, &request).await.1
    }

    async fn play_of_transactions(&mut self, step: &Step) -> Node {
        let v = step.version;
        let known = |side: &Self, name: &str| side.producers.get(name).copied().unwrap_or((999_999, 0));
        match &step.ask {
            Ask::InitProducerId { producer, transactional, timeout_ms, again } => {
                let (producer_id, producer_epoch) = if *again { known(self, producer) } else { (-1, -1) };
                let request = init_producer_id::InitProducerIdRequest {
                    transactional_id: transactional.then(|| self.name(producer)),
                    transaction_timeout_ms: *timeout_ms,
                    producer_id,
                    producer_epoch,
                };
                let (answer, node) = self
                    .ask_until_done(
                        ApiKey::InitProducerId,
                        v,
                        &request,
                        |a: &init_producer_id::InitProducerIdResponse| a.error_code,
                    )
                    .await;
                if answer.error_code != 0 {
                    return node;
                }
                self.learn_producer(producer, answer.producer_id, answer.producer_epoch, node)
            }
            Ask::AddPartitions { producer, topic, partition, older } => {
                let (id, epoch) = known(self, producer);
                let request = add_partitions_to_txn::AddPartitionsToTxnRequest {
                    v3_and_below_transactional_id: self.name(producer),
                    v3_and_below_producer_id: id,
                    v3_and_below_producer_epoch: epoch - older,
                    v3_and_below_topics: vec![add_partitions_to_txn::AddPartitionsToTxnTopic {
                        name: self.name(topic),
                        partitions: vec![*partition],
                    }],
                    ..Default::default()
                };
                type Answer = add_partitions_to_txn::AddPartitionsToTxnResponse;
                let code = |answer: &Answer| {
                    let topic = answer.results_by_topic_v3_and_below.first();
                    let partition = topic.and_then(|topic| topic.results_by_partition.first());
                    partition.map_or(0, |partition| partition.partition_error_code)
                };
                self.ask_until_done(ApiKey::AddPartitionsToTxn, v, &request, code).await.1
            }
            Ask::AddOffsets { producer, group, older } => {
                let (producer_id, epoch) = known(self, producer);
                let request = add_offsets_to_txn::AddOffsetsToTxnRequest {
                    transactional_id: self.name(producer),
                    producer_id,
                    producer_epoch: epoch - older,
                    group_id: self.name(group),
                };
                type Answer = add_offsets_to_txn::AddOffsetsToTxnResponse;
                let api = ApiKey::AddOffsetsToTxn;
                self.ask_until_done(api, v, &request, |answer: &Answer| answer.error_code).await.1
            }
            Ask::TxnOffsetCommit { producer, group, topic, offset, older } => {
                use txn_offset_commit::{
                    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
                    TxnOffsetCommitResponse,
                };
                let (producer_id, epoch) = known(self, producer);
                let request = TxnOffsetCommitRequest {
                    transactional_id: self.name(producer),
                    group_id: self.name(group),
                    producer_id,
                    producer_epoch: epoch - older,
                    topics: vec![TxnOffsetCommitRequestTopic {
                        name: self.name(topic),
                        partitions: vec![TxnOffsetCommitRequestPartition {
                            committed_offset: *offset,
                            ..Default::default()
                        }],
                    }],
                    ..Default::default()
                };
                let code = |answer: &TxnOffsetCommitResponse| {
                    let partition = answer.topics.first().and_then(|topic| topic.partitions.first());
                    partition.map_or(0, |partition| partition.error_code)
                };
                self.ask_until_done(ApiKey::TxnOffsetCommit, v, &request, code).await.1
            }
            Ask::EndTxn { producer, commit, older } => {
                let (producer_id, epoch) = known(self, producer);
                let request = end_txn::EndTxnRequest {
                    transactional_id: self.name(producer),
                    producer_id,
                    producer_epoch: epoch - older,
                    committed: *commit,
                };
                let (answer, node) = self
                    .ask_until_done(ApiKey::EndTxn, v, &request, |answer: &end_txn::EndTxnResponse| {
                        answer.error_code
                    })
                    .await;
                if answer.error_code != 0 || answer.producer_id == -1 {
                    return node;
                }
                self.learn_producer(producer, answer.producer_id, answer.producer_epoch, node)
            }
            Ask::DescribeTransactions { producer } => {
                let request = describe_transactions::DescribeTransactionsRequest {
                    transactional_ids: vec![self.name(producer)],
                };
                let api = ApiKey::DescribeTransactions;
                let (answer, node): (describe_transactions::DescribeTransactionsResponse, _) =
                    self.ask(api, v, &request).await;
                if answer.transaction_states.first().is_some_and(|state| state.error_code != 0) {
                    // No producer's id, but the field's zero.
                    return node.map(&|name, node| (name != "producer_id").then_some(node));
                }
                node
            }
            Ask::DescribeProducers { topic, partition } => {
                let request = describe_producers::DescribeProducersRequest {
                    topics: vec![describe_producers::TopicRequest {
                        name: self.name(topic),
                        partition_indexes: vec![*partition],
                    }],
                };
                let api = ApiKey::DescribeProducers;
                self.ask::<_, describe_producers::DescribeProducersResponse>(api, v, &request).await.1
            }
            other => panic!("{other:?} is played elsewhere"),
        }
    }

    fn learn_producer(&mut self, producer: &str, id: i64, epoch: i16, node: Node) -> Node {
        self.producers.insert(producer.to_owned(), (id, epoch));
        let (id, meaning) = (Node::of(&id), format!("the id of {producer}"));
        self.mean(&id, &meaning);
        node.map(&|name, node| {
            Some(if name == "producer_id" && node == id { Node::Leaf(meaning.clone()) } else { node })
        })
    }

    /// Asks again for as long as every client would.
    async fn ask_until_done<Q: wire::codec::Wire, A: wire::codec::Wire + std::fmt::Debug + Default>(
        &mut self,
        api: ApiKey,
        version: i16,
        request: &Q,
        code: impl Fn(&A) -> i16,
    ) -> (A, Node) {
        // The coordinator loads or moves, or the last transaction is still being ended.
        const RETRIABLE: [i16; 4] = [14, 15, 16, 51];
        for _ in 0..200 {
            let (answer, node) = self.ask(api, version, request).await;
            if !RETRIABLE.contains(&code(&answer)) {
                return (answer, node);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        self.ask(api, version, request).await
    }
}
