//! Start and stop, in the right order.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::ApiError;
use broker::listener::{InternalUser, Listener};
use broker::{Broker, BrokerConfig, Loggers};
use cluster::ClusterConfig;
use orchestrator::{Orchestrator, OrchestratorConfig, Ports, SystemClock};
use parking_lot::Mutex;
use registry::Registry;
use serde::Serialize;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clusters::Clusters;
use crate::commands;
use crate::config::Config;
use crate::connections::Directory;
use crate::error::StartError;
use crate::http;
use crate::kafka_port::Port;
use crate::metrics::{Metrics, Traffic, TrafficMeter};
use crate::paths::Paths;
use crate::quickstart::Pipeline;
use crate::schema_check::Registered;
use crate::schema_log::TopicLog;
use crate::start::{DirLock, ListenPlan, Listeners, LocalAccess, internal_user, reachable};

/// A service that does not end by itself within its share of this is left behind.
const STOP_LIMIT: Duration = Duration::from_millis(4500);
const SERVICE_STOP_LIMIT: Duration = Duration::from_millis(1500);

/// Where the services are, for people and programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// `127.0.0.1:9092`
    pub kafka: String,
    /// `http://127.0.0.1:8081`
    pub registry: String,
    /// `http://127.0.0.1:8080`
    pub api: String,
    pub data_dir: String,
}

/// All services, running.
pub struct Platform {
    services: Arc<Services>,
    running: tokio::sync::Mutex<Option<Running>>,
}

/// What commands work on.
pub(crate) struct Services {
    pub(crate) config: Config,
    /// What the Settings page has changed since the start.
    pub(crate) settings: Mutex<api::settings::EditableSettings>,
    pub(crate) addresses: Addresses,
    pub(crate) ports: [u16; 3],
    pub(crate) started_at_ms: i64,
    pub(crate) broker: Broker,
    pub(crate) orchestrator: Orchestrator,
    pub(crate) clusters: Arc<Clusters>,
    pub(crate) metrics: Metrics,
    pub(crate) quickstart: Pipeline,
    pub(crate) health: Health,
    /// What is open to others.
    pub(crate) warnings: Vec<String>,
    pub(crate) sizes: commands::SizeCache,
}

/// Why a service has ended, while the process goes on.
#[derive(Debug, Default)]
pub(crate) struct Health {
    pub(crate) registry: Mutex<Option<String>>,
    pub(crate) orchestrator: Mutex<Option<String>>,
    pub(crate) api: Mutex<Option<String>>,
}

/// What a stop ends, each with its own signal.
struct Running {
    broker: (CancellationToken, JoinHandle<()>),
    registry: (CancellationToken, JoinHandle<()>),
    orchestrator: (CancellationToken, JoinHandle<()>),
    api: (CancellationToken, JoinHandle<()>),
    _lock: DirLock,
}

impl Platform {
    /// Returns once every service answers.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let paths = config.paths();
        for dir in [paths.root().to_path_buf(), paths.kafka(), paths.dags(), paths.logs(), paths.work()] {
            std::fs::create_dir_all(&dir).map_err(|source| StartError::io(&dir, source))?;
        }
        let lock = DirLock::acquire(&paths)?;
        // Before any service starts, so that a taken port leaves no trace.
        let plan = ListenPlan::new(&config)?;
        let listeners = Listeners::bind(&config, &plan).await?;
        let address = |listener: &tokio::net::TcpListener| {
            listener.local_addr().map(reachable).map_err(|source| StartError::io(paths.root(), source))
        };
        let (kafka, registry_at, api_at) =
            (address(&listeners.kafka[0].1)?, address(&listeners.registry)?, address(&listeners.api)?);
        for warning in &plan.warnings {
            tracing::warn!("{warning}");
        }
        let addresses = Addresses {
            kafka: kafka.to_string(),
            registry: format!("http://{registry_at}"),
            api: format!("http://{api_at}"),
            data_dir: config.data_dir.display().to_string(),
        };

        let metrics = Metrics::start(paths.metrics_db(), config.editable.metrics_retention_days);
        let user = listeners.internal.as_ref().map(|_| internal_user());
        let local = match (&listeners.internal, &user) {
            (Some(internal), Some(user)) => {
                as_user(address(internal)?.to_string(), &addresses.registry, user)
            }
            _ => {
                let private = address(&listeners.kafka[plan.private()].1)?;
                ClusterConfig::local(private.to_string(), addresses.registry.clone())
            }
        };
        LocalAccess::remove(&paths);
        if user.is_some() {
            LocalAccess::of(&local).write(&paths)?;
        }
        let clusters = Clusters::new(&config, local.clone(), &addresses.kafka, Some(metrics.clone()));
        let connections = Arc::new(Directory::new(&config, &local, &addresses.registry));
        let port = Arc::new(Port::new(clusters.clone(), connections.clone()));
        let open_orchestrator = Orchestrator::open(
            orchestrator_config(&config, &paths),
            Ports { kafka: port, connections },
            Arc::new(SystemClock),
        );
        let (broker, orchestrator) = tokio::join!(open_broker(&config, &paths), open_orchestrator);
        let broker = broker?;
        let orchestrator = orchestrator.map_err(|error| StartError::Orchestrator(error.to_string()))?;

        let broker_stop = CancellationToken::new();
        let mut doors: Vec<Listener> =
            listeners.kafka.into_iter().map(|(name, socket)| Listener::new(socket, name)).collect();
        doors.extend(listeners.internal.zip(user).map(|(socket, user)| Listener::internal(socket, user)));
        for door in &doors {
            broker.check_listener(door).map_err(|error| StartError::Broker(error.to_string()))?;
        }
        let serving: Vec<_> = doors
            .into_iter()
            .map(|door| broker::serve(door, broker.clone(), broker_stop.clone().cancelled_owned()))
            .collect();
        let broker_task = tokio::spawn(async move {
            futures::future::join_all(serving).await;
        });
        let log = TopicLog::open(broker.clone()).map_err(|error| StartError::Registry(error.to_string()))?;
        let registry = Registry::open(Arc::new(log), registry::Config::default())
            .await
            .map_err(|error| StartError::Registry(error.to_string()))?;
        broker.check_schemas_by(Registered::new(registry.clone()));

        let services = Arc::new(Services {
            settings: Mutex::new(config.editable.clone()),
            ports: [kafka.port(), registry_at.port(), api_at.port()],
            started_at_ms: jiff::Timestamp::now().as_millisecond(),
            quickstart: Pipeline::new(&config, clusters.local().clone(), orchestrator.clone()),
            addresses,
            broker: broker.clone(),
            orchestrator: orchestrator.clone(),
            clusters,
            metrics,
            health: Health::default(),
            warnings: plan.warnings,
            sizes: commands::SizeCache::default(),
            config,
        });

        let stop = CancellationToken::new();
        let serving = registry::serve(listeners.registry, registry, stop.clone().cancelled_owned());
        let registry_task = guarded(services.clone(), |health| &health.registry, serving);
        let registry = (stop, registry_task);

        let stop = CancellationToken::new();
        let token = stop.clone();
        let scheduling = async move { orchestrator.run(token.cancelled_owned()).await };
        let orchestrator_task = guarded(services.clone(), |health| &health.orchestrator, scheduling);
        let orchestrator = (stop, orchestrator_task);

        // Answers once the scheduler runs and watches the folder: a file put there from now on is seen.
        services.orchestrator.reload().await.map_err(|error| StartError::Orchestrator(error.to_string()))?;

        let stop = CancellationToken::new();
        let router = http::router(services.clone());
        let serving =
            axum::serve(listeners.api, router).with_graceful_shutdown(stop.clone().cancelled_owned());
        let api_task = guarded(services.clone(), |health| &health.api, serving.into_future());
        let api = (stop, api_task);

        let samples = services.clusters.local().keep_sampling();
        services.metrics.record(api::cluster::LOCAL, samples, Some(meter(broker)));
        services.quickstart.begin(services.config.quickstart);
        tracing::info!(
            kafka = services.addresses.kafka,
            registry = services.addresses.registry,
            api = services.addresses.api,
            data_dir = services.addresses.data_dir,
            "services up"
        );
        let running =
            Running { broker: (broker_stop, broker_task), registry, orchestrator, api, _lock: lock };
        Ok(Self { services, running: tokio::sync::Mutex::new(Some(running)) })
    }

    /// Serialises to the first line of `pumphouse serve`.
    pub fn addresses(&self) -> &Addresses {
        &self.services.addresses
    }

    /// Has administrators of the broker see and set what the process logs.
    pub fn log_by(&self, loggers: Arc<Loggers>) {
        self.services.broker.log_by(loggers);
    }

    /// Answers a command of the window.
    pub async fn dispatch(&self, command: &str, params: Value) -> Result<Value, ApiError> {
        self.services.dispatch(command, params).await
    }

    /// Graceful, within five seconds; repeating it is fine.
    pub async fn stop(&self) {
        let Some(running) = self.running.lock().await.take() else { return };
        if tokio::time::timeout(STOP_LIMIT, self.stop_in_order(running)).await.is_err() {
            tracing::warn!("the services did not stop in time");
        }
    }

    /// Users of a service end before it does.
    async fn stop_in_order(&self, running: Running) {
        let Services { quickstart, orchestrator: _, clusters, metrics, broker, .. } = &*self.services;
        let Running { broker: broker_task, registry, orchestrator, api, _lock } = running;
        quickstart.pause_source().await;
        tokio::join!(end("api", api), end("orchestrator", orchestrator));
        tokio::join!(clusters.close(), metrics.close());
        end("registry", registry).await;
        broker_task.0.cancel();
        // The log is closed even if a connection lingers: this is what makes the next start quick.
        match broker.close().await {
            Ok(()) => {}
            Err(error) => tracing::error!(%error, "broker not closed cleanly"),
        }
        end("broker", broker_task).await;
        LocalAccess::remove(&self.services.config.paths());
        tracing::info!("services stopped");
    }
}

impl Services {
    pub(crate) async fn dispatch(&self, command: &str, params: Value) -> Result<Value, ApiError> {
        commands::dispatch(self, command, params).await
    }
}

async fn end(name: &str, (stop, task): (CancellationToken, JoinHandle<()>)) {
    stop.cancel();
    let abort = task.abort_handle();
    if tokio::time::timeout(SERVICE_STOP_LIMIT, task).await.is_err() {
        tracing::warn!(service = name, "not stopped in time, ended");
        abort.abort();
    }
}

/// Runs a service; if it ends with an error, the status page says so.
fn guarded<E: std::fmt::Display>(
    services: Arc<Services>,
    slot: impl Fn(&Health) -> &Mutex<Option<String>> + Send + 'static,
    service: impl Future<Output = Result<(), E>> + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = service.await {
            let error = error.to_string();
            tracing::error!(error, "a service has ended");
            *slot(&services.health).lock() = Some(error);
        }
    })
}

/// The embedded cluster, where clients must say who they are.
fn as_user(kafka: String, registry: &str, user: &InternalUser) -> ClusterConfig {
    let properties = [
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.username", &user.name),
        ("sasl.password", &user.password),
    ];
    let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned()));
    ClusterConfig { properties: properties.into(), ..ClusterConfig::local(kafka, registry) }
}

/// Kafka's `log.retention.hours`.
const DEFAULT_RETENTION_HOURS: i64 = 168;

async fn open_broker(config: &Config, paths: &Paths) -> Result<Broker, StartError> {
    let editable = &config.editable;
    let mut broker = BrokerConfig::new(paths.kafka())
        .with("num.partitions", editable.num_partitions.to_string())
        .with("auto.create.topics.enable", editable.auto_create_topics_enable.to_string());
    // Kafka's own week is its default: set, it would show as given at the start.
    if editable.log_retention_hours != DEFAULT_RETENTION_HOURS {
        broker = broker.with("log.retention.hours", editable.log_retention_hours.to_string());
    }
    broker.properties.extend(config.broker.clone());
    broker.users = config.broker_users.clone();
    // Reads the log directory.
    let opening = tokio::task::spawn_blocking(move || Broker::open(broker, broker::SystemClock));
    match opening.await {
        Ok(opened) => opened.map_err(|error| StartError::Broker(error.to_string())),
        Err(error) => Err(StartError::Broker(error.to_string())),
    }
}

fn orchestrator_config(config: &Config, paths: &Paths) -> OrchestratorConfig {
    let editable = &config.editable;
    let mut orchestrator = OrchestratorConfig::in_dir(paths.root());
    if editable.database != "sqlite" {
        orchestrator.database_url = editable.database.clone();
    }
    orchestrator.dags_dir = paths.dags();
    orchestrator.logs_dir = paths.logs();
    orchestrator.work_dir = paths.work();
    orchestrator.parallelism = editable.parallelism;
    orchestrator.dags_are_paused_at_creation = editable.dags_are_paused_at_creation;
    // The default is looked for by the orchestrator, which also knows `python`.
    orchestrator.python = (editable.python != "python3").then(|| Path::new(&editable.python).to_path_buf());
    orchestrator
}

/// Rates from the broker's counters.
fn meter(broker: Broker) -> TrafficMeter {
    let mut last: Option<(std::time::Instant, u64, u64)> = None;
    Box::new(move || {
        let stats = broker.stats();
        let now = std::time::Instant::now();
        let traffic = last.map_or_else(Traffic::default, |(then, bytes_in, bytes_out)| {
            let seconds = now.duration_since(then).as_secs_f64().max(0.001);
            Traffic {
                bytes_in_per_s: stats.bytes_in.saturating_sub(bytes_in) as f64 / seconds,
                bytes_out_per_s: stats.bytes_out.saturating_sub(bytes_out) as f64 / seconds,
            }
        });
        last = Some((now, stats.bytes_in, stats.bytes_out));
        traffic
    })
}
