//! What runs, where, since when.

use api::ApiError;
use api::cluster::{Service, ServiceName, ServiceState, Status};
use parking_lot::Mutex;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

use crate::platform::Services;

pub(super) async fn get(it: &Services) -> Result<Status, ApiError> {
    let service = |name, address: &str, fault: Option<&Mutex<Option<String>>>| {
        let detail = fault.and_then(|fault| fault.lock().clone());
        let state = if detail.is_some() { ServiceState::Down } else { ServiceState::Up };
        Service { name, state, address: address.to_owned(), detail }
    };
    Ok(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        services: vec![
            service(ServiceName::Broker, &it.addresses.kafka, None),
            service(ServiceName::Registry, &it.addresses.registry, Some(&it.health.registry)),
            service(ServiceName::Orchestrator, &it.addresses.api, Some(&it.health.orchestrator)),
            service(ServiceName::Api, &it.addresses.api, Some(&it.health.api)),
        ],
        data_dir: it.addresses.data_dir.clone(),
        started_at_ms: it.started_at_ms,
        now_ms: jiff::Timestamp::now().as_millisecond(),
        rss_bytes: rss_bytes(),
        warnings: it.warnings.clone(),
    })
}

fn rss_bytes() -> u64 {
    let (Ok(pid), Ok(mut system)) = (sysinfo::get_current_pid(), System::new()) else { return 0 };
    let memory = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, memory);
    system.process(pid).map_or(0, sysinfo::Process::memory)
}
