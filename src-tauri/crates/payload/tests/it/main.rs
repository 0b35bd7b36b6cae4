//! All formats through the crate's public functions, against other implementations.

mod avro;
mod hostile;
mod property;
mod protobuf;
mod protobuf_property;
