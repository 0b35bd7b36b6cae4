//! Topics created, widened, emptied, deleted; brokers described.

use std::time::Duration;

use crate::cluster::{CALL_LIMIT, Cluster};
use crate::error::{ClusterError, Result};
use crate::ffi::{self, ClusterDescription, ListedOffset, NewTopic, OffsetSpec, TopicPartition};

/// After a change, the broker's metadata is asked until it shows it, at most this long.
const SETTLE_LIMIT: Duration = Duration::from_secs(3);
const SETTLE_STEP: Duration = Duration::from_millis(20);

impl Cluster {
    /// Brokers and controller.
    pub async fn describe(&self) -> Result<ClusterDescription> {
        self.call("describe cluster", CALL_LIMIT, ffi::describe_cluster).await
    }

    /// Returns when the topic is in the cluster's metadata. −1 leaves a number to the broker.
    pub async fn create_topic(
        &self,
        topic: &str,
        partitions: i32,
        replication_factor: i32,
        configs: &[(String, String)],
    ) -> Result<()> {
        check_count("partitions", partitions)?;
        check_count("replication_factor", replication_factor)?;
        let name = topic.to_owned();
        let configs = configs.to_vec();
        self.call("create topic", CALL_LIMIT, move |client, limit| {
            let topic = NewTopic { name: &name, partitions, replication_factor, configs: &configs };
            ffi::create_topic(client, &topic, false, limit)
        })
        .await?;
        self.settle(|metadata| metadata.topics.get(topic).is_some_and(|topic| topic.offline() == 0)).await
    }

    /// Returns when the topic has left the cluster's metadata.
    pub async fn delete_topic(&self, topic: &str) -> Result<()> {
        let name = topic.to_owned();
        self.call("delete topic", CALL_LIMIT, move |client, limit| ffi::delete_topic(client, &name, limit))
            .await?;
        self.settle(|metadata| !metadata.topics.contains_key(topic)).await
    }

    /// `total` is the new number of partitions.
    pub async fn add_partitions(&self, topic: &str, total: i32) -> Result<()> {
        let known = self.metadata_with(topic).await?;
        let before = known.topic(topic)?.partitions.len();
        let wanted = usize::try_from(total).unwrap_or(0);
        if wanted <= before {
            return Err(ClusterError::Invalid(format!(
                "topic '{topic}' has {before} partitions; the new total must be larger, not {total}"
            )));
        }
        let name = topic.to_owned();
        self.call("add partitions", CALL_LIMIT, move |client, limit| {
            ffi::add_partitions(client, &name, wanted, limit)
        })
        .await?;
        self.settle(|metadata| {
            metadata.topics.get(topic).is_some_and(|topic| topic.partitions.len() >= wanted)
        })
        .await
    }

    /// Deletes all records up to the current end of every partition.
    pub async fn empty_topic(&self, topic: &str) -> Result<()> {
        let ends = self.offsets_of(topic, OffsetSpec::Latest).await?;
        let before: Vec<_> = ends.into_iter().filter_map(|end| Some((end.at, end.offset?))).collect();
        let what = format!("topic '{topic}'");
        self.call("delete records", CALL_LIMIT * 2, move |client, limit| {
            ffi::delete_records(client, &what, &before, limit)
        })
        .await?;
        self.refresh().await;
        Ok(())
    }

    /// In one request per leader, however many partitions.
    pub async fn list_offsets(&self, wanted: Vec<(TopicPartition, OffsetSpec)>) -> Result<Vec<ListedOffset>> {
        self.call("list offsets", CALL_LIMIT, move |client, limit| ffi::list_offsets(client, &wanted, limit))
            .await
    }

    /// The same of every partition of one topic.
    pub async fn offsets_of(&self, topic: &str, spec: OffsetSpec) -> Result<Vec<ListedOffset>> {
        let metadata = self.metadata_with(topic).await?;
        let topic = metadata.topic(topic)?;
        let wanted = topic
            .partitions
            .iter()
            .map(|partition| (TopicPartition::new(topic.name.clone(), partition.id), spec))
            .collect();
        self.list_offsets(wanted).await
    }

    /// Waits until the metadata shows a change; the change is made in any case.
    async fn settle(&self, done: impl Fn(&crate::Metadata) -> bool) -> Result<()> {
        let deadline = tokio::time::Instant::now() + SETTLE_LIMIT;
        while !done(&*self.metadata(Duration::ZERO).await?) && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(SETTLE_STEP).await;
        }
        self.refresh().await;
        Ok(())
    }
}

/// −1 asks for the broker's default.
fn check_count(field: &str, count: i32) -> Result<()> {
    if count == -1 || count > 0 {
        return Ok(());
    }
    Err(ClusterError::Invalid(format!(
        "{field} must be positive, or -1 for the broker's default, not {count}"
    )))
}
