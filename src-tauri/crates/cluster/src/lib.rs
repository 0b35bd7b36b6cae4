//! One Kafka cluster seen as a client: topics, messages, groups, schemas,
//! rates and lag. The embedded broker and a remote Kafka are the same to it.
//!
//! [`Cluster`] is the handle. Administration, metadata and producing share one
//! native client; reading borrows consumers from a small pool that never joins
//! a group and never commits. What a list shows comes from the [`sample`]r's
//! last look, at most a second old, so that lists answer at once whatever the
//! cluster's size.
//!
//! Every call has a time limit. A dropped future stops the reading behind it;
//! librdkafka's admin calls end at their own limit.
//!
//! `ffi` alone is unsafe: it wraps the admin calls that rdkafka's Rust API lacks.

mod admin;
mod browse;
mod client;
mod cluster;
mod config;
mod configs;
mod consume;
mod error;
mod ffi;
mod groups;
mod message;
mod metadata;
mod produce;
pub mod sample;
mod schemas;

pub use browse::{BrowseRequest, MESSAGES_MAX, Page, Position, Seek, Tail, TailRequest};
pub use cluster::Cluster;
pub use config::{ClusterConfig, RegistryConfig};
pub use consume::{ConsumeRequest, Consumed, ConsumedRecord, OffsetReset};
pub use error::{ClusterError, Result};
pub use ffi::{
    ClusterDescription, ConfigChange, ConfigValue, GroupDescription, GroupKind, GroupListing, GroupState,
    ListedOffset, Member, Node, OffsetSpec, Resource, TopicPartition,
};
pub use groups::{OffsetMove, ResetTo};
pub use message::{Message, Payload, PayloadSchema};
pub use metadata::{Metadata, Partition, Topic};
pub use payload::Encoding;
pub use produce::{EncodedRecord, ProducePayload, ProduceRequest, Produced};
pub use schemas::{
    Level, Reference, RegisteredSchema, SchemaUse, Schemas, SubjectRow, SubjectVersion, Verdict,
};
