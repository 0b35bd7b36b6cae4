//! Task logs: one file per try, in Airflow's folders, readable while it grows.

mod read;
mod write;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::records::TaskKey;

pub(crate) use read::LogChunk;
pub(crate) use write::{Level, TaskLog};

use write::Inner;

/// The logs folder, and the files being written now.
#[derive(Clone)]
pub(crate) struct TaskLogs {
    dir: PathBuf,
    open: Arc<Mutex<HashMap<PathBuf, Weak<Inner>>>>,
}

impl TaskLogs {
    pub(crate) fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), open: Arc::default() }
    }

    /// Opens the log of a try, adding to it where an earlier process began it.
    pub(crate) fn create(&self, key: &TaskKey, try_number: u32) -> io::Result<TaskLog> {
        let path = self.path(key, try_number);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let log = TaskLog::append(&path)?;
        let mut open = self.open.lock();
        open.retain(|_, log| log.strong_count() > 0);
        open.insert(path, log.downgrade());
        Ok(log)
    }

    /// The text from `offset_bytes` on, whole lines, at most `bytes_max`.
    pub(crate) async fn read(
        &self,
        key: &TaskKey,
        try_number: u32,
        offset_bytes: u64,
        bytes_max: usize,
    ) -> io::Result<LogChunk> {
        let path = self.path(key, try_number);
        tokio::task::spawn_blocking(move || read::chunk(&path, offset_bytes, bytes_max))
            .await
            .map_err(io::Error::other)?
    }

    /// Completes when the log is longer than `offset_bytes` or is no longer written.
    pub(crate) async fn grown(&self, key: &TaskKey, try_number: u32, offset_bytes: u64) {
        let path = self.path(key, try_number);
        let lengths = {
            let open = self.open.lock();
            open.get(&path).and_then(Weak::upgrade).map(|log| log.subscribe())
        };
        if let Some(mut lengths) = lengths {
            // An error means the writer is gone, which is an answer too.
            drop(lengths.wait_for(|length| *length > offset_bytes).await);
        }
    }

    /// Is a task writing to this try's log now?
    pub(crate) fn is_open(&self, key: &TaskKey, try_number: u32) -> bool {
        let path = self.path(key, try_number);
        self.open.lock().get(&path).is_some_and(|log| log.strong_count() > 0)
    }

    pub(crate) fn path(&self, key: &TaskKey, try_number: u32) -> PathBuf {
        path_in(&self.dir, key, try_number)
    }
}

fn path_in(dir: &Path, key: &TaskKey, try_number: u32) -> PathBuf {
    let mut path = dir.join(format!("dag_id={}", safe(&key.dag_id)));
    path.push(format!("run_id={}", safe(&key.run_id)));
    path.push(format!("task_id={}", safe(&key.task_id)));
    if key.map_index >= 0 {
        path.push(format!("map_index={}", key.map_index));
    }
    path.push(format!("attempt={try_number}.log"));
    path
}

/// A file name of it: separators never leave the folder, and Windows knows no colon.
pub(crate) fn safe(id: &str) -> String {
    id.chars()
        .map(|c| match c {
            '/' | '\\' | '\0' => '_',
            ':' | '<' | '>' | '"' | '|' | '?' | '*' if cfg!(windows) => '_',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(task_id: &str, map_index: i32, expected: &str) {
        let key =
            TaskKey { dag_id: "d".into(), run_id: "manual__1".into(), task_id: task_id.into(), map_index };
        assert_eq!(path_in(Path::new("/l"), &key, 2), Path::new(expected));
    }

    #[test]
    fn paths_are_airflows_and_stay_inside() {
        check("t", -1, "/l/dag_id=d/run_id=manual__1/task_id=t/attempt=2.log");
        check("g.t", 3, "/l/dag_id=d/run_id=manual__1/task_id=g.t/map_index=3/attempt=2.log");
        check("../../x", -1, "/l/dag_id=d/run_id=manual__1/task_id=.._.._x/attempt=2.log");
    }
}
