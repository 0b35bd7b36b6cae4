//! What the cluster consists of: brokers, topics, partitions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::producer::Producer;

use crate::client::Shared;
use crate::error::{ClusterError, Result};
use crate::ffi::TopicPartition;

/// One look at the whole cluster.
#[derive(Debug, Clone)]
pub struct Metadata {
    pub(crate) taken: Instant,
    /// Ids of the live brokers.
    pub brokers: Vec<i32>,
    pub topics: BTreeMap<Arc<str>, Topic>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    pub name: Arc<str>,
    /// By id.
    pub partitions: Vec<Partition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    pub id: i32,
    /// −1: none, the partition is offline.
    pub leader: i32,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
}

impl Topic {
    /// Kafka's own, or by convention.
    pub fn internal(&self) -> bool {
        self.name.starts_with('_')
    }

    pub fn replication_factor(&self) -> usize {
        self.partitions.first().map_or(0, |partition| partition.replicas.len())
    }

    pub fn under_replicated(&self) -> usize {
        self.partitions.iter().filter(|partition| partition.isr.len() < partition.replicas.len()).count()
    }

    pub fn offline(&self) -> usize {
        self.partitions.iter().filter(|partition| partition.leader < 0).count()
    }
}

impl Metadata {
    pub(crate) fn fetch(client: &Shared, limit: Duration) -> Result<Self> {
        let native = client
            .client()
            .fetch_metadata(None, limit)
            .map_err(|error| ClusterError::from_kafka("metadata", &error))?;
        let mut topics = BTreeMap::new();
        for topic in native.topics() {
            let name: Arc<str> = topic.name().into();
            let mut partitions: Vec<Partition> = topic
                .partitions()
                .iter()
                .map(|partition| Partition {
                    id: partition.id(),
                    leader: partition.leader(),
                    replicas: partition.replicas().to_vec(),
                    isr: partition.isr().to_vec(),
                })
                .collect();
            partitions.sort_by_key(|partition| partition.id);
            topics.insert(name.clone(), Topic { name, partitions });
        }
        Ok(Self {
            taken: Instant::now(),
            brokers: native.brokers().iter().map(|broker| broker.id()).collect(),
            topics,
        })
    }

    /// The topic, or an error that names it.
    pub fn topic(&self, name: &str) -> Result<&Topic> {
        self.topics.get(name).ok_or_else(|| ClusterError::topic_missing(name))
    }

    pub fn partition_count(&self) -> usize {
        self.topics.values().map(|topic| topic.partitions.len()).sum()
    }

    /// Every partition that has a leader.
    pub(crate) fn online(&self) -> impl Iterator<Item = TopicPartition> + '_ {
        self.topics.values().flat_map(|topic| {
            topic
                .partitions
                .iter()
                .filter(|partition| partition.leader >= 0)
                .map(|partition| TopicPartition::new(topic.name.clone(), partition.id))
        })
    }
}
