//! `config.toml`, as the Settings page shows and changes it.

use api::ApiError;
use api::settings::{EditableSettings, Settings, SettingsSet};

use crate::config::{self, editable_toml};
use crate::error::invalid;
use crate::platform::Services;

/// Keys in force as soon as they are saved.
const LIVE_KEYS: [&str; 1] = ["metrics_retention_days"];

pub(super) fn get(it: &Services) -> Result<Settings, ApiError> {
    let paths = it.config.paths();
    let editable = it.settings.lock().clone();
    let [kafka_port, registry_port, api_port] = it.ports;
    Ok(Settings {
        data_dir: it.addresses.data_dir.clone(),
        config_file: paths.config_file().display().to_string(),
        dags_dir: paths.dags().display().to_string(),
        logs_dir: paths.logs().display().to_string(),
        host: it.config.host.clone(),
        kafka_port,
        registry_port,
        api_port,
        restart_needed: changed(&it.config.editable, &editable),
        editable,
    })
}

pub(super) fn set(it: &Services, params: SettingsSet) -> Result<Settings, ApiError> {
    let SettingsSet { editable } = params;
    config::check(&editable).map_err(invalid)?;
    config::save(&it.config.paths().config_file(), &editable)?;
    it.metrics.set_retention(editable.metrics_retention_days);
    *it.settings.lock() = editable;
    get(it)
}

/// Names of the keys that wait for the next start.
fn changed(before: &EditableSettings, after: &EditableSettings) -> Vec<String> {
    editable_toml(before)
        .into_iter()
        .zip(editable_toml(after))
        .filter(|((key, before), (_, after))| before != after && !LIVE_KEYS.contains(key))
        .map(|((key, _), _)| key.to_owned())
        .collect()
}
