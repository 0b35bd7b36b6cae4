//! Keys and values of the topics Kafka's own formats are kept in.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| broker::fuzzing::internal_record(data));
