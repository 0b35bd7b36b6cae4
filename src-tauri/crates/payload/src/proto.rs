//! Protobuf: the files as a graph, wire format to JSON text, JSON to wire format.
//!
//! The JSON is protobuf's own mapping, with the names the `.proto` file has.

mod any;
mod base64;
mod common;
mod compile;
mod graph;
mod index;
mod known;
mod map;
mod read;
mod scalar;
mod slots;
mod wire;
mod write;

pub use common::{common_proto, common_protos};
pub(crate) use compile::message_names;
pub(crate) use graph::{Graph, Tree};
pub(crate) use index::name_at;
pub(crate) use read::{ReadError, Readable, read, read_framed};
pub(crate) use write::write;
