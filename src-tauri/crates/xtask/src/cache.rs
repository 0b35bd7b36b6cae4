//! Where things are: the clone, the cache beside it.

use std::path::{Path, PathBuf};

/// The clone's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(3)
        .expect("xtask lies three folders below the root")
        .to_path_buf()
}

/// What outlives a clone: build output, downloads, Python environments.
/// `PUMPHOUSE_CACHE` overrides the user's cache directory.
pub(crate) fn dir() -> PathBuf {
    if let Some(dir) = std::env::var_os("PUMPHOUSE_CACHE") {
        return dir.into();
    }
    let home = PathBuf::from(
        std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).unwrap_or_default(),
    );
    if cfg!(target_os = "macos") {
        return home.join("Library/Caches/pumphouse");
    }
    match (cfg!(windows), std::env::var_os("LOCALAPPDATA"), std::env::var_os("XDG_CACHE_HOME")) {
        (true, Some(local), _) => PathBuf::from(local).join("pumphouse").join("cache"),
        (_, _, Some(xdg)) if !xdg.is_empty() => PathBuf::from(xdg).join("pumphouse"),
        _ => home.join(".cache").join("pumphouse"),
    }
}

/// Cargo's output: the user's choice, or the cache.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| dir().join("target"), PathBuf::from)
}

/// Screenshots and reports of this clone.
pub(crate) fn screens() -> PathBuf {
    root().join("target").join("screens")
}

/// The app's binary in a profile's folder.
pub(crate) fn binary(profile_dir: &str) -> PathBuf {
    target().join(profile_dir).join(format!("pumphouse{}", std::env::consts::EXE_SUFFIX))
}

/// A step whose inputs are fingerprinted: it is done again only when they change.
pub(crate) struct Stamp {
    path: PathBuf,
    fingerprint: String,
}

impl Stamp {
    /// `inputs` are files or folders; their paths and contents count.
    pub(crate) fn new(path: PathBuf, inputs: &[PathBuf]) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        for input in inputs {
            collect(input, &mut files)?;
        }
        files.sort();
        let mut hash = Fnv::default();
        for file in &files {
            hash.write(file.to_string_lossy().as_bytes());
            hash.write(&std::fs::read(file)?);
        }
        Ok(Self { path, fingerprint: format!("{:016x}", hash.0) })
    }

    pub(crate) fn is_fresh(&self) -> bool {
        std::fs::read_to_string(&self.path).is_ok_and(|was| was == self.fingerprint)
    }

    pub(crate) fn write(&self) -> anyhow::Result<()> {
        if let Some(parent) = self.path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        Ok(std::fs::write(&self.path, &self.fingerprint)?)
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            let entry = entry?.path();
            if !entry.ends_with("node_modules") {
                collect(&entry, files)?;
            }
        }
    } else if path.is_file() {
        files.push(path.to_path_buf());
    }
    Ok(())
}

/// FNV-1a: a fingerprint to notice change by, stable between compilers.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
