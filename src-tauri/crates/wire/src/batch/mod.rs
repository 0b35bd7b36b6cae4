//! Record batches, version 2 (magic 2), as they travel and as they lie on disk.
//!
//! A batch is 61 bytes of header and its records, compressed or not. A broker passes it through as bytes and
//! rewrites only what lies outside the CRC: the base offset and the leader epoch. What needs the records
//! themselves (compaction, timestamps, schema checks) asks a [`Batch`] for its [`Records`], with a bound on
//! how large they may unpack. Lengths found in the bytes are claims: nothing here allocates by them.
//!
//! Source: Kafka's protocol guide, "Message Format", and KIP-98, KIP-32, KIP-534.

mod blocks;
mod builder;
mod check;
mod compression;
mod error;
mod header;
mod iter;
mod marker;
mod packer;
mod patch;
mod records;
mod repack;
#[cfg(test)]
mod sample;
mod unpacker;
mod varint;

pub use builder::{BatchBuilder, NewRecord, Producer};
pub use compression::{Compression, compress, decompress};
pub use error::BatchError;
pub use header::{BatchHeader, TimestampType};
pub use iter::{Batch, Batches, batches};
pub use marker::Marker;
pub use packer::Packing;
pub use patch::{set_base_offset, set_leader_epoch, set_max_timestamp_and_append_time};
pub use records::{Header, Headers, Record, RecordIter, Records};
pub use repack::{RepackError, RepackLimits, repack};
pub use unpacker::Unpacker;

/// A position in a partition: the number of the record in its log, from 0.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub i64);

impl Offset {
    pub const ZERO: Offset = Offset(0);
    pub const MAX: Offset = Offset(i64::MAX);

    /// The offset after this one.
    #[must_use]
    pub fn next(self) -> Offset {
        Offset(self.0.saturating_add(1))
    }
}

impl std::fmt::Display for Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The header's size: everything before the records.
pub const HEADER_BYTES: usize = 61;
/// The base offset and the length: what the length field does not count.
pub const LENGTH_OVERHEAD_BYTES: usize = 12;
/// The only record format since Kafka 4.0.
pub const MAGIC: i8 = 2;
/// "None" in the fields that hold a timestamp.
pub const NO_TIMESTAMP: i64 = -1;
/// "None" in the producer id.
pub const NO_PRODUCER_ID: i64 = -1;
/// "None" in the base sequence.
pub const NO_SEQUENCE: i32 = -1;
