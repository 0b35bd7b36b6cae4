//! What the broker itself remembers across starts, in `broker.json`: changed configuration, the producer ids it may
//! have given out, and how many changes of metadata it may have told of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::config::OpenError;
use crate::configs::Dynamic;
use crate::files;

const STATE_FILE: &str = "broker.json";

/// Ids reserved at a time: one write for so many producers.
const PRODUCER_IDS_RESERVED: i64 = 1000;

/// Changes of metadata told of between two writes.
const METADATA_RESERVED: i64 = 1000;

/// The file's content.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Content {
    /// Of this broker.
    configs: BTreeMap<String, String>,
    /// Of all brokers that have none of their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    cluster_configs: BTreeMap<String, String>,
    /// What groups have set, by group.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    groups: BTreeMap<String, BTreeMap<String, String>>,
    /// Levels of features that were changed, and how often that was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    features: BTreeMap<String, i16>,
    #[serde(default)]
    features_epoch: i64,
    /// No id from here on was given out.
    producer_id_end: i64,
    /// Nobody was told of so many changes of metadata.
    #[serde(default)]
    metadata_end: i64,
    /// The last one told.
    #[serde(default)]
    leader_epoch: i32,
}

/// What is told of the quorum that Kafka keeps metadata by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quorum {
    /// Counts the starts after which it was asked for, from 1: with each, this one voter was elected again.
    pub(crate) leader_epoch: i32,
    /// How often metadata was changed.
    pub(crate) log_end_offset: i64,
}

/// The file and what is in it.
pub(crate) struct StateFile {
    path: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    content: Content,
    next_producer_id: i64,
    /// Changes of metadata before anything else is counted: what may have been told before, and this start.
    metadata_from: i64,
    /// Changes kept in this file since.
    changes: u64,
    /// The quorum's since this start.
    leader_epoch: i32,
}

impl Inner {
    /// Keeps a change, on disk before in force.
    fn change(&mut self, path: &Path, content: Content) -> std::io::Result<()> {
        files::write_private_json(path, &content)?;
        self.content = content;
        self.changes += 1;
        Ok(())
    }
}

impl StateFile {
    pub(crate) fn open(root: &Path) -> Result<Self, OpenError> {
        let path = root.join(STATE_FILE);
        let content: Content = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| OpenError::State { path: path.clone(), problem: error.to_string() })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Content::default(),
            Err(source) => return Err(OpenError::Read { path, source }),
        };
        let next_producer_id = content.producer_id_end;
        let metadata_from = content.metadata_end.saturating_add(1);
        let leader_epoch = content.leader_epoch.saturating_add(1);
        let inner = Inner { content, next_producer_id, metadata_from, changes: 0, leader_epoch };
        Ok(Self { path, inner: Mutex::new(inner) })
    }

    /// Configuration changed while the broker ran.
    pub(crate) fn configs(&self) -> Dynamic {
        let content = &self.inner.lock().content;
        Dynamic { own: content.configs.clone(), cluster: content.cluster_configs.clone() }
    }

    pub(crate) fn set_configs(&self, dynamic: Dynamic) -> std::io::Result<()> {
        let mut inner = self.inner.lock();
        let Dynamic { own: configs, cluster: cluster_configs } = dynamic;
        let content = Content { configs, cluster_configs, ..inner.content.clone() };
        inner.change(&self.path, content)
    }

    /// What a group has set.
    pub(crate) fn group_configs(&self, group: &str) -> BTreeMap<String, String> {
        self.inner.lock().content.groups.get(group).cloned().unwrap_or_default()
    }

    /// Groups that have something set.
    pub(crate) fn configured_groups(&self) -> Vec<String> {
        self.inner.lock().content.groups.keys().cloned().collect()
    }

    pub(crate) fn set_group_configs(
        &self,
        group: &str,
        configs: BTreeMap<String, String>,
    ) -> std::io::Result<()> {
        let mut inner = self.inner.lock();
        let mut content = inner.content.clone();
        if configs.is_empty() {
            content.groups.remove(group);
        } else {
            content.groups.insert(group.to_owned(), configs);
        }
        inner.change(&self.path, content)
    }

    /// Levels of features that were changed.
    pub(crate) fn features(&self) -> BTreeMap<String, i16> {
        self.inner.lock().content.features.clone()
    }

    /// How often levels were changed.
    pub(crate) fn features_epoch(&self) -> i64 {
        self.inner.lock().content.features_epoch
    }

    /// Changes levels of features, all or none.
    pub(crate) fn set_features(&self, levels: BTreeMap<String, i16>) -> std::io::Result<()> {
        let mut inner = self.inner.lock();
        let mut content = inner.content.clone();
        content.features.extend(levels);
        content.features_epoch += 1;
        inner.change(&self.path, content)
    }

    /// The quorum after so many changes of metadata `elsewhere` since the start, and all that was kept here: its log
    /// only grows, after a crash too, and then skips some.
    pub(crate) fn quorum(&self, elsewhere: u64) -> std::io::Result<Quorum> {
        let mut inner = self.inner.lock();
        let changes = i64::try_from(inner.changes.saturating_add(elsewhere)).unwrap_or(i64::MAX);
        let log_end_offset = inner.metadata_from.saturating_add(changes);
        // Always so the first time after a start.
        if log_end_offset >= inner.content.metadata_end {
            let metadata_end = log_end_offset.saturating_add(METADATA_RESERVED);
            let leader_epoch = inner.leader_epoch;
            let content = Content { metadata_end, leader_epoch, ..inner.content.clone() };
            files::write_private_json(&self.path, &content)?;
            inner.content = content;
        }
        Ok(Quorum { leader_epoch: inner.leader_epoch, log_end_offset })
    }

    /// An id no producer had before, after a crash neither.
    pub(crate) fn next_producer_id(&self) -> std::io::Result<i64> {
        let mut inner = self.inner.lock();
        if inner.next_producer_id >= inner.content.producer_id_end {
            let producer_id_end = inner.next_producer_id + PRODUCER_IDS_RESERVED;
            let content = Content { producer_id_end, ..inner.content.clone() };
            inner.change(&self.path, content)?;
        }
        let id = inner.next_producer_id;
        inner.next_producer_id += 1;
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted_over_every_start() {
        let dir = tempfile::tempdir().unwrap();
        let mut told = 0;
        for leader_epoch in 1..4 {
            let state = StateFile::open(dir.path()).unwrap();
            let first = state.quorum(0).unwrap().log_end_offset;
            assert!(first > told);
            state.set_features(BTreeMap::new()).unwrap();
            assert_eq!(state.quorum(0).unwrap(), Quorum { leader_epoch, log_end_offset: first + 1 });
            let last = state.quorum(2500).unwrap();
            assert_eq!(last, Quorum { leader_epoch, log_end_offset: first + 2501 });
            told = last.log_end_offset;
        }
    }

    #[test]
    fn producer_ids_are_never_given_twice() {
        let dir = tempfile::tempdir().unwrap();
        let mut given = std::collections::HashSet::new();
        for _ in 0..3 {
            let state = StateFile::open(dir.path()).unwrap();
            for _ in 0..1500 {
                assert!(given.insert(state.next_producer_id().unwrap()));
            }
        }
    }
}
