//! The small APIs, and values no client sends.

use testkit::Random;
use wire::messages::*;
use wire::{ApiKey, Uuid};

use super::club::CLUBS;
use super::crowd::CROWDS;
use super::script::{GROUPS, LASTING, PATIENCE_MS, TOPICS, Text};
use super::side::Side;
use super::tree::Node;

#[derive(Debug, Clone)]
pub(super) enum Small {
    FindCoordinator {
        keys: Vec<Text>,
        kind: i8,
    },
    DescribeCluster {
        endpoint_type: i8,
    },
    ListTransactions {
        states: Vec<Text>,
        pattern: Option<Text>,
        duration_ms: i64,
    },
    ElectLeaders {
        kind: i8,
        topic: Text,
        partition: i32,
    },
    Reassignments {
        topics: Vec<Text>,
    },
    ListGroups {
        states: Vec<Text>,
        types: Vec<Text>,
    },
    DeleteGroups {
        groups: Vec<Text>,
    },
    OffsetDelete {
        group: Text,
        topic: Text,
        partitions: Vec<i32>,
    },
    /// An id that no topic has.
    FetchUnknown {
        committed: bool,
    },
    CommitUnknown {
        group: Text,
        generation: i32,
        member: Text,
    },
    ProduceUnknown {
        acks: i16,
    },
    JoinOdd {
        group: Text,
        member: Text,
        protocol_type: Text,
        protocols: Vec<Text>,
        session_ms: i32,
    },
    SyncOdd {
        group: Text,
        member: Text,
        generation: i32,
    },
    EpochOdd {
        topic: Text,
        partition: i32,
        epoch: i32,
        current: i32,
    },
    DescribeOdd {
        kind: i8,
        name: Text,
    },
}

impl Small {
    pub(super) fn choose(random: &mut Random) -> (ApiKey, Small) {
        let topic = *random.pick(&[TOPICS[0], TOPICS[1], LASTING[0], "no-topic", "", "bad name"]);
        let partition = *random.pick(&[0, 0, 1, 7, -1]);
        let group = *random.pick(&[GROUPS[0], CROWDS[0], CLUBS[0], "no-group", ""]);
        let member = *random.pick(&["", "nobody"]);
        match random.below(16) {
            0 => {
                let keys =
                    random.pick(&[vec!["group-a"], vec!["group-a", "txn-a"], vec![""], vec![]]).clone();
                (
                    ApiKey::FindCoordinator,
                    Small::FindCoordinator { keys, kind: *random.pick(&[0, 1, 2, 3, -1]) },
                )
            }
            1 => {
                (ApiKey::DescribeCluster, Small::DescribeCluster { endpoint_type: *random.pick(&[1, 1, 2]) })
            }
            2 => {
                let states = random.pick(&[vec![], vec!["Ongoing"], vec!["Empty", "Odd"]]).clone();
                let pattern = *random.pick(&[None, Some(""), Some(".*txn-a"), Some("(")]);
                let duration_ms = *random.pick(&[-1, 0, 3_600_000]);
                (ApiKey::ListTransactions, Small::ListTransactions { states, pattern, duration_ms })
            }
            3 => {
                let kind = *random.pick(&[0, 0, 1, 5]);
                (ApiKey::ElectLeaders, Small::ElectLeaders { kind, topic, partition })
            }
            4 => {
                let topics = if random.one_in(2) { TOPICS.to_vec() } else { vec!["no-topic"] };
                (ApiKey::ListPartitionReassignments, Small::Reassignments { topics })
            }
            5..7 => {
                let states = random
                    .pick(&[
                        vec![],
                        vec!["Stable"],
                        vec!["empty"],
                        vec!["NotReady"],
                        vec!["Assigning"],
                        vec!["odd"],
                    ])
                    .clone();
                let types = random
                    .pick(&[vec![], vec!["classic"], vec!["Consumer"], vec!["share", "streams"], vec!["odd"]])
                    .clone();
                (ApiKey::ListGroups, Small::ListGroups { states, types })
            }
            7 => {
                let other = *random.pick(&[CROWDS[1], CLUBS[1]]);
                (ApiKey::DeleteGroups, Small::DeleteGroups { groups: vec![group, other] })
            }
            8..10 => {
                let partitions = random.pick(&[vec![0], vec![0, 1, 7], vec![-1]]).clone();
                let topic = *random.pick(&[LASTING[0], LASTING[1], topic]);
                (ApiKey::OffsetDelete, Small::OffsetDelete { group, topic, partitions })
            }
            10 => (ApiKey::Fetch, Small::FetchUnknown { committed: random.one_in(2) }),
            11 => {
                let generation = *random.pick(&[-1, 0, 3]);
                (ApiKey::OffsetCommit, Small::CommitUnknown { group, generation, member })
            }
            12 => (ApiKey::Produce, Small::ProduceUnknown { acks: *random.pick(&[-1, 1]) }),
            13 => {
                let protocol_type = *random.pick(&["consumer", "connect", ""]);
                let protocols = random.pick(&[vec!["range"], vec![]]).clone();
                let session_ms = *random.pick(&[PATIENCE_MS, 0, -5, i32::MAX]);
                // Somebody unknown, or nothing that could be let in.
                let refused = protocol_type.is_empty() || protocols.is_empty();
                let member = if refused { member } else { "nobody" };
                let group = *random.pick(&["", CROWDS[0]]);
                let ask = Small::JoinOdd {
                    group,
                    member: if group.is_empty() { "" } else { member },
                    protocol_type,
                    protocols,
                    session_ms,
                };
                (ApiKey::JoinGroup, ask)
            }
            14 => {
                let generation = *random.pick(&[-1, 0, 1]);
                (ApiKey::SyncGroup, Small::SyncOdd { group, member, generation })
            }
            _ if random.one_in(2) => {
                let (epoch, current) = (*random.pick(&[0, -1, -2, 9]), *random.pick(&[-1, 0, 9, -9]));
                (ApiKey::OffsetForLeaderEpoch, Small::EpochOdd { topic, partition, epoch, current })
            }
            _ => {
                let kind = *random.pick(&[2, 4, 8, 16, 32, 99, 0]);
                let name = *random.pick(&["", "1", "7", "x", "no-topic", "group-a"]);
                (ApiKey::DescribeConfigs, Small::DescribeOdd { kind, name })
            }
        }
    }

    pub(super) fn only_looks(&self) -> bool {
        matches!(
            self,
            Small::FindCoordinator { .. }
                | Small::DescribeCluster { .. }
                | Small::ListTransactions { .. }
                | Small::ElectLeaders { .. }
                | Small::Reassignments { .. }
                | Small::ListGroups { .. }
                | Small::FetchUnknown { .. }
                | Small::EpochOdd { .. }
                | Small::DescribeOdd { .. }
        )
    }
}

impl Side {
    pub(super) async fn play_small(&mut self, v: i16, ask: &Small) -> Node {
        let unknown = Uuid([9; 16]);
        match ask {
            Small::FindCoordinator { keys, kind } => {
                let request = find_coordinator::FindCoordinatorRequest {
                    key: keys.first().map(|key| self.name(key)).unwrap_or_default(),
                    key_type: *kind,
                    coordinator_keys: keys.iter().map(|key| self.name(key)).collect(),
                };
                let api = ApiKey::FindCoordinator;
                self.ask::<_, find_coordinator::FindCoordinatorResponse>(api, v, &request).await.1
            }
            Small::DescribeCluster { endpoint_type } => {
                let request = describe_cluster::DescribeClusterRequest {
                    include_cluster_authorized_operations: true,
                    endpoint_type: *endpoint_type,
                    include_fenced_brokers: true,
                };
                let api = ApiKey::DescribeCluster;
                self.ask::<_, describe_cluster::DescribeClusterResponse>(api, v, &request).await.1
            }
            Small::ListTransactions { states, pattern, duration_ms } => {
                let request = list_transactions::ListTransactionsRequest {
                    state_filters: states.iter().map(|&state| state.into()).collect(),
                    producer_id_filters: Vec::new(),
                    duration_filter: *duration_ms,
                    transactional_id_pattern: pattern.map(Into::into),
                };
                let (mut answer, _): (list_transactions::ListTransactionsResponse, _) =
                    self.ask(ApiKey::ListTransactions, v, &request).await;
                let prefix = self.prefix().to_owned();
                answer.transaction_states.retain(|state| state.transactional_id.starts_with(&prefix));
                self.normalised(Node::of(&answer))
            }
            Small::ElectLeaders { kind, topic, partition } => {
                let request = elect_leaders::ElectLeadersRequest {
                    election_type: *kind,
                    topic_partitions: Some(vec![elect_leaders::TopicPartitions {
                        topic: self.name(topic),
                        partitions: vec![*partition],
                    }]),
                    timeout_ms: 10_000,
                };
                let api = ApiKey::ElectLeaders;
                self.ask::<_, elect_leaders::ElectLeadersResponse>(api, v, &request).await.1
            }
            Small::Reassignments { topics } => {
                use list_partition_reassignments as list;
                let topic = |topic: &Text| list::ListPartitionReassignmentsTopics {
                    name: self.name(topic),
                    partition_indexes: vec![0],
                };
                let request = list::ListPartitionReassignmentsRequest {
                    timeout_ms: 10_000,
                    topics: Some(topics.iter().map(topic).collect()),
                };
                let api = ApiKey::ListPartitionReassignments;
                self.ask::<_, list::ListPartitionReassignmentsResponse>(api, v, &request).await.1
            }
            Small::ListGroups { states, types } => {
                let request = list_groups::ListGroupsRequest {
                    states_filter: states.iter().map(|&state| state.into()).collect(),
                    types_filter: types.iter().map(|&of| of.into()).collect(),
                };
                let (mut answer, _): (list_groups::ListGroupsResponse, _) =
                    self.ask(ApiKey::ListGroups, v, &request).await;
                let prefix = self.prefix().to_owned();
                answer.groups.retain(|group| group.group_id.starts_with(&prefix));
                self.normalised(Node::of(&answer))
            }
            Small::DeleteGroups { groups } => {
                let request = delete_groups::DeleteGroupsRequest {
                    groups_names: groups.iter().map(|group| self.name(group)).collect(),
                };
                self.ask::<_, delete_groups::DeleteGroupsResponse>(ApiKey::DeleteGroups, v, &request).await.1
            }
            Small::OffsetDelete { group, topic, partitions } => {
                let partition =
                    |&partition_index: &i32| offset_delete::OffsetDeleteRequestPartition { partition_index };
                let request = offset_delete::OffsetDeleteRequest {
                    group_id: self.name(group),
                    topics: vec![offset_delete::OffsetDeleteRequestTopic {
                        name: self.name(topic),
                        partitions: partitions.iter().map(partition).collect(),
                    }],
                };
                self.ask::<_, offset_delete::OffsetDeleteResponse>(ApiKey::OffsetDelete, v, &request).await.1
            }
            Small::FetchUnknown { committed } => {
                let request = fetch::FetchRequest {
                    max_wait_ms: 0,
                    isolation_level: i8::from(*committed),
                    topics: vec![fetch::FetchTopic {
                        topic: self.name("no-topic"),
                        topic_id: unknown,
                        partitions: vec![
                            fetch::FetchPartition::default(),
                            fetch::FetchPartition { partition: -1, ..Default::default() },
                        ],
                    }],
                    ..Default::default()
                };
                self.ask::<_, fetch::FetchResponse>(ApiKey::Fetch, v, &request).await.1
            }
            Small::CommitUnknown { group, generation, member } => {
                let request = offset_commit::OffsetCommitRequest {
                    group_id: self.name(group),
                    generation_id_or_member_epoch: *generation,
                    member_id: (*member).into(),
                    topics: vec![offset_commit::OffsetCommitRequestTopic {
                        name: self.name("no-topic"),
                        topic_id: unknown,
                        partitions: vec![offset_commit::OffsetCommitRequestPartition::default()],
                    }],
                    ..Default::default()
                };
                self.ask::<_, offset_commit::OffsetCommitResponse>(ApiKey::OffsetCommit, v, &request).await.1
            }
            Small::ProduceUnknown { acks } => {
                let batch = crate::client::batch(&["lost"]);
                let name = self.name("no-topic");
                let at = (name.as_str(), unknown, 0);
                let body = crate::client::Client::produce_body_to(v, at, *acks, None, &batch);
                self.ask_raw::<produce::ProduceResponse>(ApiKey::Produce, v, &body).await.1
            }
            Small::JoinOdd { group, member, protocol_type, protocols, session_ms } => {
                let protocol = |name: &Text| join_group::JoinGroupRequestProtocol {
                    name: (*name).into(),
                    metadata: bytes::Bytes::from_static(b"\0\x01\0\0\0\0\xff\xff\xff\xff"),
                };
                let request = join_group::JoinGroupRequest {
                    group_id: self.name(group),
                    session_timeout_ms: *session_ms,
                    rebalance_timeout_ms: PATIENCE_MS,
                    member_id: (*member).into(),
                    protocol_type: (*protocol_type).into(),
                    protocols: protocols.iter().map(protocol).collect(),
                    ..Default::default()
                };
                self.ask::<_, join_group::JoinGroupResponse>(ApiKey::JoinGroup, v, &request).await.1
            }
            Small::SyncOdd { group, member, generation } => {
                let request = sync_group::SyncGroupRequest {
                    group_id: self.name(group),
                    generation_id: *generation,
                    member_id: (*member).into(),
                    protocol_type: Some("consumer".into()),
                    protocol_name: Some("range".into()),
                    ..Default::default()
                };
                self.ask::<_, sync_group::SyncGroupResponse>(ApiKey::SyncGroup, v, &request).await.1
            }
            Small::EpochOdd { topic, partition, epoch, current } => {
                use offset_for_leader_epoch as epochs;
                let request = epochs::OffsetForLeaderEpochRequest {
                    replica_id: -1,
                    topics: vec![epochs::OffsetForLeaderTopic {
                        topic: self.name(topic),
                        partitions: vec![epochs::OffsetForLeaderPartition {
                            partition: *partition,
                            current_leader_epoch: *current,
                            leader_epoch: *epoch,
                        }],
                    }],
                };
                let api = ApiKey::OffsetForLeaderEpoch;
                self.ask::<_, epochs::OffsetForLeaderEpochResponse>(api, v, &request).await.1
            }
            Small::DescribeOdd { kind, name } => {
                let keys = vec!["retention.ms".to_owned(), "metrics".to_owned(), "no.such.config".to_owned()];
                let request = describe_configs::DescribeConfigsRequest {
                    resources: vec![describe_configs::DescribeConfigsResource {
                        resource_type: *kind,
                        resource_name: (*name).into(),
                        configuration_keys: Some(keys),
                    }],
                    include_synonyms: true,
                    include_documentation: false,
                };
                let api = ApiKey::DescribeConfigs;
                self.ask::<_, describe_configs::DescribeConfigsResponse>(api, v, &request).await.1
            }
        }
    }
}
