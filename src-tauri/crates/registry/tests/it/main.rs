//! The registry over real sockets, as clients see it.

mod api;
mod client;
mod compatibility;
mod contexts;
mod deletion;
mod hostile;
mod json;
mod property;
mod protobuf;
mod storage;
