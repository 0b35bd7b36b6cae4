//! Every cluster the window can look at: the embedded one and those attached.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::ApiError;
use api::cluster::{ClusterRow, LOCAL};
use api::error::ErrorCode;
use cluster::{Cluster, ClusterConfig, RegistryConfig};
use parking_lot::{Mutex, RwLock};

use crate::config::{AttachedCluster, Config};
use crate::metrics::Metrics;

/// What a cluster of a connection, not of the configuration, is kept under.
const CONNECTION_PREFIX: &str = "connection:";
/// Clusters known by a DAG's connection only.
const CONNECTIONS_MAX: usize = 32;

pub(crate) struct Clusters {
    local: Cluster,
    local_row: ClusterRow,
    attached: RwLock<BTreeMap<String, AttachedCluster>>,
    /// Opened so far.
    open: Mutex<BTreeMap<String, Cluster>>,
    /// None: nothing is recorded, e.g. for a run in the foreground.
    metrics: Option<Metrics>,
}

impl Clusters {
    /// `local`: how the embedded cluster is reached from here; `kafka`: what clients are given.
    pub(crate) fn new(
        config: &Config,
        local: ClusterConfig,
        kafka: &str,
        metrics: Option<Metrics>,
    ) -> Arc<Self> {
        let registry_url = local.registry.as_ref().map(|registry| registry.url.clone());
        let local = Cluster::connect(local);
        let local_row = ClusterRow {
            id: LOCAL.to_owned(),
            name: "Local".to_owned(),
            color: None,
            bootstrap_servers: kafka.to_owned(),
            registry_url,
            read_only: false,
        };
        Arc::new(Self {
            local,
            local_row,
            attached: RwLock::new(config.clusters.clone()),
            open: Mutex::default(),
            metrics,
        })
    }

    pub(crate) fn local(&self) -> &Cluster {
        &self.local
    }

    /// The local one first.
    pub(crate) fn rows(&self) -> Vec<ClusterRow> {
        let attached = self.attached.read();
        let attached = attached.iter().map(|(id, cluster)| ClusterRow {
            id: id.clone(),
            name: cluster.name.clone().unwrap_or_else(|| id.clone()),
            color: cluster.color.clone(),
            bootstrap_servers: cluster.bootstrap_servers.clone(),
            registry_url: registry_config(cluster).map(|registry| registry.shown_url()),
            read_only: cluster.read_only,
        });
        std::iter::once(self.local_row.clone()).chain(attached).collect()
    }

    /// Connects at the first use.
    pub(crate) fn get(&self, id: &str) -> Result<Cluster, ApiError> {
        if id == LOCAL {
            return Ok(self.local.clone());
        }
        let attached = self.attached.read().get(id).cloned().ok_or_else(|| missing(id))?;
        let mut open = self.open.lock();
        if let Some(cluster) = open.get(id) {
            return Ok(cluster.clone());
        }
        let cluster = Cluster::connect(cluster_config(&attached));
        if let Some(metrics) = &self.metrics {
            metrics.record(id, cluster.keep_sampling(), None);
        }
        open.insert(id.to_owned(), cluster.clone());
        Ok(cluster)
    }

    /// As [`Clusters::get`], for a command that changes something.
    pub(crate) fn writable(&self, id: &str) -> Result<Cluster, ApiError> {
        if self.attached.read().get(id).is_some_and(|attached| attached.read_only) {
            return Err(ApiError::new(ErrorCode::Refused, format!("Cluster '{id}' is read-only")).with_hint(
                format!("Set read_only = false under [clusters.{id}] in config.toml to change it."),
            ));
        }
        self.get(id)
    }

    /// What `config.toml` says of an attached cluster.
    pub(crate) fn attached(&self, id: &str) -> Option<AttachedCluster> {
        self.attached.read().get(id).cloned()
    }

    /// Attaches a cluster, or changes or detaches one. It is connected anew at the next use.
    pub(crate) async fn set(&self, id: &str, cluster: Option<AttachedCluster>) {
        match cluster {
            Some(cluster) => drop(self.attached.write().insert(id.to_owned(), cluster)),
            None => drop(self.attached.write().remove(id)),
        }
        let before = self.open.lock().remove(id);
        if let Some(before) = before {
            before.close().await;
        }
    }

    /// A cluster that only a DAG's connection names.
    pub(crate) fn of_connection(&self, conn_id: &str, config: ClusterConfig) -> Cluster {
        let key = format!("{CONNECTION_PREFIX}{conn_id}");
        let mut open = self.open.lock();
        if let Some(known) = open.get(&key).filter(|known| *known.config() == config) {
            return known.clone();
        }
        let cluster = Cluster::connect(config);
        if open.keys().filter(|key| key.starts_with(CONNECTION_PREFIX)).count() < CONNECTIONS_MAX {
            open.insert(key, cluster.clone());
        }
        cluster
    }

    pub(crate) async fn close(&self) {
        let all: Vec<Cluster> = std::mem::take(&mut *self.open.lock()).into_values().collect();
        futures::future::join_all(all.iter().chain([&self.local]).map(Cluster::close)).await;
    }
}

pub(crate) fn missing(id: &str) -> ApiError {
    ApiError::new(ErrorCode::NotFound, format!("There is no cluster '{id}'"))
        .with_hint(format!("Attach it in Settings, or in config.toml under [clusters.{id}]."))
}

/// How the client reaches an attached cluster.
pub(crate) fn cluster_config(attached: &AttachedCluster) -> ClusterConfig {
    ClusterConfig {
        bootstrap_servers: attached.bootstrap_servers.clone(),
        registry: registry_config(attached),
        properties: attached.properties.clone(),
    }
}

fn registry_config(attached: &AttachedCluster) -> Option<RegistryConfig> {
    attached.registry_url.clone().map(|url| RegistryConfig {
        url,
        username: attached.registry_username.clone(),
        password: attached.registry_password.clone(),
        token: attached.registry_token.clone(),
        ca_file: attached.registry_ca_file.as_ref().map(Into::into),
    })
}
