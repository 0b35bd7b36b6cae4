//! The brokers that are measured.

use std::path::{Path, PathBuf};

use crate::bench::measure::{cpu_s, status_mib};
use crate::bench::serve::Served;
use crate::peers::{RealKafka, Tansu};

/// Pumphouse's folder.
const DATA: &str = "data";

/// A running broker.
pub(super) enum Subject {
    Pumphouse(Served),
    Kafka(RealKafka),
    Tansu(Tansu),
}

/// Its column in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Pumphouse,
    Kafka,
    Tansu,
}

impl Subject {
    /// Pumphouse on an empty folder below `scratch`.
    pub(super) fn start_pumphouse(binary: &Path, scratch: &Path) -> anyhow::Result<Self> {
        Ok(Self::Pumphouse(Served::start(binary, &scratch.join(DATA), 0)?))
    }

    pub(super) fn who(&self) -> Who {
        match self {
            Self::Pumphouse(_) => Who::Pumphouse,
            Self::Kafka(_) => Who::Kafka,
            Self::Tansu(_) => Who::Tansu,
        }
    }

    pub(super) fn address(&self) -> String {
        match self {
            Self::Pumphouse(served) => served.kafka().to_owned(),
            Self::Kafka(kafka) => kafka.bootstrap(),
            Self::Tansu(tansu) => tansu.address.clone(),
        }
    }

    fn pids(&self) -> Vec<u32> {
        match self {
            Self::Pumphouse(served) => vec![served.pid()],
            Self::Kafka(kafka) => kafka.pids(),
            Self::Tansu(tansu) => vec![tansu.pid()],
        }
    }

    /// The folder of its partitions' folders; Pumphouse's is below `scratch`.
    pub(super) fn logs(&self, scratch: &Path) -> Option<PathBuf> {
        match self {
            Self::Pumphouse(_) => Some(scratch.join(DATA).join("kafka")),
            Self::Kafka(kafka) => Some(kafka.logs()),
            Self::Tansu(_) => None,
        }
    }

    /// Seconds of CPU since its start.
    pub(super) fn cpu_s(&self) -> f64 {
        self.pids().into_iter().map(cpu_s).sum()
    }

    /// Resident memory now.
    pub(super) fn rss_mib(&self) -> anyhow::Result<f64> {
        self.pids().into_iter().map(|pid| status_mib(pid, "VmRSS:")).sum()
    }

    /// The most resident memory since its start.
    pub(super) fn peak_mib(&self) -> anyhow::Result<f64> {
        self.pids().into_iter().map(|pid| status_mib(pid, "VmHWM:")).sum()
    }
}
