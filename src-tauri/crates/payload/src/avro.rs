//! Avro: the schema as a graph, binary to JSON text, JSON to binary.

mod decimal;
mod graph;
mod read;
mod scalar;
mod union;
mod write;

pub(crate) use graph::Graph;
pub(crate) use read::read;
pub(crate) use write::write;
