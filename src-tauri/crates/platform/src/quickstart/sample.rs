//! One look at this computer, as `host_metrics.avsc` describes it.

use serde::Serialize;
use sysinfo::{DiskRefreshKind, Disks, MemoryRefreshKind, Networks, System};

/// The Avro schema of a [`Sample`].
pub(crate) const SCHEMA: &str = include_str!("host_metrics.avsc");

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sample {
    pub(crate) host: String,
    /// Milliseconds since the epoch.
    sampled_at: i64,
    cpu_percent: f64,
    cpu_cores_percent: Vec<f64>,
    load_1m: f64,
    memory_used_bytes: u64,
    memory_total_bytes: u64,
    swap_used_bytes: u64,
    swap_total_bytes: u64,
    disk_used_bytes: u64,
    disk_total_bytes: u64,
    disk_read_bytes_per_s: f64,
    disk_written_bytes_per_s: f64,
    network_received_bytes_per_s: f64,
    network_sent_bytes_per_s: f64,
    processes: u32,
}

/// Keeps what is needed to turn counters into rates.
pub(crate) struct Sampler {
    system: System,
    disks: Disks,
    networks: Networks,
    host: String,
    last_ms: i64,
}

impl Sampler {
    /// The first sample's rates count from here.
    pub(crate) fn new(now_ms: i64) -> Self {
        let mut system = System::new();
        system.refresh_cpu_usage();
        Self {
            system,
            disks: Disks::new_with_refreshed_list(),
            networks: Networks::new_with_refreshed_list(),
            host: System::host_name().unwrap_or_else(|| "localhost".to_owned()),
            last_ms: now_ms,
        }
    }

    pub(crate) fn sample(&mut self, now_ms: i64) -> Sample {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory_specifics(MemoryRefreshKind::everything());
        self.disks.refresh_specifics(true, DiskRefreshKind::nothing().with_storage().with_io_usage());
        self.networks.refresh(true);
        let seconds = ((now_ms - self.last_ms) as f64 / 1_000.0).max(0.001);
        self.last_ms = now_ms;

        let disks = self.disks.list();
        let io = || disks.iter().map(sysinfo::Disk::usage);
        let networks = || self.networks.iter().filter(|(name, _)| !is_loopback(name)).map(|(_, data)| data);
        let per_second = |bytes: u64| (bytes as f64 / seconds).round();
        let disk_total_bytes = disks.iter().map(sysinfo::Disk::total_space).sum::<u64>();
        let disk_free_bytes = disks.iter().map(sysinfo::Disk::available_space).sum::<u64>();
        Sample {
            host: self.host.clone(),
            sampled_at: now_ms,
            cpu_percent: tenth(self.system.global_cpu_usage()),
            cpu_cores_percent: self.system.cpus().iter().map(|cpu| tenth(cpu.cpu_usage())).collect(),
            load_1m: System::load_average().one,
            memory_used_bytes: self.system.used_memory(),
            memory_total_bytes: self.system.total_memory(),
            swap_used_bytes: self.system.used_swap(),
            swap_total_bytes: self.system.total_swap(),
            disk_used_bytes: disk_total_bytes.saturating_sub(disk_free_bytes),
            disk_total_bytes,
            disk_read_bytes_per_s: per_second(io().map(|usage| usage.read_bytes).sum()),
            disk_written_bytes_per_s: per_second(io().map(|usage| usage.written_bytes).sum()),
            network_received_bytes_per_s: per_second(networks().map(sysinfo::NetworkData::received).sum()),
            network_sent_bytes_per_s: per_second(networks().map(sysinfo::NetworkData::transmitted).sum()),
            processes: processes(),
        }
    }
}

fn tenth(percent: f32) -> f64 {
    (f64::from(percent.clamp(0.0, 100.0)) * 10.0).round() / 10.0
}

fn is_loopback(interface: &str) -> bool {
    interface == "lo" || interface.starts_with("lo0") || interface.to_lowercase().contains("loopback")
}

/// Counted by their folders on Linux; a full scan elsewhere would cost more than the rest.
fn processes() -> u32 {
    let Ok(entries) = std::fs::read_dir("/proc") else { return 0 };
    let is_process = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit());
    entries.flatten().filter(is_process).count().try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_fits_its_schema() {
        let sample = Sampler::new(0).sample(1_000);
        let schema = payload::ParsedSchema::avro(SCHEMA, &[]).expect("the schema is valid");
        let json = serde_json::to_string(&sample).expect("it serialises");
        payload::encode(&json, &schema, 1).expect("the sample fits");
        assert!(sample.memory_used_bytes <= sample.memory_total_bytes && sample.memory_total_bytes > 0, "{sample:?}");
    }
}
