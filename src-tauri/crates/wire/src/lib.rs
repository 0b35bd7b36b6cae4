//! The Kafka protocol: frames, codecs, record batches. Pure: no tokio, no files, no clock.

pub mod batch;
