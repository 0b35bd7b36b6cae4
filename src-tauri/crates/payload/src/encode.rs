//! JSON text into framed bytes.

use crate::{FRAME_BYTES, ParsedSchema, SchemaId, avro, frame, json::Json, proto};

/// The text does not fit the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("the text is not JSON: {0}")]
    NotJson(String),
    /// `path` is a JSON path: `$.user.tags[3]`.
    #[error("{path}: {reason}")]
    Mismatch { path: String, reason: String },
    #[error("the schema cannot be used: {0}")]
    Schema(String),
    #[error("the schema has no message `{name}`; it has {known}")]
    NoMessage { name: String, known: String },
}

/// Encodes JSON `text` by `schema`, behind the frame of `id`. Of a Protobuf
/// file's messages it takes the first.
///
/// A field the text leaves out takes the schema's default; one the schema does
/// not have is an error.
pub fn encode(text: &str, schema: &ParsedSchema, id: SchemaId) -> Result<Vec<u8>, EncodeError> {
    encode_message(text, schema, id, None)
}

/// As [`encode`], with the Protobuf message of this full name; for other
/// schemas it has no meaning.
pub fn encode_message(
    text: &str,
    schema: &ParsedSchema,
    id: SchemaId,
    message: Option<&str>,
) -> Result<Vec<u8>, EncodeError> {
    match schema {
        ParsedSchema::Avro(schema) => {
            let json = Json::parse(text).map_err(EncodeError::NotJson)?;
            Ok(frame(id, &avro::write(schema, &json)?))
        }
        ParsedSchema::Json(schema) => {
            schema.check(text)?;
            Ok(frame(id, text.as_bytes()))
        }
        ParsedSchema::Protobuf(schema) => {
            let json = Json::parse(text).map_err(EncodeError::NotJson)?;
            let mut framed = frame(id, &[]);
            debug_assert_eq!(framed.len(), FRAME_BYTES);
            proto::write(schema, message, &json, &mut framed)?;
            Ok(framed)
        }
    }
}
