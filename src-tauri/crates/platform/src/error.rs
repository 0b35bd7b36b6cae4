//! Why Pumphouse did not start, and how errors of every service reach the window.

use std::path::{Path, PathBuf};

use api::{ApiError, ErrorCode};
use cluster::ClusterError;
use orchestrator::OrchestratorError;

/// Why the services did not start; each says the way out.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the data directory's name is empty; give one with --data-dir")]
    EmptyDataDir,
    #[error("this user has no home directory; say where the data belongs with --data-dir")]
    NoHome,
    #[error("{}: {reason}; make it usable, or choose another directory with --data-dir", path.display())]
    Io { path: PathBuf, reason: std::io::Error },
    #[error("{}: {reason}", path.display())]
    ConfigFile { path: PathBuf, reason: String },
    #[error(
        "{} is in use by {holder}; stop it, or start with another directory (--data-dir)",
        dir.display()
    )]
    InUse { dir: PathBuf, holder: String },
    #[error(
        "port {port} on {host} is taken by {holder}; stop it, or choose another port with {flag} (0 takes any free one)"
    )]
    PortTaken { host: String, port: u16, holder: String, flag: &'static str },
    #[error(
        "can't listen on {host}:{port}: {reason}; choose another address with --host or another port with {flag}"
    )]
    Listen { host: String, port: u16, flag: &'static str, reason: std::io::Error },
    #[error("'{0}' is no property of the broker: NAME=VALUE, with the names of Kafka's server.properties")]
    Property(String),
    #[error("{0}")]
    Listeners(#[from] broker::listener::ListenerError),
    #[error(
        "{what} can be reached by others, who need not say who they are. Let the broker ask them \
         (listeners with SASL_SSL or client certificates), listen on 127.0.0.1, or allow it with \
         --insecure-listen (allow_insecure = true in config.toml)"
    )]
    Insecure { what: String },
    #[error("the broker can't start: {0}")]
    Broker(String),
    #[error("the schema registry can't start: {0}")]
    Registry(String),
    #[error("the orchestrator can't start: {0}")]
    Orchestrator(String),
}

impl StartError {
    pub(crate) fn io(path: &Path, reason: std::io::Error) -> Self {
        Self::Io { path: path.to_path_buf(), reason }
    }
}

impl From<StartError> for ApiError {
    fn from(error: StartError) -> Self {
        let code = match &error {
            StartError::EmptyDataDir
            | StartError::NoHome
            | StartError::ConfigFile { .. }
            | StartError::Property(_)
            | StartError::Listeners(_)
            | StartError::Insecure { .. } => ErrorCode::InvalidRequest,
            StartError::InUse { .. } | StartError::PortTaken { .. } => ErrorCode::Conflict,
            StartError::Io { .. }
            | StartError::Listen { .. }
            | StartError::Broker(_)
            | StartError::Registry(_)
            | StartError::Orchestrator(_) => ErrorCode::Unavailable,
        };
        Self::new(code, error.to_string())
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, message)
}

pub(crate) fn internal(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::Internal, message)
}

/// The one place where a client's errors become the window's.
pub(crate) fn of_cluster(error: ClusterError) -> ApiError {
    let code = match &error {
        ClusterError::NotFound { .. } => ErrorCode::NotFound,
        ClusterError::Exists { .. } | ClusterError::Conflict { .. } => ErrorCode::Conflict,
        ClusterError::Invalid(_) => ErrorCode::InvalidRequest,
        ClusterError::Refused { .. } => ErrorCode::Refused,
        ClusterError::Unavailable { .. } => ErrorCode::Unavailable,
        ClusterError::Timeout { .. } => ErrorCode::Timeout,
        ClusterError::Unsupported { .. } => ErrorCode::Unsupported,
        ClusterError::Internal(_) => ErrorCode::Internal,
    };
    let hint = match &error {
        ClusterError::Unavailable { .. } => Some("Check that it runs and that its address is right."),
        ClusterError::Exists { .. } => Some("Choose another name."),
        ClusterError::NotFound { .. }
        | ClusterError::Conflict { .. }
        | ClusterError::Invalid(_)
        | ClusterError::Refused { .. }
        | ClusterError::Timeout { .. }
        | ClusterError::Unsupported { .. }
        | ClusterError::Internal(_) => None,
    };
    let text = error.to_string();
    // A message about a parameter begins with the parameter's own name.
    let message = if code == ErrorCode::InvalidRequest { text } else { sentence(&text) };
    let api = ApiError::new(code, message);
    match hint {
        Some(hint) => api.with_hint(hint),
        None => api,
    }
}

/// The one place where the orchestrator's errors become the window's.
pub(crate) fn of_orchestrator(error: OrchestratorError) -> ApiError {
    let code = match &error {
        OrchestratorError::DagNotFound { .. }
        | OrchestratorError::RunNotFound { .. }
        | OrchestratorError::TaskInstanceNotFound { .. }
        | OrchestratorError::TaskNotFound { .. } => ErrorCode::NotFound,
        OrchestratorError::DagStale { .. } | OrchestratorError::RunExists { .. } => ErrorCode::Conflict,
        OrchestratorError::ParamsInvalid { .. } | OrchestratorError::Invalid(_) => ErrorCode::InvalidRequest,
        OrchestratorError::Stopped => ErrorCode::Unavailable,
        OrchestratorError::Store(_) | OrchestratorError::Io { .. } => ErrorCode::Internal,
    };
    ApiError::new(code, sentence(&error.to_string()))
}

/// Begins with a capital, unless it begins with a name.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_ascii_lowercase() && text.split(' ').next().is_some_and(plain_word) => {
            first.to_ascii_uppercase().to_string() + chars.as_str()
        }
        _ => text.to_owned(),
    }
}

fn plain_word(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(sentence(text), expected);
    }

    #[test]
    fn messages_begin_like_sentences() {
        check("topic 'x' does not exist", "Topic 'x' does not exist");
        check("auto.offset.reset: wrong", "auto.offset.reset: wrong");
        check("127.0.0.1:9092 does not answer", "127.0.0.1:9092 does not answer");
        check("", "");
    }
}
