//! `pumphouse topic`.

use std::time::Duration;

use cluster::{ConfigValue, ListedOffset, OffsetSpec, Resource};
use serde_json::json;

use super::{CliError, Connected, Output, pair, table};

pub async fn list(to: &Connected, as_json: bool) -> Result<Output, CliError> {
    let cluster = &to.cluster;
    let metadata = cluster.metadata(Duration::ZERO).await?;
    if as_json {
        let topics: Vec<_> = metadata
            .topics
            .values()
            .map(|topic| {
                json!({
                    "topic": &*topic.name,
                    "partitions": topic.partitions.len(),
                    "replication_factor": topic.replication_factor(),
                    "internal": topic.internal(),
                })
            })
            .collect();
        return Output::json(&topics);
    }
    let rows = metadata.topics.values().map(|topic| {
        vec![
            topic.name.to_string(),
            topic.partitions.len().to_string(),
            topic.replication_factor().to_string(),
        ]
    });
    Ok(Output::text(table(&["topic", "partitions", "replication"], rows)))
}

/// `configs`: `K=V` each.
pub async fn create(
    to: &Connected,
    topic: &str,
    partitions: i32,
    replication_factor: i32,
    configs: &[String],
) -> Result<Output, CliError> {
    let configs = configs.iter().map(|text| pair(text)).collect::<Result<Vec<_>, _>>()?;
    to.cluster.create_topic(topic, partitions, replication_factor, &configs).await?;
    Ok(Output::text(format!("topic {topic} created")))
}

pub async fn describe(to: &Connected, topic: &str, as_json: bool) -> Result<Output, CliError> {
    let cluster = &to.cluster;
    let metadata = cluster.metadata(Duration::ZERO).await?;
    let found = metadata.topic(topic)?;
    let starts = cluster.offsets_of(topic, OffsetSpec::Earliest).await?;
    let ends = cluster.offsets_of(topic, OffsetSpec::Latest).await?;
    let configs = cluster.configs(Resource::Topic(topic.to_owned())).await?;
    let changed: Vec<&ConfigValue> = configs.iter().filter(|config| !config.is_default).collect();
    let offset = |all: &[ListedOffset], id: i32| {
        all.iter().find(|item| item.at.partition == id).and_then(|item| item.offset)
    };
    if as_json {
        let partitions: Vec<_> = found
            .partitions
            .iter()
            .map(|partition| {
                json!({
                    "partition": partition.id,
                    "leader": partition.leader,
                    "replicas": partition.replicas,
                    "isr": partition.isr,
                    "start_offset": offset(&starts, partition.id),
                    "end_offset": offset(&ends, partition.id),
                })
            })
            .collect();
        let configs: serde_json::Map<_, _> =
            changed.iter().map(|config| (config.name.clone(), json!(config.value))).collect();
        return Output::json(&json!({ "topic": topic, "partitions": partitions, "configs": configs }));
    }
    let shown = |offset: Option<i64>| offset.map_or_else(|| "-".to_owned(), |offset| offset.to_string());
    let rows = found.partitions.iter().map(|partition| {
        vec![
            partition.id.to_string(),
            partition.leader.to_string(),
            format!("{:?}", partition.replicas),
            format!("{:?}", partition.isr),
            shown(offset(&starts, partition.id)),
            shown(offset(&ends, partition.id)),
        ]
    });
    let mut text = table(&["partition", "leader", "replicas", "isr", "start", "end"], rows);
    for config in changed {
        text.push_str(&format!("\n{}={}", config.name, config.value.as_deref().unwrap_or("(hidden)")));
    }
    Ok(Output::text(text))
}

pub async fn delete(to: &Connected, topic: &str) -> Result<Output, CliError> {
    to.cluster.delete_topic(topic).await?;
    Ok(Output::text(format!("topic {topic} deleted")))
}
