//! A batch for tests that look into records, or pack them anew.

use super::{BatchBuilder, Compression, Header, NewRecord, Producer};

/// 300 records of a transaction: keys, values and headers that are there, empty or null.
pub(super) fn sample(codec: Compression) -> Vec<u8> {
    let mut builder = BatchBuilder::new()
        .compression(codec)
        .producer(Producer { id: 4, epoch: 1, base_sequence: 10 })
        .transactional()
        .leader_epoch(3);
    for n in 0..300 {
        builder.add(NewRecord {
            timestamp_ms: 1_000 - n,
            key: (n % 2 == 0).then_some(b"key"),
            value: (n % 3 == 0).then_some(&[7; 300]),
            headers: &[Header { key: b"h", value: Some(b"x") }, Header { key: b"", value: None }],
        });
    }
    builder.build_compressed().expect("packs").to_vec()
}
