//! The registry's operations: one writer, many readers, one log.

use std::sync::Arc;

use crate::{Config, SchemaLog, SchemaLogError};

/// A schema registry. Cheap to clone: every clone is the same registry.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    #[expect(dead_code, reason = "read once writing arrives")]
    log: Arc<dyn SchemaLog>,
    config: Config,
}

/// Why the registry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the registry cannot start: {0}")]
    Log(#[from] SchemaLogError),
}

impl Registry {
    /// Rebuilds the registry from `log`. Bad records are reported and skipped.
    pub async fn open(log: Arc<dyn SchemaLog>, config: Config) -> Result<Self, OpenError> {
        let mut next = 0;
        loop {
            let chunk = log.read_from(next).await?;
            let Some(last) = chunk.last() else { break };
            next = last.offset + 1;
        }
        Ok(Self { inner: Arc::new(Inner { log, config }) })
    }

    /// The limits and defaults it was opened with.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }
}
