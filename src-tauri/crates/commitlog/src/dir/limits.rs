/// Every segment keeps its file open, and the usual limit of 1,024 is soon reached: ask for all that is allowed.
#[cfg(unix)]
pub(super) fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        Ok(()) => tracing::debug!(from = limit.current, to = limit.maximum, "open files limit raised"),
        Err(error) => tracing::debug!(%error, "open files limit stays"),
    }
}

/// Windows has no such limit.
#[cfg(not(unix))]
pub(super) fn raise_open_files() {}
