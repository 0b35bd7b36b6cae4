//! The log as its owner sees it: real files in temporary directories.

mod basics;
mod compaction;
mod concurrency;
mod crash;
mod fuzzed;
mod kafka_dump;
mod log_dir;
mod preallocation;
mod producers;
mod reading;
mod retention;
mod support;
mod timestamps;
