//! Avro schemas with everything in them: names resolved, attributes kept.
//!
//! apache-avro's own schema drops attributes it does not know, and the text a
//! client gets back must still have them; so the registry reads schemas itself.

mod defaults;
mod parse;
mod types;
mod write;

pub(crate) use parse::parse;
pub(crate) use types::{AvroSchema, Field, Kind, Named, Primitive, TypeId};
