//! The file operations everything here is made of: positioned reads, atomic replacement, Kafka's file names.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use wire::batch::Offset;

use crate::LogError;

pub(crate) const LOG: &str = "log";
pub(crate) const INDEX: &str = "index";
pub(crate) const TIME_INDEX: &str = "timeindex";
/// Aborted transactions.
pub(crate) const TXN_INDEX: &str = "txnindex";
/// Producers as of the file's offset.
pub(crate) const SNAPSHOT: &str = "snapshot";
/// A compacted segment being written.
pub(crate) const CLEANED: &str = "cleaned";
/// A compacted segment, complete, about to replace what it was made of.
pub(crate) const SWAP: &str = "swap";
/// Removed from the log, deleted from disk a little later.
pub(crate) const DELETED: &str = "deleted";

/// `00000000000000000042.log`
pub(crate) fn segment_file(dir: &Path, base: Offset, extension: &str) -> PathBuf {
    dir.join(format!("{:020}.{extension}", base.0))
}

/// The base offset and extension (`log`, `index.swap`) of a segment's file; `None` for any other file.
pub(crate) fn parse_segment_file(name: &str) -> Option<(Offset, &str)> {
    let (digits, extension) = name.split_once('.')?;
    if digits.len() != 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((Offset(digits.parse().ok()?), extension))
}

/// Up to `bytes` bytes at `at`; fewer only at the end of the file.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, at: u64, bytes: usize) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    out.try_reserve_exact(bytes)?;
    while out.len() < bytes {
        let from = at + out.len() as u64;
        match rustix::io::pread(file, rustix::buffer::spare_capacity(&mut out), from) {
            Ok(0) => break,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // The allocator may have given more than was asked for.
    out.truncate(bytes);
    Ok(out)
}

/// Fills `out` from `at` on; fewer bytes only at the end of the file. How many there were.
pub(crate) fn read_into(file: &File, at: u64, out: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < out.len() {
        match read_some(file, at + filled as u64, &mut out[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(unix)]
fn read_some(file: &File, at: u64, out: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, at)
}

#[cfg(windows)]
fn read_some(file: &File, at: u64, out: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, at)
}

/// Up to `bytes` bytes at `at`; fewer only at the end of the file.
#[cfg(windows)]
pub(crate) fn read_at(file: &File, at: u64, bytes: usize) -> io::Result<Vec<u8>> {
    let mut out = vec![0; bytes];
    let filled = read_into(file, at, &mut out)?;
    out.truncate(filled);
    Ok(out)
}

/// The most that is given to one write, and what writes are aligned to. For a larger one Linux tries to find as
/// much memory in one piece, and once the page cache fills the memory it moves other pages to make room: that
/// costs three times as much as the write.
#[cfg(unix)]
const WRITE_BYTES_MAX: usize = 64 * 1024;

/// All of `bytes` at `at`.
#[cfg(unix)]
pub(crate) fn write_at(file: &File, mut at: u64, mut bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    while !bytes.is_empty() {
        let to_boundary = WRITE_BYTES_MAX - (at % WRITE_BYTES_MAX as u64) as usize;
        let (now, later) = bytes.split_at(to_boundary.min(bytes.len()));
        file.write_all_at(now, at)?;
        at += now.len() as u64;
        bytes = later;
    }
    Ok(())
}

/// All of `bytes` at `at`.
#[cfg(windows)]
pub(crate) fn write_at(file: &File, at: u64, mut bytes: &[u8]) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    let mut at = at;
    while !bytes.is_empty() {
        let written = file.seek_write(bytes, at)?;
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}

/// Opens for reading and writing, creating the file when it is missing.
pub(crate) fn open_rw(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}

/// Replaces a file as one step: readers and a crash see the old text or the new.
pub(crate) fn write_atomically(path: &Path, text: &str) -> Result<(), LogError> {
    let temporary = path.with_added_extension("tmp");
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        sync_dir_of(path)
    };
    write().map_err(LogError::io("write", path))
}

/// [`write_atomically`] for bytes, left to the file system to make durable: for what can be made anew.
pub(crate) fn write_lazily(path: &Path, bytes: &[u8]) -> Result<(), LogError> {
    let temporary = path.with_added_extension("tmp");
    let write = || {
        fs::write(&temporary, bytes)?;
        fs::rename(&temporary, path)
    };
    write().map_err(LogError::io("write", path))
}

/// The text of a file, or `None` when there is no such file.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, LogError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LogError::io("read", path)(error)),
    }
}

/// Makes creations, renames and removals in the file's directory durable.
pub(crate) fn sync_dir_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_dir)
}

/// Makes creations, renames and removals in a directory durable.
#[cfg(unix)]
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Windows cannot open a directory as a file; its file system journals renames.
#[cfg(windows)]
pub(crate) fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// Removes a file; that it is gone already is fine.
pub(crate) fn remove(path: &Path) -> Result<(), LogError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LogError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Renames a file; that it is gone already is fine.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), LogError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LogError::io("rename", from)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<(i64, &str)>) {
        let parsed = parse_segment_file(name);
        assert_eq!(parsed.map(|(offset, extension)| (offset.0, extension)), expected, "{name}");
    }

    #[test]
    fn segment_names() {
        check("00000000000000000042.log", Some((42, "log")));
        check("00000000000000000042.timeindex.swap", Some((42, "timeindex.swap")));
        check("42.log", None);
        check("leader-epoch-checkpoint", None);
        check("99999999999999999999.log", None);
        let path = segment_file(Path::new("/d"), Offset(7), LOG);
        assert_eq!(path, Path::new("/d/00000000000000000007.log"));
    }
}
