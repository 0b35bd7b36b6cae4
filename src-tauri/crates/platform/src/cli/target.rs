//! Which broker a command is for, and how it logs in.

use std::path::PathBuf;

use cluster::{Cluster, ClusterConfig, ClusterError};

use super::{CliError, Output, client_properties};
use crate::StartError;
use crate::config::Config;
use crate::start::LocalAccess;

/// What the command line says of it.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// Comma-separated `host:port`. None: what the file of properties names, or else the Pumphouse of the data
    /// directory.
    pub bootstrap_servers: Option<String>,
    /// A file of client properties, as Kafka's tools take.
    pub command_config: Option<PathBuf>,
}

impl Target {
    /// `config` is asked only where the command line says nothing.
    pub fn connect(
        &self,
        config: impl FnOnce() -> Result<Config, StartError>,
    ) -> Result<Connected, CliError> {
        let cluster = Cluster::connect(self.resolve(config)?);
        Ok(Connected { cluster, told_who: self.command_config.is_some() })
    }

    /// How the cluster is reached. A running Pumphouse with a secured broker lets its own user in.
    pub(super) fn resolve(
        &self,
        config: impl FnOnce() -> Result<Config, StartError>,
    ) -> Result<ClusterConfig, CliError> {
        let mut found = match &self.command_config {
            Some(path) => {
                let shown = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|source| CliError::Read { path: shown.clone(), source })?;
                client_properties::read(&text)
                    .map_err(|problem| CliError::Input(format!("{shown}: {problem}")))?
            }
            None => ClusterConfig::default(),
        };
        if let Some(servers) = &self.bootstrap_servers {
            found.bootstrap_servers.clone_from(servers);
        }
        if !found.bootstrap_servers.is_empty() {
            return Ok(found);
        }
        let config = config()?;
        let local = self.command_config.is_none().then(|| LocalAccess::read(&config.paths())).flatten();
        Ok(match local {
            Some(access) => access.cluster(),
            None => {
                ClusterConfig { bootstrap_servers: format!("{}:{}", config.host, config.kafka_port), ..found }
            }
        })
    }
}

/// A cluster, and whether it was told who one is.
pub struct Connected {
    pub(super) cluster: Cluster,
    told_who: bool,
}

impl Connected {
    /// The same outcome, an error with the way out.
    pub fn hinted(&self, outcome: Result<Output, CliError>) -> Result<Output, CliError> {
        outcome.map_err(|error| match &error {
            CliError::Cluster(ClusterError::Unavailable { .. } | ClusterError::Timeout { .. })
                if !self.told_who =>
            {
                CliError::Input(format!(
                    "{error}. If the broker asks who you are, give --command-config FILE with security.protocol, \
                     sasl.mechanism, sasl.jaas.config and, for TLS, ssl.truststore.location (PEM)"
                ))
            }
            _ => error,
        })
    }
}
