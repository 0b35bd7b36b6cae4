//! Reading and writing Kafka's primitive types.
//!
//! A length or a count in a request is the client's claim. Nothing here reserves memory by it: a string is
//! taken from the bytes that are there, an array grows as its elements are read, and a request may hold
//! [`ELEMENTS_MAX`] elements in all.

mod reader;
mod types;
mod writer;

pub use reader::{Reader, Span};
pub use types::{Records, Wire};
pub use writer::Writer;

/// Array elements and tagged fields in one request. Ten thousand partitions with all their fields fit many
/// times over; what a 100 MiB frame of one-byte elements would unfold to does not.
pub const ELEMENTS_MAX: u32 = 1 << 18;

/// Which version of a message is read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cx {
    /// The API version.
    pub version: i16,
    /// Compact lengths and tagged fields (KIP-482).
    pub flexible: bool,
}

/// Why bytes are not the message they claim to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("{wanted} more bytes were announced than the {left} the request still holds")]
    Short { wanted: usize, left: usize },
    #[error("length {0} is negative")]
    NegativeLength(i64),
    #[error("a varint is longer than five bytes")]
    VarintTooLong,
    #[error("a required field is null")]
    Null,
    #[error("a string is not UTF-8")]
    NotUtf8,
    #[error("more than {ELEMENTS_MAX} array elements in one request")]
    TooManyElements,
    #[error("{0} bytes follow the end")]
    Trailing(usize),
}

/// Reads a whole message. Bytes left over are an error.
pub fn decode<T: Wire>(bytes: &[u8], cx: Cx) -> Result<T, DecodeError> {
    let mut reader = Reader::new(bytes);
    let value = T::read(&mut reader, cx)?;
    match reader.left() {
        0 => Ok(value),
        left => Err(DecodeError::Trailing(left)),
    }
}

/// Writes a whole message, without frame or header.
pub fn encode<T: Wire>(value: &T, cx: Cx) -> bytes::Bytes {
    let mut writer = Writer::new();
    value.write(&mut writer, cx);
    writer.into_bytes()
}
