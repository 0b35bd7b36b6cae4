//! What Pumphouse is started with: flags, then the environment, then
//! `config.toml`, then defaults.

mod cluster_edit;
mod edit;
mod file;
mod nearest;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use api::settings::EditableSettings;

use file::FileConfig;
pub use file::{AttachedCluster, ConnectionEntry};
pub(crate) use file::{check, editable_toml};

use crate::error::StartError;
use crate::paths::Paths;

/// Kafka's, Confluent's and Airflow's own ports.
const KAFKA_PORT: u16 = 9092;
const REGISTRY_PORT: u16 = 8081;
const API_PORT: u16 = 8080;
const HOST: &str = "127.0.0.1";

/// Whether the quickstart pipeline is started with the services.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum QuickstartStart {
    /// When this data directory is started for the first time; a running one goes on.
    OnFirstStart,
    /// Even if it was stopped or removed before.
    Always,
    /// Not on its own; a running one goes on.
    #[default]
    Never,
}

/// What the command line says; none leaves a choice to the file.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub data_dir: Option<PathBuf>,
    pub host: Option<String>,
    pub kafka_port: Option<u16>,
    pub registry_port: Option<u16>,
    pub api_port: Option<u16>,
    pub quickstart: QuickstartStart,
    /// As Kafka's property of this name: `SASL_SSL://0.0.0.0:9093,…`.
    pub listeners: Option<String>,
    /// As Kafka's property of this name.
    pub advertised_listeners: Option<String>,
    /// More of Kafka's properties, `name=value`.
    pub broker: Vec<String>,
    /// Listen where others can connect without saying who they are.
    pub insecure_listen: bool,
}

/// The configuration in force.
#[derive(Debug, Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    pub host: String,
    /// 0: any free one.
    pub kafka_port: u16,
    pub registry_port: u16,
    pub api_port: u16,
    pub quickstart: QuickstartStart,
    pub editable: EditableSettings,
    /// Remote clusters by id.
    pub clusters: BTreeMap<String, AttachedCluster>,
    /// Airflow's connections by id.
    pub connections: BTreeMap<String, ConnectionEntry>,
    /// Airflow's variables.
    pub variables: BTreeMap<String, String>,
    /// The broker's own settings, by the names of Kafka's `server.properties`.
    pub broker: BTreeMap<String, String>,
    /// Users of the broker's SASL listeners.
    pub broker_users: broker::Users,
    /// Whether others may connect without saying who they are.
    pub allow_insecure: bool,
}

impl Config {
    /// Reads `config.toml` of the data directory, if there is one.
    pub fn load(flags: Flags) -> Result<Self, StartError> {
        let data_dir =
            match flags.data_dir.or_else(|| std::env::var_os("PUMPHOUSE_DATA_DIR").map(PathBuf::from)) {
                Some(dir) if dir.as_os_str().is_empty() => return Err(StartError::EmptyDataDir),
                Some(dir) => std::path::absolute(&dir).map_err(|source| StartError::io(&dir, source))?,
                None => default_data_dir()?,
            };
        let path = Paths::new(&data_dir).config_file();
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => FileConfig::parse(&text, &path)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => FileConfig::default(),
            Err(source) => return Err(StartError::io(&path, source)),
        };
        let editable = file.editable();
        let mut broker = file
            .broker_properties()
            .map_err(|reason| StartError::ConfigFile { path: path.clone(), reason })?;
        for given in flags.broker {
            let (name, value) = given.split_once('=').ok_or_else(|| StartError::Property(given.clone()))?;
            if !broker::configs::is_broker_key(name) {
                return Err(StartError::Property(given));
            }
            broker.insert(name.to_owned(), value.to_owned());
        }
        for (name, value) in
            [("listeners", flags.listeners), ("advertised.listeners", flags.advertised_listeners)]
        {
            broker.extend(value.map(|value| (name.to_owned(), value)));
        }
        Ok(Self {
            data_dir,
            host: flags.host.or(file.host).unwrap_or_else(|| HOST.to_owned()),
            kafka_port: flags.kafka_port.or(file.kafka_port).unwrap_or(KAFKA_PORT),
            registry_port: flags.registry_port.or(file.registry_port).unwrap_or(REGISTRY_PORT),
            api_port: flags.api_port.or(file.api_port).unwrap_or(API_PORT),
            quickstart: flags.quickstart,
            editable,
            clusters: file.clusters,
            connections: file.connections,
            variables: file.variables,
            broker,
            broker_users: broker::Users(file.broker_users),
            allow_insecure: flags.insecure_listen || file.allow_insecure.unwrap_or(false),
        })
    }

    pub fn paths(&self) -> Paths {
        Paths::new(&self.data_dir)
    }
}

fn default_data_dir() -> Result<PathBuf, StartError> {
    let dirs = directories::ProjectDirs::from("dev", "", "pumphouse").ok_or(StartError::NoHome)?;
    Ok(dirs.data_dir().to_path_buf())
}

/// Writes the editable keys into `config.toml`; comments and other keys stay.
pub(crate) fn save(path: &Path, editable: &EditableSettings) -> Result<(), StartError> {
    rewrite(path, |mut text| {
        for (key, value) in editable_toml(editable) {
            text = edit::set_key(&text, key, &value);
        }
        Ok(text)
    })
}

/// Writes `[clusters.<id>]`, or takes it out; the rest of the file stays.
pub(crate) fn save_cluster(
    path: &Path,
    id: &str,
    cluster: Option<&AttachedCluster>,
) -> Result<(), StartError> {
    let wrong = |reason: String| StartError::ConfigFile { path: path.to_path_buf(), reason };
    rewrite(path, |text| cluster_edit::set_cluster(&text, id, cluster).map_err(wrong))
}

fn rewrite(path: &Path, change: impl FnOnce(String) -> Result<String, StartError>) -> Result<(), StartError> {
    let before = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(StartError::io(path, source)),
    };
    let text = change(before)?;
    // What was written can be read again, or nothing is written.
    FileConfig::parse(&text, path)?;
    let temporary = path.with_extension("toml.new");
    let write = write_private(&temporary, &text).and_then(|()| std::fs::rename(&temporary, path));
    write.map_err(|source| StartError::io(path, source))
}

/// Passwords may stand in it: it is the user's alone.
pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
