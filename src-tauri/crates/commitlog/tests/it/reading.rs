//! Reads from every offset agree with a model.

use commitlog::{LogConfig, Offset, OpenMode};
use proptest::prelude::*;
use testkit::TempDir;
use wire::batch::batches;

use crate::support::{append, filler, open};

fn sizes() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((1..6usize, 1..400usize), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_read_is_a_run_of_batches_from_the_one_asked_for(
        sizes in sizes(),
        segment_bytes in 300..4_000u64,
        index_interval_bytes in 0..600u32,
        max_bytes in 0..3_000usize,
        upto_share in 0..=100i64,
        reopened in any::<bool>(),
    ) {
        let dir = TempDir::new();
        let config = LogConfig { segment_bytes, index_interval_bytes, ..LogConfig::default() };
        let (mut log, _) = open(dir.path(), &config, OpenMode::Clean);
        // Model: first offset, last offset and size of each batch.
        let mut model: Vec<(i64, i64, usize)> = Vec::new();
        for (count, bytes) in sizes {
            let batch = filler(count, bytes);
            let last = append(&log, &batch).0;
            model.push((last - count as i64 + 1, last, batch.len()));
        }
        if reopened {
            log.close().expect("closes");
            log = open(dir.path(), &config, OpenMode::Clean).0;
        }
        let end = log.end_offset().0;
        let upto = end * upto_share / 100;
        for from in 0..=end {
            for min_one in [true, false] {
                let chunk = log.read(Offset(from), max_bytes, Offset(upto), min_one).expect("in range");
                let seen: Vec<_> = batches(&chunk.bytes)
                    .map(|batch| {
                        let batch = batch.expect("whole");
                        batch.verify_crc().expect("sound");
                        (batch.header.base_offset.0, batch.header.last_offset().0, batch.bytes().len())
                    })
                    .collect();
                let first = model.iter().position(|&(_, last, _)| last >= from);
                let Some(first) = first.filter(|&first| from < upto && model[first].0 < upto) else {
                    prop_assert!(seen.is_empty());
                    continue;
                };
                prop_assert!(model[first..].starts_with(&seen), "{from}: {seen:?}");
                prop_assert!(chunk.bytes.len() <= max_bytes || (min_one && seen.len() == 1));
                let fits = model[first].2 <= max_bytes || min_one;
                prop_assert_eq!(!seen.is_empty(), fits, "{}", from);
                prop_assert!(seen.iter().all(|batch| batch.0 < upto));
                let next = seen.last().map_or(from, |batch| batch.1 + 1);
                prop_assert_eq!(chunk.next_offset, Offset(next));
            }
        }
        prop_assert!(log.read(Offset(end + 1), 1, Offset::MAX, true).is_err());
        prop_assert!(log.read(Offset(-1), 1, Offset::MAX, true).is_err());
    }
}
