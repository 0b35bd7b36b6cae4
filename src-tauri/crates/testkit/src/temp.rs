use std::path::{Path, PathBuf};

/// A directory that goes with the test, unless the test fails or `PUMPHOUSE_KEEP_TEMP` is set: then it stays, and
/// its path is printed.
#[derive(Debug)]
pub struct TempDir {
    dir: Option<tempfile::TempDir>,
    path: PathBuf,
}

impl TempDir {
    /// # Panics
    /// When no directory can be made.
    #[must_use]
    pub fn new() -> TempDir {
        let dir = match tempfile::Builder::new().prefix("pumphouse-").tempdir() {
            Ok(dir) => dir,
            Err(error) => panic!("cannot make a temporary directory: {error}"),
        };
        let path = dir.path().to_path_buf();
        TempDir { dir: Some(dir), path }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path inside.
    #[must_use]
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }
}

impl Default for TempDir {
    fn default() -> TempDir {
        TempDir::new()
    }
}

impl AsRef<Path> for TempDir {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let keeps = std::thread::panicking() || std::env::var_os("PUMPHOUSE_KEEP_TEMP").is_some();
        if let Some(dir) = self.dir.take().filter(|_| keeps) {
            eprintln!("kept {}", dir.keep().display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_with_its_contents() {
        let dir = TempDir::new();
        let path = dir.path().to_path_buf();
        std::fs::write(dir.join("file"), "text").expect("writes");
        drop(dir);
        assert!(!path.exists() || std::env::var_os("PUMPHOUSE_KEEP_TEMP").is_some());
    }
}
