//! What a killed process has left: its tasks' processes and their folders.
//!
//! Each task's process and all it starts carry the name of its scratch folder
//! in their environment, so nobody else's process is ever taken for one.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

/// Names the scratch folder of the task a process belongs to.
pub(crate) const MARK: &str = "PUMPHOUSE_TASK";

pub(super) fn folder(work_dir: &Path) -> PathBuf {
    work_dir.join("tmp")
}

/// Ends and removes them. Called before anything of this process runs.
pub(crate) fn clear(work_dir: &Path) {
    let names = match names(&folder(work_dir)) {
        Ok(names) if names.is_empty() => return,
        Ok(names) => names,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(%error, "scratch folders not read");
            }
            return;
        }
    };
    kill_marked(&names);
    for name in &names {
        if let Err(error) = std::fs::remove_dir_all(folder(work_dir).join(name)) {
            tracing::warn!(%error, folder = name, "scratch folder not removed");
        }
    }
}

fn names(folder: &Path) -> io::Result<HashSet<String>> {
    let mut names = HashSet::new();
    for entry in std::fs::read_dir(folder)? {
        names.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

#[cfg(target_os = "linux")]
fn kill_marked(names: &HashSet<String>) {
    let Ok(processes) = std::fs::read_dir("/proc") else { return };
    for process in processes.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let Ok(environment) = std::fs::read(process.path().join("environ")) else { continue };
        let prefix = format!("{MARK}=");
        let marked = environment
            .split(|byte| *byte == 0)
            .filter_map(|entry| std::str::from_utf8(entry).ok()?.strip_prefix(&prefix))
            .any(|name| names.contains(name));
        if let Some(pid) = rustix::process::Pid::from_raw(pid).filter(|_| marked) {
            tracing::warn!(pid = pid.as_raw_nonzero(), "ending a task's process that outlived the program");
            // It may have ended by itself just now.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// Other systems do not show a process's environment; its tasks end by themselves.
#[cfg(not(target_os = "linux"))]
fn kill_marked(_: &HashSet<String>) {}
