//! What a script may do: requests with names for the ids each broker made up.

use wire::messages::*;
use wire::{ApiKey, Uuid};

use super::batch::Batch;
use super::club::Club;
use super::crowd::Crowd;
use super::flow::Flow;
use super::pool::Pool;
use super::script::{TOPICS, Text};
use super::session;
use super::side::Side;
use super::small::Small;
use super::tree::Node;
use crate::client::Client;

/// One request, and the version it is sent at.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) version: i16,
    pub(super) ask: Ask,
}

#[derive(Debug, Clone)]
pub(super) enum Ask {
    CreateTopic {
        topic: Text,
        partitions: i32,
        factor: i16,
        configs: Vec<(Text, Text)>,
        only_validate: bool,
    },
    DeleteTopic {
        topic: Text,
    },
    CreatePartitions {
        topic: Text,
        count: i32,
        only_validate: bool,
    },
    Metadata {
        topics: Vec<Text>,
    },
    DescribeTopicPartitions {
        topics: Vec<Text>,
        limit: i32,
    },
    DescribeConfigs {
        topic: Text,
        keys: Option<Vec<Text>>,
        synonyms: bool,
    },
    IncrementalAlterConfigs {
        topic: Text,
        changes: Vec<(Text, i8, Option<Text>)>,
        only_validate: bool,
    },
    AlterConfigs {
        topic: Text,
        configs: Vec<(Text, Text)>,
        only_validate: bool,
    },
    Produce {
        topic: Text,
        partition: i32,
        acks: i16,
        batch: Batch,
    },
    Fetch {
        topic: Text,
        partition: i32,
        offset: i64,
        committed: bool,
        bytes: i32,
        epoch: i32,
    },
    ListOffsets {
        topic: Text,
        partition: i32,
        timestamp: i64,
        committed: bool,
        epoch: i32,
    },
    OffsetForLeaderEpoch {
        topic: Text,
        partition: i32,
        epoch: i32,
        current: i32,
    },
    DeleteRecords {
        topic: Text,
        partition: i32,
        offset: i64,
    },
    OffsetCommit {
        group: Text,
        topic: Text,
        partition: i32,
        offset: i64,
        metadata: Option<Text>,
        member: bool,
    },
    OffsetFetch {
        group: Text,
        topics: Option<Vec<Text>>,
    },
    OffsetDelete {
        group: Text,
        topic: Text,
    },
    Join {
        group: Text,
        instance: Option<Text>,
        known: bool,
        protocol: Text,
        session_ms: i32,
    },
    Sync {
        group: Text,
        behind: i32,
    },
    Heartbeat {
        group: Text,
        behind: i32,
    },
    Leave {
        group: Text,
    },
    DescribeGroups {
        groups: Vec<Text>,
    },
    ListGroups {
        states: Vec<Text>,
    },
    DeleteGroups {
        groups: Vec<Text>,
    },
    InitProducerId {
        producer: Text,
        transactional: bool,
        timeout_ms: i32,
        again: bool,
    },
    AddPartitions {
        producer: Text,
        topic: Text,
        partition: i32,
        older: i16,
    },
    AddOffsets {
        producer: Text,
        group: Text,
        older: i16,
    },
    TxnOffsetCommit {
        producer: Text,
        group: Text,
        topic: Text,
        offset: i64,
        older: i16,
    },
    EndTxn {
        producer: Text,
        commit: bool,
        older: i16,
    },
    DescribeTransactions {
        producer: Text,
    },
    DescribeProducers {
        topic: Text,
        partition: i32,
    },
    Crowd(Crowd),
    Club(Club),
    Session(session::Fetch),
    Small(Small),
    Pool(Pool),
    Flow(Flow),
}

impl Step {
    /// Whether it changes nothing, and so can be asked again.
    pub(super) fn only_looks(&self) -> bool {
        match &self.ask {
            Ask::Crowd(ask) => return ask.only_looks(),
            Ask::Club(ask) => return ask.only_looks(),
            Ask::Small(ask) => return ask.only_looks(),
            Ask::Pool(ask) => return ask.only_looks(),
            Ask::Flow(ask) => return ask.only_looks(),
            _ => {}
        }
        matches!(
            self.ask,
            Ask::Metadata { .. }
                | Ask::DescribeTopicPartitions { .. }
                | Ask::DescribeConfigs { .. }
                | Ask::Fetch { .. }
                | Ask::ListOffsets { .. }
                | Ask::OffsetForLeaderEpoch { .. }
                | Ask::OffsetFetch { .. }
                | Ask::DescribeGroups { .. }
                | Ask::ListGroups { .. }
                | Ask::DescribeTransactions { .. }
                | Ask::DescribeProducers { .. }
        )
    }

    /// Whether a leader has to take over before they answer.
    pub(super) fn makes_partitions(&self) -> bool {
        matches!(self.ask, Ask::CreateTopic { .. } | Ask::CreatePartitions { .. })
    }

    /// Where its change is seen.
    pub(super) fn seen_by(&self) -> Option<Step> {
        match &self.ask {
            Ask::CreateTopic { .. } | Ask::DeleteTopic { .. } | Ask::CreatePartitions { .. } => {
                Some(Step { version: 12, ask: Ask::Metadata { topics: TOPICS.to_vec() } })
            }
            Ask::IncrementalAlterConfigs { topic, .. } | Ask::AlterConfigs { topic, .. } => {
                Some(Step { version: 4, ask: Ask::DescribeConfigs { topic, keys: None, synonyms: true } })
            }
            Ask::EndTxn { producer, .. } => {
                Some(Step { version: 0, ask: Ask::DescribeTransactions { producer } })
            }
            _ => None,
        }
    }
}

impl Side {
    /// Sends the step's request in this broker's own ids and learns from the answer.
    pub(super) async fn play(&mut self, step: &Step) -> Node {
        let v = step.version;
        match &step.ask {
            Ask::CreateTopic { topic, partitions, factor, configs, only_validate } => {
                let config = |&(name, value): &(Text, Text)| create_topics::CreatableTopicConfig {
                    name: name.into(),
                    value: Some(value.into()),
                };
                let request = create_topics::CreateTopicsRequest {
                    topics: vec![create_topics::CreatableTopic {
                        name: self.name(topic),
                        num_partitions: *partitions,
                        replication_factor: *factor,
                        configs: configs.iter().map(config).collect(),
                        ..Default::default()
                    }],
                    validate_only: *only_validate,
                    ..Default::default()
                };
                let (answer, node): (create_topics::CreateTopicsResponse, _) =
                    self.ask(ApiKey::CreateTopics, v, &request).await;
                let made = answer.topics.first().is_some_and(|topic| !topic.topic_id.is_zero());
                if made {
                    // Made up for this answer: its text is not in the tree that was read before.
                    return node.map(&|name, node| {
                        Some(if name == "topic_id" { Node::Leaf("an id".into()) } else { node })
                    });
                }
                node
            }
            Ask::DeleteTopic { topic } => {
                self.learn_topics(&[topic]).await;
                let name = self.name(topic);
                let request = delete_topics::DeleteTopicsRequest {
                    topics: vec![delete_topics::DeleteTopicState {
                        name: Some(name.clone()),
                        topic_id: Uuid::ZERO,
                    }],
                    topic_names: vec![name],
                    timeout_ms: 10_000,
                };
                self.ask::<_, delete_topics::DeleteTopicsResponse>(ApiKey::DeleteTopics, v, &request).await.1
            }
            Ask::CreatePartitions { topic, count, only_validate } => {
                let request = create_partitions::CreatePartitionsRequest {
                    topics: vec![create_partitions::CreatePartitionsTopic {
                        name: self.name(topic),
                        count: *count,
                        assignments: None,
                    }],
                    timeout_ms: 10_000,
                    validate_only: *only_validate,
                };
                let api = ApiKey::CreatePartitions;
                self.ask::<_, create_partitions::CreatePartitionsResponse>(api, v, &request).await.1
            }
            Ask::Metadata { topics } => {
                self.learn_topics(topics).await;
                let topic = |name: &Text| metadata::MetadataRequestTopic {
                    name: Some(self.name(name)),
                    ..Default::default()
                };
                let request = metadata::MetadataRequest {
                    topics: Some(topics.iter().map(topic).collect()),
                    allow_auto_topic_creation: false,
                    include_topic_authorized_operations: true,
                    ..Default::default()
                };
                self.ask::<_, metadata::MetadataResponse>(ApiKey::Metadata, v, &request).await.1
            }
            Ask::DescribeTopicPartitions { topics, limit } => {
                self.learn_topics(topics).await;
                let topic = |name: &Text| describe_topic_partitions::TopicRequest { name: self.name(name) };
                let request = describe_topic_partitions::DescribeTopicPartitionsRequest {
                    topics: topics.iter().map(topic).collect(),
                    response_partition_limit: *limit,
                    cursor: None,
                };
                let api = ApiKey::DescribeTopicPartitions;
                type Answer = describe_topic_partitions::DescribeTopicPartitionsResponse;
                self.ask::<_, Answer>(api, v, &request).await.1
            }
            Ask::DescribeConfigs { topic, keys, synonyms } => {
                let keys = keys.as_ref().map(|keys| keys.iter().map(|&key| key.to_owned()).collect());
                let request = describe_configs::DescribeConfigsRequest {
                    resources: vec![describe_configs::DescribeConfigsResource {
                        resource_type: TOPIC_RESOURCE,
                        resource_name: self.name(topic),
                        configuration_keys: keys,
                    }],
                    include_synonyms: *synonyms,
                    include_documentation: false,
                };
                let api = ApiKey::DescribeConfigs;
                self.ask::<_, describe_configs::DescribeConfigsResponse>(api, v, &request).await.1
            }
            Ask::IncrementalAlterConfigs { topic, changes, only_validate } => {
                use incremental_alter_configs::{
                    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
                    IncrementalAlterConfigsResponse,
                };
                let change = |&(name, config_operation, value): &(Text, i8, Option<Text>)| AlterableConfig {
                    name: name.into(),
                    config_operation,
                    value: value.map(Into::into),
                };
                let request = IncrementalAlterConfigsRequest {
                    resources: vec![AlterConfigsResource {
                        resource_type: TOPIC_RESOURCE,
                        resource_name: self.name(topic),
                        configs: changes.iter().map(change).collect(),
                    }],
                    validate_only: *only_validate,
                };
                let api = ApiKey::IncrementalAlterConfigs;
                self.ask::<_, IncrementalAlterConfigsResponse>(api, v, &request).await.1
            }
            Ask::AlterConfigs { topic, configs, only_validate } => {
                use alter_configs::{
                    AlterConfigsRequest, AlterConfigsResource, AlterConfigsResponse, AlterableConfig,
                };
                let config = |&(name, value): &(Text, Text)| AlterableConfig {
                    name: name.into(),
                    value: Some(value.into()),
                };
                let request = AlterConfigsRequest {
                    resources: vec![AlterConfigsResource {
                        resource_type: TOPIC_RESOURCE,
                        resource_name: self.name(topic),
                        configs: configs.iter().map(config).collect(),
                    }],
                    validate_only: *only_validate,
                };
                self.ask::<_, AlterConfigsResponse>(ApiKey::AlterConfigs, v, &request).await.1
            }
            Ask::Produce { topic, partition, acks, batch } => {
                self.learn_topics(&[topic]).await;
                let records = self.batch(batch);
                let id = self.topic_ids.get(*topic).copied().unwrap_or_default();
                let transactional =
                    batch.producer.and_then(|(name, _, _, within)| within.then(|| self.name(name)));
                let name = self.name(topic);
                let body =
                    Client::produce_body_to(v, (&name, id, *partition), *acks, transactional, &records);
                self.ask_raw::<produce::ProduceResponse>(ApiKey::Produce, v, &body).await.1
            }
            Ask::Fetch { topic, partition, offset, committed, bytes, epoch } => {
                self.learn_topics(&[topic]).await;
                let request = fetch::FetchRequest {
                    max_wait_ms: 0,
                    min_bytes: 0,
                    isolation_level: i8::from(*committed),
                    topics: vec![fetch::FetchTopic {
                        topic: self.name(topic),
                        topic_id: self.topic_ids.get(*topic).copied().unwrap_or_default(),
                        partitions: vec![fetch::FetchPartition {
                            partition: *partition,
                            current_leader_epoch: *epoch,
                            fetch_offset: *offset,
                            partition_max_bytes: *bytes,
                            ..Default::default()
                        }],
                    }],
                    ..Default::default()
                };
                self.ask::<_, fetch::FetchResponse>(ApiKey::Fetch, v, &request).await.1
            }
            Ask::ListOffsets { topic, partition, timestamp, committed, epoch } => {
                let request = list_offsets::ListOffsetsRequest {
                    replica_id: -1,
                    isolation_level: i8::from(*committed),
                    topics: vec![list_offsets::ListOffsetsTopic {
                        name: self.name(topic),
                        partitions: vec![list_offsets::ListOffsetsPartition {
                            partition_index: *partition,
                            current_leader_epoch: *epoch,
                            timestamp: *timestamp,
                            ..Default::default()
                        }],
                    }],
                    timeout_ms: 1000,
                };
                self.ask::<_, list_offsets::ListOffsetsResponse>(ApiKey::ListOffsets, v, &request).await.1
            }
            Ask::OffsetForLeaderEpoch { topic, partition, epoch, current } => {
                use offset_for_leader_epoch::{
                    OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderPartition,
                    OffsetForLeaderTopic,
                };
                let request = OffsetForLeaderEpochRequest {
                    replica_id: -1,
                    topics: vec![OffsetForLeaderTopic {
                        topic: self.name(topic),
                        partitions: vec![OffsetForLeaderPartition {
                            partition: *partition,
                            current_leader_epoch: *current,
                            leader_epoch: *epoch,
                        }],
                    }],
                };
                let api = ApiKey::OffsetForLeaderEpoch;
                self.ask::<_, OffsetForLeaderEpochResponse>(api, v, &request).await.1
            }
            Ask::DeleteRecords { topic, partition, offset } => {
                let request = delete_records::DeleteRecordsRequest {
                    topics: vec![delete_records::DeleteRecordsTopic {
                        name: self.name(topic),
                        partitions: vec![delete_records::DeleteRecordsPartition {
                            partition_index: *partition,
                            offset: *offset,
                        }],
                    }],
                    timeout_ms: 10_000,
                };
                self.ask::<_, delete_records::DeleteRecordsResponse>(ApiKey::DeleteRecords, v, &request)
                    .await
                    .1
            }
            Ask::Crowd(ask) => self.play_crowd(v, ask).await,
            Ask::Club(ask) => self.play_club(v, ask).await,
            Ask::Session(fetch) => self.play_session(v, fetch).await,
            Ask::Small(ask) => self.play_small(v, ask).await,
            Ask::Pool(ask) => self.play_pool(v, ask).await,
            Ask::Flow(ask) => self.play_flow(v, ask).await,
            _ => self.play_of_groups(step).await,
        }
    }
}

const TOPIC_RESOURCE: i8 = 2;
