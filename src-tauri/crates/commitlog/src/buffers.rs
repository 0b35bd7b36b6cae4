//! Buffers for reads, used again: on fresh memory a large read costs several times as much, for the system has
//! to find, clear and map every page of it.

use std::fs::File;
use std::io;

use bytes::Bytes;
use parking_lot::Mutex;

use crate::files;

/// Shorter reads are cheap without.
const POOLED_BYTES_MIN: usize = 32 * 1024;
/// Twice what a fetch asks of one partition by default.
const POOLED_BYTES_MAX: usize = 2 * 1024 * 1024;
/// As many as there are usually fetches under way at once.
const POOLED_MAX: usize = 8;

/// Buffers nobody uses, all of their bytes initialized.
static POOL: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Up to `bytes` bytes of the file at `at`; fewer only at its end. The memory is used again when the last part
/// of what is returned is dropped.
pub(crate) fn read_at(file: &File, at: u64, bytes: usize) -> io::Result<Bytes> {
    if !(POOLED_BYTES_MIN..=POOLED_BYTES_MAX).contains(&bytes) {
        return files::read_at(file, at, bytes).map(Bytes::from);
    }
    let mut buffer = take(bytes);
    let filled = files::read_into(file, at, &mut buffer.0[..bytes])?;
    Ok(Bytes::from_owner(buffer).slice(..filled))
}

/// Gives idle buffers back to the system.
pub(crate) fn release() {
    let idle = std::mem::take(&mut *POOL.lock());
    drop(idle);
}

fn take(bytes: usize) -> Pooled {
    let mut pool = POOL.lock();
    // The one used last is the likeliest to be in the processor's cache.
    let found = pool.iter().rposition(|buffer| buffer.len() >= bytes);
    let used = found.map(|index| pool.remove(index));
    drop(pool);
    Pooled(used.unwrap_or_else(|| vec![0; bytes.next_power_of_two()]))
}

struct Pooled(Vec<u8>);

impl AsRef<[u8]> for Pooled {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.0);
        let mut pool = POOL.lock();
        if pool.len() >= POOLED_MAX {
            let smallest = pool.iter().map(Vec::len).enumerate().min_by_key(|&(_, bytes)| bytes);
            match smallest {
                Some((index, bytes)) if bytes < buffer.len() => drop(pool.remove(index)),
                _ => return,
            }
        }
        pool.push(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_and_never_by_two() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("file");
        let text: Vec<u8> = (0..300_000u32).map(|n| (n / 1000) as u8).collect();
        std::fs::write(&path, &text).expect("writes");
        let file = File::open(&path).expect("opens");
        let first = read_at(&file, 0, 100_000).expect("reads");
        let second = read_at(&file, 100_000, 100_000).expect("reads");
        let slice = first.slice(50_000..);
        drop(first);
        let third = read_at(&file, 200_000, 200_000).expect("reads");
        assert_eq!(&slice[..], &text[50_000..100_000]);
        assert_eq!(&second[..], &text[100_000..200_000]);
        assert_eq!(&third[..], &text[200_000..]);
        drop((slice, second, third));
        release();
        assert_eq!(&read_at(&file, 7, 100_000).expect("reads")[..], &text[7..100_007]);
    }
}
