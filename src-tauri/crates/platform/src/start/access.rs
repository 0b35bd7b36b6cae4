//! How the commands of this computer's user come in where the broker asks who one is.

use cluster::ClusterConfig;
use serde::{Deserialize, Serialize};

use crate::config::write_private;
use crate::error::StartError;
use crate::paths::Paths;

/// Kept for the user alone while the process runs; of no use afterwards, the password is made up for the run.
#[derive(Serialize, Deserialize)]
pub(crate) struct LocalAccess {
    kafka: String,
    registry: String,
    properties: std::collections::BTreeMap<String, String>,
}

impl LocalAccess {
    pub(crate) fn of(cluster: &ClusterConfig) -> Self {
        Self {
            kafka: cluster.bootstrap_servers.clone(),
            registry: cluster.registry.as_ref().map(|registry| registry.url.clone()).unwrap_or_default(),
            properties: cluster.properties.clone(),
        }
    }

    /// None: nothing runs, or it lets everybody of this computer in.
    pub(crate) fn read(paths: &Paths) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(paths.access_file()).ok()?).ok()
    }

    pub(crate) fn cluster(self) -> ClusterConfig {
        ClusterConfig { properties: self.properties, ..ClusterConfig::local(self.kafka, self.registry) }
    }

    pub(crate) fn write(&self, paths: &Paths) -> Result<(), StartError> {
        let path = paths.access_file();
        let text = serde_json::to_string(self).map_err(std::io::Error::from);
        let written = text.and_then(|text| write_private(&path, &text));
        written.map_err(|source| StartError::io(&path, source))
    }

    /// Whatever a process that was killed left, or this one no longer needs.
    pub(crate) fn remove(paths: &Paths) {
        match std::fs::remove_file(paths.access_file()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "access file not removed");
            }
            _ => {}
        }
    }
}
