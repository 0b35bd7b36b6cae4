//! Reading a piece of a log.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// A piece of a log. Empty text and an unchanged offset: nothing new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogChunk {
    pub text: String,
    pub next_offset_bytes: u64,
}

pub(super) fn chunk(path: &Path, offset_bytes: u64, bytes_max: usize) -> io::Result<LogChunk> {
    let nothing = LogChunk { text: String::new(), next_offset_bytes: offset_bytes };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(nothing),
        Err(error) => return Err(error),
    };
    file.seek(SeekFrom::Start(offset_bytes))?;
    let mut bytes = Vec::new();
    file.take(bytes_max as u64).read_to_end(&mut bytes)?;
    // Lines are written whole, so only the bound can cut one.
    let whole = match bytes.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => end + 1,
        None if bytes.len() == bytes_max => bytes.len(),
        None => return Ok(nothing),
    };
    bytes.truncate(whole);
    Ok(LogChunk {
        next_offset_bytes: offset_bytes + whole as u64,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(offset: u64, max: usize, text: &str, next: u64) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        std::fs::write(&path, "one\ntwo\nthree\nhal").unwrap();
        let expected = LogChunk { text: text.into(), next_offset_bytes: next };
        assert_eq!(chunk(&path, offset, max).unwrap(), expected);
    }

    #[test]
    fn pieces_end_at_a_line() {
        check(0, 1000, "one\ntwo\nthree\n", 14);
        check(0, 9, "one\ntwo\n", 8);
        check(8, 9, "three\n", 14);
        check(14, 9, "", 14);
        check(99, 9, "", 99);
        check(8, 3, "thr", 11);
    }
}
