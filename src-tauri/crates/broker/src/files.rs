//! Small files of our own, written whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

/// Replaces a file by `value` as JSON: after a crash it holds the old or the new, never a part.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    write(path, value, OpenOptions::new().write(true).create(true).truncate(true))
}

/// The same for what only the user who runs the broker may read.
pub(crate) fn write_private_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    write(path, value, &options)
}

fn write(path: &Path, value: &impl Serialize, options: &OpenOptions) -> io::Result<()> {
    let bytes = serde_json::to_vec_pretty(value)?;
    let beside = path.with_extension("json.tmp");
    let mut file = options.open(&beside)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
