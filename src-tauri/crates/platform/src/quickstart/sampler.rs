//! One look at this computer.

use std::time::Instant;

use serde::Serialize;
use sysinfo::{CpuRefreshKind, DiskRefreshKind, Disks, MemoryRefreshKind, Networks, System};

/// A sample, its fields as in `host_metrics.avsc`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct HostSample {
    pub(super) host: String,
    /// Milliseconds since the epoch.
    pub(super) sampled_at: i64,
    pub(super) cpu_percent: f64,
    pub(super) cpu_cores_percent: Vec<f64>,
    pub(super) load_1m: f64,
    pub(super) memory_total_bytes: u64,
    pub(super) memory_used_bytes: u64,
    pub(super) swap_total_bytes: u64,
    pub(super) swap_used_bytes: u64,
    pub(super) disk_total_bytes: u64,
    pub(super) disk_used_bytes: u64,
    pub(super) disk_read_bytes_per_s: f64,
    pub(super) disk_written_bytes_per_s: f64,
    pub(super) network_received_bytes_per_s: f64,
    pub(super) network_sent_bytes_per_s: f64,
    pub(super) processes: u32,
}

/// Keeps what differences are taken against.
pub(super) struct Host {
    name: String,
    system: System,
    disks: Disks,
    networks: Networks,
    last: Instant,
}

/// File systems that are no disk: memory, images, the kernel's own.
const NO_DISKS: [&str; 6] = ["tmpfs", "devtmpfs", "overlay", "squashfs", "proc", "sysfs"];

impl Host {
    /// The first sample's rates count from here.
    pub(super) fn open() -> Result<Self, String> {
        let text = |what: &str, error: sysinfo::Error| format!("{what} can't be read: {error:?}");
        let mut system = System::new().map_err(|error| text("this computer's figures", error))?;
        system.refresh_cpu_specifics(CpuRefreshKind::nothing().with_usage());
        Ok(Self {
            name: System::host_name().unwrap_or_else(|_| "localhost".to_owned()),
            system,
            disks: Disks::new_with_refreshed_list_specifics(disk_figures())
                .map_err(|error| text("the disks", error))?,
            networks: Networks::new_with_refreshed_list().map_err(|error| text("the networks", error))?,
            last: Instant::now(),
        })
    }

    pub(super) fn sample(&mut self, now_ms: i64) -> HostSample {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory_specifics(MemoryRefreshKind::everything());
        self.disks.refresh_specifics(true, disk_figures());
        self.networks.refresh(true);
        let elapsed_s = self.last.elapsed().as_secs_f64().max(0.001);
        self.last = Instant::now();

        let (mut disk_total_bytes, mut disk_free_bytes, mut read, mut written) = (0, 0, 0, 0);
        let mut seen = std::collections::BTreeSet::new();
        for disk in self.disks.iter() {
            let kind = disk.file_system().to_string_lossy().into_owned();
            // One disk mounted twice is one disk.
            if NO_DISKS.contains(&kind.as_str()) || !seen.insert(disk.name().to_owned()) {
                continue;
            }
            disk_total_bytes += disk.total_space();
            disk_free_bytes += disk.available_space();
            read += disk.usage().read_bytes;
            written += disk.usage().written_bytes;
        }
        let outside = self.networks.iter().filter(|(name, _)| !is_loopback(&name.to_string_lossy()));
        let (received, sent) = outside.fold((0, 0), |(received, sent), (_, network)| {
            (received + network.received(), sent + network.transmitted())
        });
        let percent = |value: f32| round(f64::from(value).clamp(0.0, 100.0));
        let per_second = |bytes: u64| (bytes as f64 / elapsed_s).round();
        HostSample {
            host: self.name.clone(),
            sampled_at: now_ms,
            cpu_percent: percent(self.system.global_cpu_usage()),
            cpu_cores_percent: self.system.cpus().iter().map(|core| percent(core.usage())).collect(),
            load_1m: System::load_average().map_or(0.0, |load| round(load.one)),
            memory_total_bytes: self.system.total_memory(),
            memory_used_bytes: self.system.used_memory().min(self.system.total_memory()),
            swap_total_bytes: self.system.total_swap(),
            swap_used_bytes: self.system.used_swap(),
            disk_total_bytes,
            disk_used_bytes: disk_total_bytes.saturating_sub(disk_free_bytes),
            disk_read_bytes_per_s: per_second(read),
            disk_written_bytes_per_s: per_second(written),
            network_received_bytes_per_s: per_second(received),
            network_sent_bytes_per_s: per_second(sent),
            processes: processes(),
        }
    }
}

fn disk_figures() -> DiskRefreshKind {
    DiskRefreshKind::nothing().with_storage().with_io_usage()
}

fn is_loopback(interface: &str) -> bool {
    interface == "lo" || interface.starts_with("lo0") || interface.to_lowercase().contains("loopback")
}

/// Counted by their folders on Linux; a full scan elsewhere would cost more than the rest.
fn processes() -> u32 {
    let Ok(entries) = std::fs::read_dir("/proc") else { return 0 };
    let numbered = |entry: &std::fs::DirEntry| {
        entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit())
    };
    entries.flatten().filter(numbered).count().try_into().unwrap_or(u32::MAX)
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_fits_its_schema() {
        let schema = payload::ParsedSchema::avro(include_str!("host_metrics.avsc"), &[]).expect("a schema");
        let mut host = Host::open().expect("this computer");
        let sample = host.sample(1_700_000_000_000);
        assert!(sample.memory_total_bytes > 0 && sample.memory_used_bytes <= sample.memory_total_bytes);
        let text = serde_json::to_string(&sample).expect("JSON");
        let bytes = payload::encode(&text, &schema, payload::SchemaId(1)).expect("it fits");
        let back = payload::decode(Some(&bytes), Some(&schema));
        assert_eq!(back.error, None);
        assert!(back.text.contains("\"sampled_at\":1700000000000"), "{}", back.text);
    }
}
