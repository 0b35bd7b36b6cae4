//! A partition's files after a crash.
#![no_main]

#[path = "../../src-tauri/crates/commitlog/tests/it/fuzzed.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::recovery(data));
