//! One topic: its partitions, its configuration, its traffic.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;
use wire::Uuid;

use crate::configs::TopicSettings;
use crate::partition::Partition;
use crate::stats::Traffic;

/// Where groups keep their offsets.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// Where transactions keep their states.
pub const TRANSACTIONS_TOPIC: &str = "__transaction_state";

/// Where share groups keep the states of their records.
pub(crate) const SHARE_STATE_TOPIC: &str = "__share_group_state";

/// One topic.
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) id: Uuid,
    pub(crate) traffic: Traffic,
    partitions: RwLock<Arc<[Arc<Partition>]>>,
    configs: RwLock<BTreeMap<String, String>>,
    settings: RwLock<Arc<TopicSettings>>,
}

impl Topic {
    pub(crate) fn new(
        name: String,
        id: Uuid,
        partitions: Vec<Arc<Partition>>,
        configs: BTreeMap<String, String>,
        settings: TopicSettings,
    ) -> Self {
        Self {
            name,
            id,
            traffic: Traffic::default(),
            partitions: RwLock::new(partitions.into()),
            configs: RwLock::new(configs),
            settings: RwLock::new(Arc::new(settings)),
        }
    }

    /// Whether the broker keeps its own things here.
    pub(crate) fn is_internal(&self) -> bool {
        is_internal(&self.name)
    }

    /// Every partition, by index.
    pub(crate) fn partitions(&self) -> Arc<[Arc<Partition>]> {
        Arc::clone(&self.partitions.read())
    }

    /// The partition with this index.
    pub(crate) fn partition(&self, index: i32) -> Option<Arc<Partition>> {
        let index = usize::try_from(index).ok()?;
        self.partitions.read().get(index).cloned()
    }

    /// Adds partitions behind the others.
    pub(crate) fn extend(&self, more: Vec<Arc<Partition>>) {
        let mut partitions = self.partitions.write();
        *partitions = partitions.iter().cloned().chain(more).collect();
    }

    /// What was set for this topic itself.
    pub(crate) fn configs(&self) -> BTreeMap<String, String> {
        self.configs.read().clone()
    }

    /// The values in force.
    pub(crate) fn settings(&self) -> Arc<TopicSettings> {
        Arc::clone(&self.settings.read())
    }

    /// Changes what is set and what is in force.
    pub(crate) fn configure(&self, configs: BTreeMap<String, String>, settings: TopicSettings) {
        for partition in self.partitions().iter() {
            partition.log.set_config(settings.log.clone());
        }
        *self.settings.write() = Arc::new(settings);
        *self.configs.write() = configs;
    }
}

/// Whether the broker keeps its own things in a topic of this name.
pub(crate) fn is_internal(name: &str) -> bool {
    [OFFSETS_TOPIC, TRANSACTIONS_TOPIC, SHARE_STATE_TOPIC].contains(&name)
}
