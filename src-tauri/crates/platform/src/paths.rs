//! Where everything lies in the data directory.

use std::path::{Path, PathBuf};

/// The layout of one data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    root: PathBuf,
}

impl Paths {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Kafka's own layout.
    pub fn kafka(&self) -> PathBuf {
        self.root.join("kafka")
    }

    /// YAML files the user edits.
    pub fn dags(&self) -> PathBuf {
        self.root.join("dags")
    }

    /// Task logs.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Temporary files of running tasks.
    pub fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    pub fn config_file(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// Runs and task instances.
    pub fn orchestrator_db(&self) -> PathBuf {
        self.root.join("orchestrator.db")
    }

    /// History of the charts.
    pub fn metrics_db(&self) -> PathBuf {
        self.root.join("metrics.db")
    }

    /// The SQLite database DAGs write to by default.
    pub fn warehouse_db(&self) -> PathBuf {
        self.root.join("warehouse.db")
    }

    /// Whether the quickstart was started, stopped or removed.
    pub fn quickstart_file(&self) -> PathBuf {
        self.root.join("quickstart.json")
    }

    /// Locked while an instance runs.
    pub fn lock_file(&self) -> PathBuf {
        self.root.join("pumphouse.lock")
    }

    /// How this computer's user comes in while a secured broker runs.
    pub fn access_file(&self) -> PathBuf {
        self.root.join("access.json")
    }

    /// Who holds the lock.
    pub fn holder_file(&self) -> PathBuf {
        self.root.join("pumphouse.pid")
    }
}
