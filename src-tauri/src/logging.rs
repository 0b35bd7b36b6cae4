//! What is logged, to stderr; levels change while the process runs (Kafka's `broker-loggers`).

use std::io::IsTerminal;

use platform::Loggers;
use tracing_subscriber::EnvFilter;

/// The parts that log: crates, and the modules just below them.
const LOGGERS: &[&str] = &[
    "broker",
    "broker.append",
    "broker.background",
    "broker.broker",
    "broker.cleaner",
    "broker.coordinator",
    "broker.group_store",
    "broker.handlers",
    "broker.loggers",
    "broker.partition",
    "broker.replay",
    "broker.security",
    "broker.server",
    "broker.share",
    "broker.topics",
    "broker.transactions",
    "cluster",
    "cluster.browse",
    "cluster.client",
    "cluster.cluster",
    "cluster.sample",
    "commitlog",
    "commitlog.dir",
    "commitlog.log",
    "commitlog.segment",
    "orchestrator",
    "orchestrator.dagbag",
    "orchestrator.logs",
    "orchestrator.operator",
    "orchestrator.rest",
    "orchestrator.scheduler",
    "orchestrator.template",
    "platform",
    "platform.cli",
    "platform.commands",
    "platform.http",
    "platform.metrics",
    "platform.platform",
    "platform.quickstart",
    "platform.start",
    "pumphouse",
    "pumphouse.desktop",
    "pumphouse.serve",
    "registry",
    "registry.registry",
    "registry.server",
];

/// Logs from this level on; `RUST_LOG` overrides it.
pub(crate) fn to_stderr(default_level: &str) -> Loggers {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_level));
    let in_force = filter.to_string();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .with_filter_reloading();
    let handle = subscriber.reload_handle();
    subscriber.init();
    Loggers::new(LOGGERS.iter().copied(), &in_force, move |filter| {
        let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
        handle.reload(filter).map_err(|error| error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    const MACROS: [&str; 5] = ["trace!(", "debug!(", "info!(", "warn!(", "error!("];

    /// The crate, and the module below it, of every file that logs.
    fn collect(krate: &str, module: Option<&str>, dir: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).expect("lists") {
            let path = entry.expect("an entry").path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            let module = module.unwrap_or(stem);
            if path.is_dir() {
                collect(krate, Some(module), &path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("reads");
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                if code.clone().any(|line| MACROS.iter().any(|name| calls(line, name))) {
                    found.extend([krate.to_owned(), format!("{krate}.{module}")]);
                }
            }
        }
    }

    fn calls(line: &str, name: &str) -> bool {
        let before = line.find(name).and_then(|at| line[..at].chars().last());
        line.contains(name)
            && !before.is_some_and(|last| last.is_alphanumeric() || last == '_' || last == '"')
    }

    #[test]
    fn every_part_that_logs_is_a_logger() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri");
        let mut found = BTreeSet::new();
        collect("pumphouse", None, &root.join("src"), &mut found);
        for krate in ["broker", "cluster", "commitlog", "orchestrator", "platform", "registry"] {
            collect(krate, None, &root.join("crates").join(krate).join("src"), &mut found);
        }
        let listed: BTreeSet<String> = LOGGERS.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(listed, found);
        assert!(LOGGERS.is_sorted());
    }
}
