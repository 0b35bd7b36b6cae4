//! Configurations of topics and brokers.

use crate::cluster::{CALL_LIMIT, Cluster};
use crate::error::{ClusterError, Result};
use crate::ffi::{self, ConfigChange, ConfigValue, Resource};

impl Cluster {
    /// Sorted by name.
    pub async fn configs(&self, resource: Resource) -> Result<Vec<ConfigValue>> {
        if let Resource::Topic(topic) = &resource {
            self.metadata_with(topic).await?;
        }
        let all = self
            .call("describe configs", CALL_LIMIT, move |client, limit| {
                ffi::describe_configs(client, &[resource], limit)
            })
            .await?;
        let mut values = all.into_iter().next().map(|(_, values)| values).unwrap_or_default();
        values.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(values)
    }

    /// Changes the keys named and no other.
    pub async fn alter_configs(&self, resource: Resource, changes: Vec<ConfigChange>) -> Result<()> {
        if let Some(unnamed) = changes.iter().find(|change| change.name.trim().is_empty()) {
            return Err(ClusterError::Invalid(format!(
                "a config without a name (value {:?})",
                unnamed.value
            )));
        }
        if let Resource::Topic(topic) = &resource {
            self.metadata_with(topic).await?;
            self.inner.sampler.forget_policy(topic);
        }
        self.call("alter configs", CALL_LIMIT, move |client, limit| {
            ffi::alter_configs(client, &resource, &changes, limit)
        })
        .await?;
        self.refresh().await;
        Ok(())
    }
}
