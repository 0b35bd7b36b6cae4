//! The command line. What each command does is `platform`'s; this only names it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A whole streaming data platform in one window: Kafka broker, schema
/// registry, orchestrator, control center.
#[derive(Parser)]
#[command(name = "pumphouse", version)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) services: ServiceFlags,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ServiceFlags {
    /// Where everything is kept [default: the user's data directory]
    #[arg(long, global = true, env = "PUMPHOUSE_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The address to listen on [default: 127.0.0.1]
    #[arg(long, global = true)]
    pub(crate) host: Option<String>,
    /// The broker's port; 0 takes any free one [default: 9092]
    #[arg(long, global = true, value_name = "PORT")]
    pub(crate) kafka_port: Option<u16>,
    /// Where the broker listens, as Kafka's listeners, e.g. SASL_SSL://0.0.0.0:9093; in place of --kafka-port
    #[arg(long, global = true, value_name = "LIST")]
    pub(crate) listeners: Option<String>,
    /// What clients are told to connect to, as Kafka's advertised.listeners [default: the address they came in by]
    #[arg(long, global = true, value_name = "LIST")]
    pub(crate) advertised_listeners: Option<String>,
    /// A property of the broker by Kafka's name, e.g. num.partitions=4; may be repeated
    #[arg(long = "broker", global = true, value_name = "NAME=VALUE")]
    pub(crate) broker: Vec<String>,
    /// Listen where others can connect without saying who they are
    #[arg(long, global = true)]
    pub(crate) insecure_listen: bool,
    /// The schema registry's port; 0 takes any free one [default: 8081]
    #[arg(long, global = true, value_name = "PORT")]
    pub(crate) registry_port: Option<u16>,
    /// The API's port; 0 takes any free one [default: 8080]
    #[arg(long, global = true, value_name = "PORT")]
    pub(crate) api_port: Option<u16>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// The same services without a window; the first line on stdout is JSON with the addresses
    Serve {
        /// Start the quickstart pipeline too
        #[arg(long)]
        quickstart: bool,
    },
    /// Look at DAG files and run them
    Dag {
        #[command(subcommand)]
        command: DagCommand,
    },
    /// List, create, describe and delete topics
    Topic {
        #[command(flatten)]
        target: TargetFlags,
        #[command(subcommand)]
        command: TopicCommand,
    },
    /// List, describe and delete consumer groups
    Group {
        #[command(flatten)]
        target: TargetFlags,
        #[command(subcommand)]
        command: GroupCommand,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct TargetFlags {
    /// The broker [default: the Pumphouse of the data directory, or 127.0.0.1:9092]
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub(crate) bootstrap_server: Option<String>,
    /// Client properties, as Kafka's tools take them: security.protocol, sasl.jaas.config …
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) command_config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum DagCommand {
    /// Parse files or a folder: DAGs, tasks, edges, groups, schedule, params; errors with file:line
    List {
        path: PathBuf,
        #[arg(long)]
        json: bool,
    },
    /// Run one DAG to its end in the foreground; exit code 1 if the run failed
    Run {
        file: PathBuf,
        /// Needed when the file has several
        #[arg(long)]
        dag_id: Option<String>,
        /// e.g. 2026-01-01T00:00:00Z
        #[arg(long, value_name = "T")]
        logical_date: Option<String>,
        /// A parameter; the value is JSON, or else text
        #[arg(long = "param", value_name = "K=V")]
        params: Vec<String>,
        #[arg(long)]
        json: bool,
        /// Draw the run as a Gantt chart, SVG
        #[arg(long, value_name = "FILE")]
        gantt: Option<PathBuf>,
        /// How the broker is logged in to: client properties, as Kafka's tools take them
        #[arg(long, value_name = "FILE")]
        command_config: Option<PathBuf>,
    },
    /// Write the DAGs of a file as Python for another orchestrator
    Export {
        file: PathBuf,
        #[arg(long, value_enum)]
        to: ExportTarget,
        /// Only this DAG of the file
        #[arg(long)]
        dag_id: Option<String>,
        /// Where to write it [default: stdout]
        #[arg(long, value_name = "F")]
        out: Option<PathBuf>,
    },
    /// The next data intervals and run times
    Next {
        file: PathBuf,
        #[arg(long)]
        dag_id: Option<String>,
        /// As if it were this time
        #[arg(long, value_name = "T")]
        now: Option<String>,
        #[arg(long, default_value_t = 5)]
        count: usize,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ExportTarget {
    /// Apache Airflow 3
    Airflow,
}

#[derive(Subcommand)]
pub(crate) enum TopicCommand {
    List {
        #[arg(long)]
        json: bool,
    },
    Create {
        name: String,
        #[arg(long, default_value_t = 1)]
        partitions: i32,
        #[arg(long, default_value_t = 1)]
        replication_factor: i32,
        /// Kafka's configuration, e.g. retention.ms=3600000
        #[arg(long = "config", value_name = "K=V")]
        configs: Vec<String>,
    },
    Describe {
        name: String,
        #[arg(long)]
        json: bool,
    },
    Delete {
        name: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum GroupCommand {
    List {
        #[arg(long)]
        json: bool,
    },
    /// Lag per partition
    Describe {
        group: String,
        #[arg(long)]
        json: bool,
    },
    Delete {
        group: String,
    },
}
