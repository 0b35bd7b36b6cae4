use super::{
    BatchError, Compression, HEADER_BYTES, LENGTH_OVERHEAD_BYTES, MAGIC, NO_PRODUCER_ID, NO_TIMESTAMP, Offset,
};

const COMPRESSION_BITS: i16 = 0b111;
const TIMESTAMP_TYPE_BIT: i16 = 1 << 3;
const TRANSACTIONAL_BIT: i16 = 1 << 4;
const CONTROL_BIT: i16 = 1 << 5;
const DELETE_HORIZON_BIT: i16 = 1 << 6;

/// Whose clock the timestamps of a batch come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    CreateTime,
    LogAppendTime,
}

/// The 61 bytes before the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    pub base_offset: Offset,
    /// Bytes after this field; see [`BatchHeader::total_bytes`].
    pub length: i32,
    pub partition_leader_epoch: i32,
    pub magic: i8,
    /// CRC-32C from the attributes to the end of the batch.
    pub crc: u32,
    pub attributes: i16,
    pub last_offset_delta: i32,
    /// The first record's timestamp in milliseconds, or the delete horizon (KIP-534).
    pub base_timestamp: i64,
    pub max_timestamp: i64,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub base_sequence: i32,
    pub record_count: i32,
}

impl BatchHeader {
    /// Reads the header at the start of `bytes`; the records need not be there.
    ///
    /// # Errors
    /// When the bytes are too few, the format is not version 2, or fields contradict each other.
    pub fn parse(bytes: &[u8]) -> Result<BatchHeader, BatchError> {
        let Some(head) = bytes.first_chunk::<HEADER_BYTES>() else {
            // The magic tells an old format from a torn batch when it is there.
            return match bytes.get(16) {
                Some(&magic) if magic as i8 != MAGIC => Err(BatchError::Magic(magic as i8)),
                _ => Err(BatchError::Truncated { needed: HEADER_BYTES, have: bytes.len() }),
            };
        };
        let header = BatchHeader {
            base_offset: Offset(i64::from_be_bytes(at(head, 0))),
            length: i32::from_be_bytes(at(head, 8)),
            partition_leader_epoch: i32::from_be_bytes(at(head, 12)),
            magic: head[16] as i8,
            crc: u32::from_be_bytes(at(head, 17)),
            attributes: i16::from_be_bytes(at(head, 21)),
            last_offset_delta: i32::from_be_bytes(at(head, 23)),
            base_timestamp: i64::from_be_bytes(at(head, 27)),
            max_timestamp: i64::from_be_bytes(at(head, 35)),
            producer_id: i64::from_be_bytes(at(head, 43)),
            producer_epoch: i16::from_be_bytes(at(head, 51)),
            base_sequence: i32::from_be_bytes(at(head, 53)),
            record_count: i32::from_be_bytes(at(head, 57)),
        };
        if header.magic != MAGIC {
            return Err(BatchError::Magic(header.magic));
        }
        if (header.length as i64) < (HEADER_BYTES - LENGTH_OVERHEAD_BYTES) as i64 {
            return Err(BatchError::Length(header.length));
        }
        Compression::from_attributes(header.attributes)?;
        if header.last_offset_delta < 0 {
            return Err(BatchError::Header("the last offset delta is negative"));
        }
        if header.record_count < 0 {
            return Err(BatchError::Header("the record count is negative"));
        }
        if i64::from(header.record_count) > i64::from(header.last_offset_delta) + 1 {
            return Err(BatchError::Header("more records than offsets"));
        }
        Ok(header)
    }

    /// What a broker asks of a batch fresh from a producer, beyond a sound header and CRC: consecutive offsets,
    /// at least one record, no control records, and a sequence wherever there is a producer id.
    ///
    /// # Errors
    /// Names the rule that is broken.
    pub fn check_produced(&self) -> Result<(), BatchError> {
        if self.record_count == 0 {
            return Err(BatchError::Header("a produced batch holds at least one record"));
        }
        if self.record_count != self.last_offset_delta.wrapping_add(1) {
            return Err(BatchError::Header("the record count does not match the last offset delta"));
        }
        if self.is_control() {
            return Err(BatchError::Header("a producer may not write control records"));
        }
        if self.producer_id < NO_PRODUCER_ID {
            return Err(BatchError::Header("the producer id is negative"));
        }
        if self.has_producer_id() && (self.base_sequence < 0 || self.producer_epoch < 0) {
            return Err(BatchError::Header("a producer id comes with an epoch and a sequence"));
        }
        if self.is_transactional() && !self.has_producer_id() {
            return Err(BatchError::Header("a transactional batch has a producer id"));
        }
        Ok(())
    }

    #[must_use]
    pub fn compression(&self) -> Compression {
        Compression::from_attributes(self.attributes).unwrap_or(Compression::None)
    }

    #[must_use]
    pub fn timestamp_type(&self) -> TimestampType {
        if self.attributes & TIMESTAMP_TYPE_BIT == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    #[must_use]
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL_BIT != 0
    }

    #[must_use]
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL_BIT != 0
    }

    #[must_use]
    pub fn has_delete_horizon(&self) -> bool {
        self.attributes & DELETE_HORIZON_BIT != 0
    }

    /// When tombstones and transaction markers of a compacted batch may go (KIP-534).
    #[must_use]
    pub fn delete_horizon_ms(&self) -> Option<i64> {
        self.has_delete_horizon().then_some(self.base_timestamp)
    }

    #[must_use]
    pub fn has_producer_id(&self) -> bool {
        self.producer_id > NO_PRODUCER_ID
    }

    #[must_use]
    pub fn has_timestamp(&self) -> bool {
        self.max_timestamp != NO_TIMESTAMP
    }

    #[must_use]
    pub fn last_offset(&self) -> Offset {
        Offset(self.base_offset.0.saturating_add(i64::from(self.last_offset_delta)))
    }

    #[must_use]
    pub fn next_offset(&self) -> Offset {
        self.last_offset().next()
    }

    /// The sequence of the last record, which wraps from `i32::MAX` to 0.
    #[must_use]
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            return self.base_sequence;
        }
        let wrapped = (i64::from(self.base_sequence) + i64::from(self.last_offset_delta)) % (1 << 31);
        wrapped as i32
    }

    /// The whole batch in bytes, as its length field claims.
    #[must_use]
    pub fn total_bytes(&self) -> usize {
        LENGTH_OVERHEAD_BYTES + self.length as usize
    }

    /// The header's 61 bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[0..8].copy_from_slice(&self.base_offset.0.to_be_bytes());
        out[8..12].copy_from_slice(&self.length.to_be_bytes());
        out[12..16].copy_from_slice(&self.partition_leader_epoch.to_be_bytes());
        out[16] = self.magic as u8;
        out[17..21].copy_from_slice(&self.crc.to_be_bytes());
        out[21..23].copy_from_slice(&self.attributes.to_be_bytes());
        out[23..27].copy_from_slice(&self.last_offset_delta.to_be_bytes());
        out[27..35].copy_from_slice(&self.base_timestamp.to_be_bytes());
        out[35..43].copy_from_slice(&self.max_timestamp.to_be_bytes());
        out[43..51].copy_from_slice(&self.producer_id.to_be_bytes());
        out[51..53].copy_from_slice(&self.producer_epoch.to_be_bytes());
        out[53..57].copy_from_slice(&self.base_sequence.to_be_bytes());
        out[57..61].copy_from_slice(&self.record_count.to_be_bytes());
        out
    }
}

/// The attribute bits of a batch.
pub(super) fn attributes(
    compression: Compression,
    timestamp_type: TimestampType,
    transactional: bool,
    control: bool,
    delete_horizon: bool,
) -> i16 {
    let mut bits = compression.code();
    if timestamp_type == TimestampType::LogAppendTime {
        bits |= TIMESTAMP_TYPE_BIT;
    }
    if transactional {
        bits |= TRANSACTIONAL_BIT;
    }
    if control {
        bits |= CONTROL_BIT;
    }
    if delete_horizon {
        bits |= DELETE_HORIZON_BIT;
    }
    bits
}

/// The same attributes for records packed otherwise.
pub(super) fn with_compression(attributes: i16, compression: Compression) -> i16 {
    attributes & !COMPRESSION_BITS | compression.code()
}

/// Sets the bit that says the timestamps are the broker's.
pub(super) fn with_log_append_time(attributes: i16) -> i16 {
    attributes | TIMESTAMP_TYPE_BIT
}

fn at<const N: usize>(head: &[u8; HEADER_BYTES], from: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&head[from..from + N]);
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> BatchHeader {
        BatchHeader {
            base_offset: Offset(42),
            length: 49,
            partition_leader_epoch: 3,
            magic: 2,
            crc: 0xdead_beef,
            attributes: 0b0101_1011,
            last_offset_delta: 4,
            base_timestamp: 1_000,
            max_timestamp: 2_000,
            producer_id: 9,
            producer_epoch: 1,
            base_sequence: i32::MAX - 1,
            record_count: 5,
        }
    }

    fn check(change: impl Fn(&mut BatchHeader), expected: Result<(), BatchError>) {
        let mut header = sample();
        change(&mut header);
        assert_eq!(BatchHeader::parse(&header.encode()), expected.map(|()| header));
    }

    #[test]
    fn parses_what_it_encodes_and_refuses_what_contradicts() {
        check(|_| {}, Ok(()));
        check(|h| h.magic = 1, Err(BatchError::Magic(1)));
        check(|h| h.length = 48, Err(BatchError::Length(48)));
        check(|h| h.length = -1, Err(BatchError::Length(-1)));
        check(|h| h.attributes = 7, Err(BatchError::UnknownCompression(7)));
        check(|h| h.last_offset_delta = -1, Err(BatchError::Header("the last offset delta is negative")));
        check(|h| h.record_count = -5, Err(BatchError::Header("the record count is negative")));
        check(|h| h.record_count = 6, Err(BatchError::Header("more records than offsets")));
    }

    #[test]
    fn helpers_read_the_bits() {
        let header = sample();
        assert_eq!(header.compression(), Compression::Lz4);
        assert_eq!(header.timestamp_type(), TimestampType::LogAppendTime);
        assert!(header.is_transactional());
        assert!(!header.is_control());
        assert_eq!(header.delete_horizon_ms(), Some(1_000));
        assert_eq!(header.last_offset(), Offset(46));
        assert_eq!(header.last_sequence(), 2);
        assert_eq!(header.total_bytes(), 61);
    }

    #[test]
    fn a_short_slice_says_what_is_missing() {
        let bytes = sample().encode();
        assert_eq!(BatchHeader::parse(&bytes[..60]), Err(BatchError::Truncated { needed: 61, have: 60 }));
        let mut old = bytes;
        old[16] = 1;
        assert_eq!(BatchHeader::parse(&old[..26]), Err(BatchError::Magic(1)));
    }
}
