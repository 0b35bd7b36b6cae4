//! The handle on one cluster.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::browse::Pool;
use crate::client::{Clients, Shared};
use crate::config::ClusterConfig;
use crate::error::{ClusterError, Result};
use crate::metadata::Metadata;
use crate::sample::Sampler;
use crate::schemas::Schemas;

/// An administrative call ends after this long.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(10);
/// Metadata older than this is fetched anew where freshness matters.
pub(crate) const METADATA_AGE_MAX: Duration = Duration::from_secs(2);
/// Calls under way at once: each holds a thread, and a dead cluster holds it to the limit.
const CALLS_MAX: usize = 16;

/// One cluster. Cheap to clone; connects at the first use.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: ClusterConfig,
    pub(crate) clients: Clients,
    pub(crate) pool: Pool,
    pub(crate) schemas: Option<Schemas>,
    pub(crate) sampler: Sampler,
    calls: Semaphore,
    metadata: Mutex<Option<Arc<Metadata>>>,
}

impl Cluster {
    /// Opens nothing yet: an unreachable cluster is an error of the first call.
    pub fn connect(config: ClusterConfig) -> Self {
        let schemas = config.registry.clone().map(Schemas::new);
        Self {
            inner: Arc::new(Inner {
                clients: Clients::new(config.clone()),
                pool: Pool::default(),
                schemas,
                sampler: Sampler::default(),
                calls: Semaphore::new(CALLS_MAX),
                metadata: Mutex::new(None),
                config,
            }),
        }
    }

    pub fn config(&self) -> &ClusterConfig {
        &self.inner.config
    }

    /// The schema registry, or an error that says there is none.
    pub fn schemas(&self) -> Result<&Schemas> {
        self.inner.schemas.as_ref().ok_or_else(|| ClusterError::Unsupported {
            what: "schemas".to_owned(),
            reason: "no schema registry is configured".to_owned(),
        })
    }

    /// librdkafka properties for a client of one's own.
    pub fn client_properties(&self) -> Vec<(String, String)> {
        self.inner.clients.properties()
    }

    /// Sends what is queued and lets go of every connection.
    pub async fn close(&self) {
        self.inner.sampler.stop();
        let inner = self.inner.clone();
        let closing = tokio::task::spawn_blocking(move || {
            inner.pool.clear();
            inner.clients.close(Duration::from_secs(2));
        });
        if let Err(error) = closing.await {
            tracing::warn!(%error, "clients not closed");
        }
    }

    /// The whole cluster, at most `age_max` old.
    pub async fn metadata(&self, age_max: Duration) -> Result<Arc<Metadata>> {
        if let Some(known) = self.known_metadata()
            && known.taken.elapsed() <= age_max
        {
            return Ok(known);
        }
        let fresh = self.call("metadata", CALL_LIMIT / 2, Metadata::fetch).await?;
        let fresh = Arc::new(fresh);
        self.remember(fresh.clone());
        Ok(fresh)
    }

    /// Metadata that contains `topic`, or the error that it does not exist.
    pub(crate) async fn metadata_with(&self, topic: &str) -> Result<Arc<Metadata>> {
        let known = self.metadata(METADATA_AGE_MAX).await?;
        if known.topics.contains_key(topic) {
            return Ok(known);
        }
        let fresh = self.metadata(Duration::ZERO).await?;
        fresh.topic(topic)?;
        Ok(fresh)
    }

    pub(crate) fn known_metadata(&self) -> Option<Arc<Metadata>> {
        self.inner.metadata.lock().clone()
    }

    pub(crate) fn remember(&self, metadata: Arc<Metadata>) {
        *self.inner.metadata.lock() = Some(metadata);
    }

    /// Runs a blocking call of the shared client on a thread, within `limit`.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        what: &'static str,
        limit: Duration,
        work: impl FnOnce(&Shared, Duration) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let timed_out = || ClusterError::Timeout { what: what.to_owned(), limit };
        let permit = tokio::time::timeout(limit, self.inner.calls.acquire()).await;
        let _permit = permit
            .map_err(|_| self.inner.clients.explain(timed_out()))?
            .map_err(|_| ClusterError::Internal("the cluster is closed".to_owned()))?;
        let inner = self.inner.clone();
        let task = tokio::task::spawn_blocking(move || work(&inner.clients.shared()?, limit));
        // librdkafka keeps the limit itself; twice that long means it is stuck.
        match tokio::time::timeout(limit * 2, task).await {
            Ok(Ok(outcome)) => outcome.map_err(|error| self.inner.clients.explain(error)),
            Ok(Err(error)) => Err(ClusterError::Internal(format!("{what}: {error}"))),
            Err(_) => Err(timed_out()),
        }
    }
}
