//! Topics, their partitions and configurations.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::ApiError;
use api::cluster::{ConfigEntry, LOCAL};
use api::commands::Done;
use api::topics::*;
use broker::configs::TOPIC_KEYS;
use cluster::sample::TopicView;
use cluster::{Cluster, ConfigChange, Resource};

use super::clusters::entry;
use super::count;
use crate::error::{invalid, of_cluster};
use crate::platform::Services;

pub(super) async fn list(it: &Services, params: TopicsList) -> Result<Vec<TopicRow>, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let views = cluster.topic_views().await.map_err(of_cluster)?;
    let subjects = subjects(&cluster).await;
    let sizes = sizes(it, &params.cluster, None).await;
    Ok(views.into_iter().map(|view| row(view, &subjects, sizes.as_deref())).collect())
}

pub(super) async fn get(it: &Services, params: TopicGet) -> Result<TopicDetail, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let (view, groups) = cluster.topic_view(&params.topic).await.map_err(of_cluster)?;
    let sizes = sizes(it, &params.cluster, Some(params.topic.clone())).await;
    let partitions = view
        .topic
        .partitions
        .iter()
        .map(|partition| {
            let offsets = view.offsets.iter().find(|(id, ..)| *id == partition.id);
            let (_, start_offset, end_offset) = offsets.copied().unwrap_or_default();
            PartitionRow {
                partition: partition.id,
                leader: partition.leader,
                replicas: partition.replicas.clone(),
                isr: partition.isr.clone(),
                start_offset,
                end_offset,
                size_bytes: sizes
                    .as_ref()
                    .and_then(|sizes| sizes.get(&params.topic)?.get(&partition.id).copied()),
            }
        })
        .collect();
    let groups = groups
        .into_iter()
        .map(|group| TopicGroup {
            group: group.group,
            state: group.state.name().to_owned(),
            members: count(group.members),
            lag: group.lag,
        })
        .collect();
    Ok(TopicDetail { row: row(view, &subjects(&cluster).await, sizes.as_deref()), partitions, groups })
}

fn row(view: TopicView, subjects: &[String], sizes: Option<&Sizes>) -> TopicRow {
    let name = view.topic.name.to_string();
    let subject = |part: &str| {
        let wanted = format!("{name}-{part}");
        subjects.binary_search(&wanted).is_ok().then_some(wanted)
    };
    TopicRow {
        internal: view.topic.internal(),
        partitions: count(view.topic.partitions.len()),
        replication_factor: count(view.topic.replication_factor()),
        under_replicated: count(view.topic.under_replicated()),
        messages: view.messages,
        size_bytes: sizes.map(|sizes| sizes.get(&name).map_or(0, |partitions| partitions.values().sum())),
        messages_in_per_s: view.messages_in_per_s,
        // No protocol tells what is read.
        messages_out_per_s: None,
        cleanup_policy: view.cleanup_policy,
        key_schema: subject("key"),
        value_schema: subject("value"),
        consumers: count(view.consumers),
        trend: view.trend,
        name,
    }
}

/// Sorted; empty without a registry.
async fn subjects(cluster: &Cluster) -> Vec<String> {
    match cluster.schemas() {
        Ok(schemas) => {
            let mut subjects = schemas.known_subjects().await.to_vec();
            subjects.sort();
            subjects
        }
        Err(_) => Vec::new(),
    }
}

/// Bytes on disk by topic and partition.
pub(crate) type Sizes = BTreeMap<String, BTreeMap<i32, u64>>;

/// All sizes as they were a moment ago: thousands of folders are not read for every look at the list.
#[derive(Default)]
pub(crate) struct SizeCache(parking_lot::Mutex<Option<(Instant, Arc<Sizes>)>>);

/// How old a size in the list may be.
const SIZES_AGE_MAX: Duration = Duration::from_secs(3);

/// Of the embedded broker only: librdkafka can't ask for log directories.
async fn sizes(it: &Services, cluster: &str, topic: Option<String>) -> Option<Arc<Sizes>> {
    if cluster != LOCAL {
        return None;
    }
    if topic.is_none()
        && let Some((taken, known)) = &*it.sizes.0.lock()
        && taken.elapsed() < SIZES_AGE_MAX
    {
        return Some(known.clone());
    }
    let log_dir = it.broker.log_dir().to_path_buf();
    let all = topic.is_none();
    let measuring = tokio::task::spawn_blocking(move || measure(log_dir, topic.as_deref()).ok());
    let fresh = Arc::new(measuring.await.ok()??);
    if all {
        *it.sizes.0.lock() = Some((Instant::now(), fresh.clone()));
    }
    Some(fresh)
}

fn measure(log_dir: PathBuf, topic: Option<&str>) -> std::io::Result<Sizes> {
    let mut sizes = Sizes::new();
    for folder in std::fs::read_dir(log_dir)? {
        let folder = folder?;
        let name = folder.file_name();
        let Some((name, partition)) = name.to_str().and_then(|name| name.rsplit_once('-')) else { continue };
        let Ok(partition) = partition.parse::<i32>() else { continue };
        if topic.is_some_and(|topic| topic != name) {
            continue;
        }
        // A topic deleted meanwhile has no size.
        let Ok(files) = std::fs::read_dir(folder.path()) else { continue };
        let bytes = files
            .flatten()
            .filter(|file| file.path().extension().is_some_and(|extension| extension == "log"))
            .filter_map(|file| file.metadata().ok())
            .map(|metadata| metadata.len())
            .sum();
        sizes.entry(name.to_owned()).or_default().insert(partition, bytes);
    }
    Ok(sizes)
}

pub(super) async fn config(it: &Services, params: TopicConfigGet) -> Result<Vec<ConfigEntry>, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let values = cluster.configs(Resource::Topic(params.topic)).await.map_err(of_cluster)?;
    Ok(values.into_iter().map(|value| entry(value, TOPIC_KEYS.iter())).collect())
}

pub(super) async fn config_set(it: &Services, params: TopicConfigSet) -> Result<Done, ApiError> {
    let cluster = it.clusters.writable(&params.cluster)?;
    let change = ConfigChange { name: params.name, value: params.value };
    cluster.alter_configs(Resource::Topic(params.topic), vec![change]).await.map_err(of_cluster)?;
    Ok(Done {})
}

pub(super) async fn create(it: &Services, params: TopicCreate) -> Result<Done, ApiError> {
    if params.topic.is_empty() {
        return Err(invalid("topic: the name is empty"));
    }
    let cluster = it.clusters.writable(&params.cluster)?;
    let configs: Vec<(String, String)> =
        params.configs.into_iter().map(|config| (config.name, config.value)).collect();
    cluster
        .create_topic(&params.topic, params.partitions, params.replication_factor, &configs)
        .await
        .map_err(of_cluster)?;
    Ok(Done {})
}

pub(super) async fn delete(it: &Services, params: TopicDelete) -> Result<Done, ApiError> {
    it.clusters.writable(&params.cluster)?.delete_topic(&params.topic).await.map_err(of_cluster)?;
    Ok(Done {})
}

pub(super) async fn partitions_add(it: &Services, params: TopicPartitionsAdd) -> Result<Done, ApiError> {
    let cluster = it.clusters.writable(&params.cluster)?;
    cluster.add_partitions(&params.topic, params.partitions).await.map_err(of_cluster)?;
    Ok(Done {})
}

pub(super) async fn empty(it: &Services, params: TopicEmpty) -> Result<Done, ApiError> {
    it.clusters.writable(&params.cluster)?.empty_topic(&params.topic).await.map_err(of_cluster)?;
    Ok(Done {})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_log_files() {
        let dir = testkit::TempDir::new();
        for (folder, bytes) in [("a-b-0", 3), ("a-b-1", 4), ("other-0", 5), ("no-topic", 6)] {
            std::fs::create_dir_all(dir.join(folder)).expect("made");
            std::fs::write(dir.join(folder).join("00000000000000000000.log"), vec![0; bytes])
                .expect("written");
            std::fs::write(dir.join(folder).join("00000000000000000000.index"), [0; 8]).expect("written");
        }
        let sizes = measure(dir.path().to_path_buf(), None).expect("read");
        assert_eq!(sizes["a-b"], BTreeMap::from([(0, 3), (1, 4)]));
        assert_eq!(sizes.len(), 2);
        assert_eq!(measure(dir.path().to_path_buf(), Some("other")).expect("read").len(), 1);
    }
}
