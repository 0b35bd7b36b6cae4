//! One instance per data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;

use serde::{Deserialize, Serialize};

use crate::error::StartError;
use crate::paths::Paths;

/// Held while an instance runs; the operating system lets go of it if the process dies.
#[derive(Debug)]
pub(crate) struct DirLock {
    _file: File,
    holder_file: std::path::PathBuf,
}

/// Written beside the lock, because a locked file can't be read everywhere.
#[derive(Serialize, Deserialize)]
struct Holder {
    pid: u32,
    started_at: String,
}

impl DirLock {
    pub(crate) fn acquire(paths: &Paths) -> Result<Self, StartError> {
        let path = paths.lock_file();
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| StartError::io(&path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StartError::InUse { dir: paths.root().to_path_buf(), holder: holder(paths) });
            }
            Err(TryLockError::Error(source)) => return Err(StartError::io(&path, source)),
        }
        let holder_file = paths.holder_file();
        let holder =
            Holder { pid: std::process::id(), started_at: jiff::Zoned::now().strftime("%F %T").to_string() };
        let written = serde_json::to_vec(&holder)
            .map_err(std::io::Error::from)
            .and_then(|text| File::create(&holder_file)?.write_all(&text));
        written.map_err(|source| StartError::io(&holder_file, source))?;
        Ok(Self { _file: file, holder_file })
    }
}

impl Drop for DirLock {
    fn drop(&mut self) {
        // The lock itself ends with the file; a stale note would only be misleading.
        if let Err(error) = std::fs::remove_file(&self.holder_file) {
            tracing::debug!(%error, "holder file not removed");
        }
    }
}

fn holder(paths: &Paths) -> String {
    let known = std::fs::read(paths.holder_file()).ok();
    match known.and_then(|text| serde_json::from_slice::<Holder>(&text).ok()) {
        Some(Holder { pid, started_at }) => {
            format!("the Pumphouse with process id {pid}, started {started_at}")
        }
        None => "another Pumphouse".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_is_first() {
        let dir = testkit::TempDir::new();
        let paths = Paths::new(dir.path());
        let first = DirLock::acquire(&paths).expect("the first");
        let said = DirLock::acquire(&paths).expect_err("refused").to_string();
        assert!(said.contains(&std::process::id().to_string()) && said.contains("--data-dir"), "{said}");
        drop(first);
        DirLock::acquire(&paths).expect("free again");
    }
}
