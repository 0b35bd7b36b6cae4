//! Schemas ready for use: parsed once, applied to many payloads.

use crate::avro::Graph;

/// A schema a payload can be read and written by. Cheap to clone.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ParsedSchema {
    Avro(AvroSchema),
    /// A JSON Schema: the body is JSON as it stands.
    Json,
}

/// An Avro schema with all its names resolved.
#[derive(Debug, Clone)]
pub struct AvroSchema {
    pub(crate) graph: std::sync::Arc<Graph>,
}

/// The schema itself cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    #[error("the Avro schema cannot be read: {0}")]
    Invalid(String),
    #[error("the Avro schema names `{0}`, which neither it nor its references define")]
    Unresolved(String),
    #[error("the Avro schema nests deeper than {0} levels")]
    TooDeep(usize),
}

impl ParsedSchema {
    /// Parses an Avro schema. `references` are the texts of the schemas it
    /// names, and of those they name, in any order.
    pub fn avro(schema: &str, references: &[String]) -> Result<Self, SchemaError> {
        let graph = Graph::parse(schema, references)?;
        Ok(Self::Avro(AvroSchema { graph: std::sync::Arc::new(graph) }))
    }

    /// A JSON Schema. What it demands is the producer's business; reading needs
    /// only to know that the body is JSON.
    pub fn json() -> Self {
        Self::Json
    }
}
