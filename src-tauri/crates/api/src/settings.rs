//! What the Settings page shows and changes: `config.toml`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SettingsGet {}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Settings {
    pub data_dir: String,
    pub config_file: String,
    pub dags_dir: String,
    pub logs_dir: String,
    /// Which file or flag each came from is Pumphouse's to know; these are in force.
    pub host: String,
    pub kafka_port: u16,
    pub registry_port: u16,
    pub api_port: u16,
    pub editable: EditableSettings,
    /// Keys that were changed and wait for the next start.
    pub restart_needed: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct EditableSettings {
    /// Kafka's `num.partitions`: partitions of auto-created topics.
    pub num_partitions: u32,
    /// Kafka's `auto.create.topics.enable`.
    pub auto_create_topics_enable: bool,
    /// Kafka's `log.retention.hours`; −1 keeps for ever.
    pub log_retention_hours: i64,
    /// Airflow's `parallelism`: tasks running at once.
    pub parallelism: u32,
    /// Airflow's `dags_are_paused_at_creation`.
    pub dags_are_paused_at_creation: bool,
    /// Where runs are kept: `sqlite` inside, or a `postgres://` URL.
    pub database: String,
    /// The Python that runs PythonOperator tasks.
    pub python: String,
    /// Days of chart history.
    pub metrics_retention_days: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SettingsSet {
    pub editable: EditableSettings,
}
