//! What `cargo xtask fuzz frame` and `cargo xtask fuzz records` feed with anything at all; `fuzz/regressions` holds
//! what they once failed on.

use wire::batch::batches;
use wire::frame::RequestHeader;

use crate::requests::read_any;

/// More than a batch of a few kilobytes may unpack to.
const UNPACKED_BYTES_MAX: usize = 1 << 20;

pub(crate) fn frame(data: &[u8]) {
    if let Ok(header) = RequestHeader::read(data) {
        read_any(&header, data);
    }
}

pub(crate) fn records(data: &[u8]) {
    for batch in batches(data) {
        let Ok(batch) = batch else { return };
        let _ = batch.verify_crc();
        let _ = batch.header.last_offset();
        let Ok(records) = batch.records(UNPACKED_BYTES_MAX) else { continue };
        for record in records.iter() {
            let Ok(record) = record else { break };
            let bytes: usize = record.headers.into_iter().map(|header| header.key.len()).sum();
            assert!(bytes <= UNPACKED_BYTES_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_once_failed() {
        for (target, run) in [("frame", super::frame as fn(&[u8])), ("records", super::records)] {
            let folder = format!("{}/../../../fuzz/regressions/{target}", env!("CARGO_MANIFEST_DIR"));
            // There is no folder as long as nothing failed.
            for file in std::fs::read_dir(folder).into_iter().flatten() {
                run(&std::fs::read(file.expect("a file").path()).expect("reads"));
            }
        }
    }
}
