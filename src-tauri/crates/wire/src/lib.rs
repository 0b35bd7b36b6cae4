//! The Kafka protocol: frames, codecs, record batches. Pure: no tokio, no files, no clock.
//!
//! [`frame`] splits a connection's bytes into requests, [`messages`] holds every request and response,
//! [`codec`] reads and writes them, [`batch`] is the format of records on the wire and on disk, [`errors`]
//! are Kafka's error codes.
//!
//! **Memory is bounded by the bytes received.** No length or count inside a request reserves anything: see
//! [`codec`].

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that cannot go on fails"))]

pub mod api;
pub mod batch;
pub mod codec;
pub mod errors;
pub mod frame;
pub mod messages;
pub mod uuid;

pub use api::ApiKey;
pub use errors::ErrorCode;
pub use frame::RequestHeader;
pub use uuid::Uuid;
