//! Payload to readable JSON and back: Avro, JSON Schema and Protobuf by schema
//! id or GUID, JSON, text, hex. Pure.
//!
//! A record's key or value is bytes. [`Framing`] tells which schema they or a
//! record header name; the caller looks that schema up, in its own time and
//! cache, as a [`ParsedSchema`]; [`decode_framed`] turns bytes into a
//! [`Decoded`], which is always a value: a corrupt payload or an unknown schema
//! is an error inside it. [`encode`] goes the other way and names the JSON path
//! that does not fit.
//!
//! # The JSON written and read
//!
//! It is text, never `f64`, so nothing is rounded:
//!
//! | Avro | JSON |
//! |---|---|
//! | `int`, `long` | a number with all its digits |
//! | `float`, `double` | the shortest number that reads back the same; `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | `bytes`, `fixed` | a string, one character U+0000 to U+00FF a byte, as in Avro's JSON encoding |
//! | `decimal`, `big-decimal` | a string: `"12.30"` |
//! | `duration` | `{"months":1,"days":2,"millis":3}` |
//! | `uuid` | the hyphenated string |
//! | dates, times, timestamps | the number itself, in the unit of the schema |
//! | a union | the value alone where its JSON kind names the branch; otherwise Avro's `{"branch": value}` |
//!
//! Protobuf is in its own JSON mapping: `int64` and its like and `bytes`
//! (base64) are strings, enums their names, well-known types their own forms.
//! Fields have the names of the `.proto` file; reading takes `jsonName`s, too.
//! Those without presence are shown even when they are zero. JSON Schema's
//! payloads are JSON as it stands, checked when they are written.
//!
//! ```
//! let schema = payload::ParsedSchema::avro(r#"{"type":"record","name":"R","fields":[{"name":"n","type":"long"}]}"#, &[])?;
//! let bytes = payload::encode(r#"{"n": 9007199254740993}"#, &schema, payload::SchemaId(7))?;
//! assert_eq!(payload::framing(&bytes), Some(payload::SchemaId(7)));
//! assert_eq!(payload::decode(Some(&bytes), Some(&schema)).text, r#"{"n":9007199254740993}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod avro;
mod decoded;
mod encode;
mod frame;
mod guess;
mod json;
mod json_schema;
mod mismatch;
mod names;
mod path;
mod pretty;
mod proto;
mod schema;
mod text;

pub use decoded::{Decoded, Encoding, Limits, decode, decode_body, decode_framed};
pub use encode::{EncodeError, encode, encode_message};
pub use frame::{FRAME_BYTES, Framing, Guid, KEY_HEADER, SchemaId, SchemaKey, VALUE_HEADER, frame, framing};
pub use json_schema::JsonSchema;
pub use names::TypeNames;
pub use pretty::pretty;
pub use proto::{common_proto, common_protos};
pub use schema::{AvroSchema, ParsedSchema, ProtobufSchema, Reference, SchemaError};
