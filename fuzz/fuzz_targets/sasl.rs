//! Messages of somebody who has not shown who they are.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| broker::fuzzing::sasl(data));
