//! Payload to readable JSON and back: Avro by schema id, JSON, text, hex. Pure.
//!
//! A record's key or value is bytes. [`framing`] tells whether they carry a
//! schema id; the caller looks that schema up, in its own time and cache, as a
//! [`ParsedSchema`]; [`decode`] turns bytes into a [`Decoded`], which is always
//! a value: a corrupt payload or an unknown schema is an error inside it.
//! [`encode`] goes the other way and names the JSON path that does not fit.
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
mod path;
mod pretty;
mod schema;
mod text;

pub use decoded::{Decoded, Encoding, Limits, decode, decode_body};
pub use encode::{EncodeError, encode};
pub use frame::{FRAME_BYTES, SchemaId, frame, framing, guid_of_header};
pub use pretty::pretty;
pub use schema::{ParsedSchema, SchemaError};
