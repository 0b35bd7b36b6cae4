use super::Offset;

/// What is wrong with a record batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The bytes end before the batch does: a torn write, or the end of a partial read.
    #[error("the batch needs {needed} bytes and {have} are there")]
    Truncated { needed: usize, have: usize },
    #[error("record format {0} is not supported: only version 2 is")]
    Magic(i8),
    #[error("a batch length of {0} bytes is shorter than its own header")]
    Length(i32),
    #[error("compression code {0} is unknown")]
    UnknownCompression(i16),
    /// A field of the header contradicts the format or another field.
    #[error("the batch header is inconsistent: {0}")]
    Header(&'static str),
    #[error("batch at offset {base_offset}: CRC {stored:#010x} stored, {computed:#010x} computed")]
    Crc { base_offset: Offset, stored: u32, computed: u32 },
    /// A record inside the batch cannot be read.
    #[error("record {index} of the batch at offset {base_offset}: {problem}")]
    Record { base_offset: Offset, index: i32, problem: &'static str },
    #[error("{codec} data cannot be decompressed: {problem}")]
    Compression { codec: &'static str, problem: String },
    #[error("the records unpack to more than {bytes_max} bytes")]
    TooLarge { bytes_max: usize },
}
