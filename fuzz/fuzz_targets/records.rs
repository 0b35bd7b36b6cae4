//! Record batches, as a producer sends them and as a segment holds them.
#![no_main]

#[path = "../../src-tauri/crates/wire/tests/it/fuzzed.rs"]
mod fuzzed;
#[path = "../../src-tauri/crates/wire/tests/it/requests.rs"]
mod requests;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::records(data));
