//! The process's loggers as Kafka's `broker-loggers`: listed with their levels, and set while it runs (KIP-412).

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::Mutex;
use tracing::warn;

/// The logger whose level holds where no nearer one has its own.
pub(crate) const ROOT: &str = "root";

/// What separates a logger's name from its parent's, as in Java: Kafka's tools take no other.
const SEPARATOR: &str = ".";

/// The same in a filter, where loggers are modules.
const MODULE_SEPARATOR: &str = "::";

/// Kafka's levels, and `OFF`, which a filter may begin with and nobody can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    /// Above all that is ever logged here.
    Fatal,
    Off,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Trace => "TRACE",
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
            Level::Fatal => "FATAL",
            Level::Off => "OFF",
        }
    }

    /// As a filter of `tracing` has it.
    fn directive(self) -> &'static str {
        match self {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
            Level::Fatal | Level::Off => "off",
        }
    }

    fn settable(name: &str) -> Option<Self> {
        let all = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];
        all.into_iter().find(|level| level.name() == name)
    }

    fn of_filter(word: &str) -> Option<Self> {
        let all = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Off];
        all.into_iter().find(|level| level.directive().eq_ignore_ascii_case(word))
    }
}

/// One change of a logger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoggerChange<'a> {
    /// To a level by its name.
    Set(&'a str),
    /// Back to its parent's.
    Unset,
}

/// Why no level was changed, in Kafka's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LoggerError {
    #[error("Logger {0} does not exist!")]
    Unknown(String),
    #[error(
        "Cannot set the log level of {logger} to {level} as it is not a supported log level. Valid log levels are \
         DEBUG, ERROR, FATAL, INFO, TRACE, WARN"
    )]
    Level { logger: String, level: String },
    #[error("Removing the log level of the root logger is not allowed")]
    Root,
    #[error("the levels cannot be changed: {0}")]
    Refused(String),
}

/// Puts a filter of `tracing` in force; the error says why it cannot.
type Apply = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// The process's loggers: modules that log, and what of them is logged.
pub struct Loggers {
    names: BTreeSet<&'static str>,
    levels: Mutex<Levels>,
    apply: Apply,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Levels {
    root: Level,
    /// Of those that have their own.
    set: BTreeMap<String, Level>,
    /// Parts of the filter that are no logger's level: kept as they are.
    other: Vec<String>,
}

impl Loggers {
    /// Loggers by the names of their modules, with dots (`broker.server`). `filter` is what is in force, as `RUST_LOG`
    /// has it; `apply` is given another when levels change.
    pub fn new(
        names: impl IntoIterator<Item = &'static str>,
        filter: &str,
        apply: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        let levels = Mutex::new(Levels::parse(filter));
        Self { names: names.into_iter().collect(), levels, apply: Box::new(apply) }
    }

    /// Every logger with the level in force for it, by name.
    pub(crate) fn levels(&self) -> BTreeMap<&str, &'static str> {
        let levels = self.levels.lock();
        let names = self.names.iter().copied().chain([ROOT]);
        names.map(|name| (name, levels.of(name).name())).collect()
    }

    /// Changes all of them, or none.
    pub(crate) fn change(
        &self,
        changes: &[(&str, LoggerChange<'_>)],
        validate_only: bool,
    ) -> Result<(), LoggerError> {
        let mut levels = self.levels.lock();
        let mut after = levels.clone();
        for (name, change) in changes {
            let name = *name;
            if name != ROOT && !self.names.contains(name) {
                return Err(LoggerError::Unknown(name.to_owned()));
            }
            match change {
                LoggerChange::Unset if name == ROOT => return Err(LoggerError::Root),
                LoggerChange::Unset => {
                    after.set.remove(name);
                }
                LoggerChange::Set(level) => {
                    let known = Level::settable(level).ok_or_else(|| LoggerError::Level {
                        logger: name.to_owned(),
                        level: (*level).to_owned(),
                    })?;
                    if name == ROOT {
                        after.root = known;
                    } else {
                        after.set.insert(name.to_owned(), known);
                    }
                }
            }
        }
        if validate_only || after == *levels {
            return Ok(());
        }
        (self.apply)(&after.filter()).map_err(LoggerError::Refused)?;
        *levels = after;
        drop(levels);
        for (name, change) in changes {
            match change {
                LoggerChange::Set(level) => warn!(logger = name, level, "log level changed"),
                LoggerChange::Unset => warn!(logger = name, "log level is its parent's again"),
            }
        }
        Ok(())
    }
}

impl Levels {
    fn parse(filter: &str) -> Self {
        // What a filter says nothing of is logged as an error only.
        let mut levels = Self { root: Level::Error, set: BTreeMap::new(), other: Vec::new() };
        for part in filter.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let own = part.split_once('=').and_then(|(name, word)| Some((name, Level::of_filter(word)?)));
            match (Level::of_filter(part), own) {
                (Some(level), _) => levels.root = level,
                (None, Some((name, level))) if !name.contains(['[', '{']) => {
                    levels.set.insert(name.replace(MODULE_SEPARATOR, SEPARATOR), level);
                }
                _ => levels.other.push(part.to_owned()),
            }
        }
        levels
    }

    fn filter(&self) -> String {
        let set = self.set.iter().map(|(name, level)| {
            format!("{}={}", name.replace(SEPARATOR, MODULE_SEPARATOR), level.directive())
        });
        let all = self.other.iter().cloned().chain([self.root.directive().to_owned()]).chain(set);
        all.collect::<Vec<_>>().join(",")
    }

    /// A logger's own level, or that of the nearest above it.
    fn of(&self, name: &str) -> Level {
        let mut name = name;
        loop {
            if let Some(level) = self.set.get(name) {
                return *level;
            }
            match name.rsplit_once(SEPARATOR) {
                Some((parent, _)) => name = parent,
                None => return self.root,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn loggers(filter: &str) -> (Loggers, Arc<Mutex<Vec<String>>>) {
        let applied = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&applied);
        let apply = move |filter: &str| {
            kept.lock().push(filter.to_owned());
            Ok(())
        };
        (Loggers::new(["broker", "broker.server", "registry"], filter, apply), applied)
    }

    fn told(loggers: &Loggers) -> String {
        let told = loggers.levels().into_iter().map(|(name, level)| format!("{name}={level}"));
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_loggers_level_is_its_own_or_the_nearest_above() {
        let (loggers, applied) = loggers("info,broker=debug,hyper=off,[span{f=1}]=trace");
        assert_eq!(told(&loggers), "broker=DEBUG broker.server=DEBUG registry=INFO root=INFO");
        let changes = [("root", LoggerChange::Set("WARN")), ("broker.server", LoggerChange::Set("FATAL"))];
        assert_eq!(loggers.change(&changes, true), Ok(()));
        assert!(applied.lock().is_empty());
        assert_eq!(loggers.change(&changes, false), Ok(()));
        assert_eq!(told(&loggers), "broker=DEBUG broker.server=FATAL registry=WARN root=WARN");
        assert_eq!(loggers.change(&[("broker", LoggerChange::Unset)], false), Ok(()));
        assert_eq!(told(&loggers), "broker=WARN broker.server=FATAL registry=WARN root=WARN");
        let filters = [
            "[span{f=1}]=trace,warn,broker=debug,broker::server=off,hyper=off",
            "[span{f=1}]=trace,warn,broker::server=off,hyper=off",
        ];
        assert_eq!(*applied.lock(), filters);
    }

    #[test]
    fn one_bad_change_and_nothing_changes() {
        let (loggers, applied) = loggers("");
        let good = ("broker", LoggerChange::Set("DEBUG"));
        let level = |level: &str| LoggerError::Level { logger: "root".to_owned(), level: level.to_owned() };
        for (name, change, error) in [
            ("hyper", LoggerChange::Set("DEBUG"), LoggerError::Unknown("hyper".to_owned())),
            ("hyper", LoggerChange::Unset, LoggerError::Unknown("hyper".to_owned())),
            ("root", LoggerChange::Set("debug"), level("debug")),
            ("root", LoggerChange::Set("OFF"), level("OFF")),
            ("root", LoggerChange::Unset, LoggerError::Root),
        ] {
            assert_eq!(loggers.change(&[good, (name, change)], false), Err(error));
        }
        assert_eq!(told(&loggers), "broker=ERROR broker.server=ERROR registry=ERROR root=ERROR");
        assert!(applied.lock().is_empty());
    }
}
