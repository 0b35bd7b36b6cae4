//! Looking offsets up by time agrees with a scan of all records.

use commitlog::{LogConfig, Offset, OpenMode};
use proptest::prelude::*;
use testkit::TempDir;
use wire::batch::{BatchBuilder, Compression, NewRecord, set_max_timestamp_and_append_time};

use crate::support::{NOW, open, recover};

fn codec() -> impl Strategy<Value = Compression> {
    prop::sample::select(vec![
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ])
}

/// Timestamps of a batch, its codec, and the broker's time if that counts.
type Plan = (Vec<i64>, Compression, Option<i64>);

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let batch = (prop::collection::vec(-1..40i64, 1..6), codec(), prop::option::weighted(0.2, 0..40i64));
    prop::collection::vec(batch, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn agrees_with_a_scan(
        plans in plans(),
        segment_bytes in 300..4_000u64,
        index_interval_bytes in 0..600u32,
        start_share in 0..=100i64,
        reopen in 0..3u8,
    ) {
        let dir = TempDir::new();
        let config = LogConfig { segment_bytes, index_interval_bytes, ..LogConfig::default() };
        let (mut log, _) = open(dir.path(), &config, OpenMode::Clean);
        let mut model = Vec::new();
        for (timestamps, codec, append_time) in &plans {
            let mut builder = BatchBuilder::new().compression(*codec);
            for &timestamp_ms in timestamps {
                builder.add(NewRecord { timestamp_ms, value: Some(&[7; 40]), ..NewRecord::default() });
                model.push(append_time.unwrap_or(timestamp_ms));
            }
            let mut bytes = builder.build_compressed().expect("packs").to_vec();
            if let Some(now) = append_time {
                set_max_timestamp_and_append_time(&mut bytes, *now).expect("one batch");
            }
            let info = log.append(&mut bytes, 0, NOW).expect("appends");
            prop_assert_eq!(info.log_append_time, append_time.unwrap_or(-1));
        }
        let start = log.end_offset().0 * start_share / 100;
        log.delete_records_before(Offset(start), NOW).expect("in range");
        match reopen {
            1 => {
                log.close().expect("closes");
                log = open(dir.path(), &config, OpenMode::Clean).0;
                log.delete_records_before(Offset(start), NOW).expect("in range");
            }
            2 => {
                drop(log);
                log = recover(dir.path(), &config).0;
                log.delete_records_before(Offset(start), NOW).expect("in range");
            }
            _ => {}
        }

        let alive = || model.iter().copied().enumerate().skip(start as usize);
        for timestamp in 0..42 {
            let expected = alive().find(|&(_, t)| t >= timestamp).map(|(o, t)| (Offset(o as i64), t));
            prop_assert_eq!(log.offset_for_timestamp(timestamp).expect("reads"), expected, "{}", timestamp);
        }
        let max = alive().map(|(_, timestamp)| timestamp).max().filter(|&max| max >= 0);
        let expected = max.and_then(|max| alive().find(|&(_, t)| t == max)).map(|(o, t)| (Offset(o as i64), t));
        prop_assert_eq!(log.max_timestamp_offset().expect("reads"), expected);
    }
}
