use bytes::Bytes;

use super::{
    BatchError, BatchHeader, Compression, HEADER_BYTES, Header, LENGTH_OVERHEAD_BYTES, MAGIC, NO_PRODUCER_ID,
    NO_SEQUENCE, NO_TIMESTAMP, Offset, Record, TimestampType, compression, header, patch, varint,
};

/// Who wrote a batch: what idempotence and transactions go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Producer {
    pub id: i64,
    pub epoch: i16,
    pub base_sequence: i32,
}

impl Producer {
    const NONE: Producer = Producer { id: NO_PRODUCER_ID, epoch: -1, base_sequence: NO_SEQUENCE };
}

/// A record to be written.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewRecord<'a> {
    pub timestamp_ms: i64,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: &'a [Header<'a>],
}

/// Writes records into one batch.
///
/// ```
/// # use wire::batch::BatchBuilder;
/// let batch = BatchBuilder::new().record(1_700_000_000_000, Some(b"key"), Some(b"value")).build();
/// ```
#[derive(Debug, Clone)]
pub struct BatchBuilder {
    base_offset: Offset,
    leader_epoch: i32,
    compression: Compression,
    timestamp_type: TimestampType,
    producer: Producer,
    transactional: bool,
    control: bool,
    delete_horizon_ms: Option<i64>,
    base_timestamp: Option<i64>,
    max_timestamp: i64,
    last_offset_delta: i32,
    record_count: i32,
    payload: Vec<u8>,
    body: Vec<u8>,
}

impl Default for BatchBuilder {
    fn default() -> BatchBuilder {
        BatchBuilder::new()
    }
}

impl BatchBuilder {
    #[must_use]
    pub fn new() -> BatchBuilder {
        BatchBuilder {
            base_offset: Offset(0),
            leader_epoch: -1,
            compression: Compression::None,
            timestamp_type: TimestampType::CreateTime,
            producer: Producer::NONE,
            transactional: false,
            control: false,
            delete_horizon_ms: None,
            base_timestamp: None,
            max_timestamp: NO_TIMESTAMP,
            last_offset_delta: -1,
            record_count: 0,
            payload: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A builder for the records of `original` that remain: same base offset, last offset, producer, codec and
    /// kind, so that sequences and epochs still hold. A delete horizon, once there, stays.
    #[must_use]
    pub fn retaining(original: &BatchHeader, delete_horizon_ms: Option<i64>) -> BatchBuilder {
        let delete_horizon_ms = original.delete_horizon_ms().or(delete_horizon_ms);
        let mut builder = BatchBuilder::new();
        builder.base_offset = original.base_offset;
        builder.leader_epoch = original.partition_leader_epoch;
        builder.compression = original.compression();
        builder.timestamp_type = original.timestamp_type();
        builder.producer = Producer {
            id: original.producer_id,
            epoch: original.producer_epoch,
            base_sequence: original.base_sequence,
        };
        builder.transactional = original.is_transactional();
        builder.control = original.is_control();
        builder.delete_horizon_ms = delete_horizon_ms;
        // The horizon is kept in the base timestamp; deltas count from it (KIP-534).
        builder.base_timestamp = delete_horizon_ms;
        builder.last_offset_delta = original.last_offset_delta;
        if original.timestamp_type() == TimestampType::LogAppendTime {
            builder.max_timestamp = original.max_timestamp;
        }
        builder
    }

    /// What is left of `original` once all its records are gone: a header that still says which producer wrote
    /// up to which sequence. As in Kafka it is plain, and has neither a first timestamp nor a delete horizon.
    #[must_use]
    pub fn emptied(original: &BatchHeader) -> Bytes {
        let mut builder = BatchBuilder::retaining(original, None);
        builder.compression = Compression::None;
        builder.delete_horizon_ms = None;
        builder.max_timestamp = original.max_timestamp;
        builder.base_timestamp = Some(NO_TIMESTAMP);
        builder.build()
    }

    #[must_use]
    pub fn base_offset(mut self, base_offset: Offset) -> BatchBuilder {
        self.base_offset = base_offset;
        self
    }

    #[must_use]
    pub fn leader_epoch(mut self, epoch: i32) -> BatchBuilder {
        self.leader_epoch = epoch;
        self
    }

    #[must_use]
    pub fn compression(mut self, compression: Compression) -> BatchBuilder {
        self.compression = compression;
        self
    }

    #[must_use]
    pub fn producer(mut self, producer: Producer) -> BatchBuilder {
        self.producer = producer;
        self
    }

    #[must_use]
    pub fn transactional(mut self) -> BatchBuilder {
        self.transactional = true;
        self
    }

    /// A batch of control records: transaction markers.
    #[must_use]
    pub fn control(mut self) -> BatchBuilder {
        self.control = true;
        self
    }

    /// Adds a record without headers.
    #[must_use]
    pub fn record(self, timestamp_ms: i64, key: Option<&[u8]>, value: Option<&[u8]>) -> BatchBuilder {
        self.push(NewRecord { timestamp_ms, key, value, headers: &[] })
    }

    /// Adds a record at the next offset.
    #[must_use]
    pub fn push(mut self, record: NewRecord<'_>) -> BatchBuilder {
        self.add(record);
        self
    }

    /// As [`BatchBuilder::push`], for loops.
    pub fn add(&mut self, record: NewRecord<'_>) {
        let offset_delta = self.last_offset_delta + 1;
        self.last_offset_delta = offset_delta;
        let headers = record.headers;
        self.begin(0, record.timestamp_ms, offset_delta, record.key, record.value, headers.len());
        for header in headers {
            put_header(&mut self.body, *header);
        }
        self.finish(record.timestamp_ms);
    }

    /// Keeps a record of the batch this builder is [`BatchBuilder::retaining`], at its own offset.
    pub fn keep(&mut self, timestamp_ms: i64, record: &Record<'_>) {
        let (key, value) = (record.key, record.value);
        self.begin(record.attributes, timestamp_ms, record.offset_delta, key, value, record.headers.count());
        for header in record.headers {
            put_header(&mut self.body, header);
        }
        self.finish(timestamp_ms);
    }

    #[must_use]
    pub fn record_count(&self) -> i32 {
        self.record_count
    }

    /// The bytes so far, header included, before compression.
    #[must_use]
    pub fn bytes_so_far(&self) -> usize {
        HEADER_BYTES + self.payload.len()
    }

    /// The finished batch, uncompressed whatever was asked for.
    #[must_use]
    pub fn build(mut self) -> Bytes {
        self.compression = Compression::None;
        let payload = std::mem::take(&mut self.payload);
        self.assemble(&payload)
    }

    /// The finished batch, compressed as asked.
    ///
    /// # Errors
    /// Only if the codec fails.
    pub fn build_compressed(mut self) -> Result<Bytes, BatchError> {
        let payload = std::mem::take(&mut self.payload);
        if self.record_count == 0 {
            self.compression = Compression::None;
        }
        if self.compression == Compression::None {
            return Ok(self.assemble(&payload));
        }
        let packed = compression::compress(self.compression, &payload)?;
        Ok(self.assemble(&packed))
    }

    fn begin(
        &mut self,
        attributes: i8,
        timestamp_ms: i64,
        offset_delta: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        header_count: usize,
    ) {
        let base = *self.base_timestamp.get_or_insert(timestamp_ms);
        self.body.clear();
        self.body.push(attributes as u8);
        varint::put_i64(&mut self.body, timestamp_ms.wrapping_sub(base));
        varint::put_i32(&mut self.body, offset_delta);
        put_bytes(&mut self.body, key);
        put_bytes(&mut self.body, value);
        varint::put_i32(&mut self.body, header_count as i32);
    }

    fn finish(&mut self, timestamp_ms: i64) {
        varint::put_i32(&mut self.payload, self.body.len() as i32);
        self.payload.extend_from_slice(&self.body);
        self.record_count += 1;
        if self.timestamp_type == TimestampType::CreateTime {
            self.max_timestamp = self.max_timestamp.max(timestamp_ms);
        }
    }

    fn assemble(&self, payload: &[u8]) -> Bytes {
        let header = BatchHeader {
            base_offset: self.base_offset,
            length: (HEADER_BYTES - LENGTH_OVERHEAD_BYTES + payload.len()) as i32,
            partition_leader_epoch: self.leader_epoch,
            magic: MAGIC,
            crc: 0,
            attributes: header::attributes(
                self.compression,
                self.timestamp_type,
                self.transactional,
                self.control,
                self.delete_horizon_ms.is_some(),
            ),
            last_offset_delta: self.last_offset_delta.max(0),
            base_timestamp: self.base_timestamp.unwrap_or(NO_TIMESTAMP),
            max_timestamp: self.max_timestamp,
            producer_id: self.producer.id,
            producer_epoch: self.producer.epoch,
            base_sequence: self.producer.base_sequence,
            record_count: self.record_count,
        };
        let mut out = Vec::with_capacity(HEADER_BYTES + payload.len());
        out.extend_from_slice(&header.encode());
        out.extend_from_slice(payload);
        patch::write_crc(&mut out);
        out.into()
    }
}

fn put_bytes(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => varint::put_i32(out, -1),
        Some(bytes) => {
            varint::put_i32(out, bytes.len() as i32);
            out.extend_from_slice(bytes);
        }
    }
}

fn put_header(out: &mut Vec<u8>, header: Header<'_>) {
    put_bytes(out, Some(header.key));
    put_bytes(out, header.value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Batch;

    #[test]
    fn producer_fields_and_kinds_arrive_in_the_header() {
        let bytes = BatchBuilder::new()
            .producer(Producer { id: 4, epoch: 1, base_sequence: 10 })
            .transactional()
            .leader_epoch(6)
            .record(3, None, Some(b"v"))
            .record(9, None, Some(b"w"))
            .build();
        let batch = Batch::parse(&bytes).expect("sound");
        batch.verify_crc().expect("sound");
        let header = batch.header;
        header.check_produced().expect("as a producer would");
        assert!(header.is_transactional() && !header.is_control());
        assert_eq!((header.producer_id, header.last_sequence()), (4, 11));
        assert_eq!((header.base_timestamp, header.max_timestamp), (3, 9));
        assert_eq!((header.record_count, header.last_offset_delta), (2, 1));
    }

    #[test]
    fn a_compressed_batch_unpacks_to_the_same_records() {
        for codec in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
            let bytes = BatchBuilder::new()
                .compression(codec)
                .record(3, Some(b"k"), Some(&[7; 500]))
                .build_compressed()
                .expect("packs");
            let batch = Batch::parse(&bytes).expect("sound");
            assert_eq!(batch.header.compression(), codec);
            let records = batch.records(1 << 20).expect("unpacks");
            let first = records.iter().next().expect("one").expect("sound");
            assert_eq!(first.value, Some(&[7; 500][..]), "{codec:?}");
        }
    }

    #[test]
    fn retaining_keeps_offsets_and_moves_the_horizon_into_the_base_timestamp() {
        let original = BatchBuilder::new()
            .base_offset(Offset(50))
            .producer(Producer { id: 4, epoch: 1, base_sequence: 10 })
            .record(100, Some(b"a"), Some(b"1"))
            .record(110, Some(b"b"), None)
            .record(120, Some(b"c"), Some(b"3"))
            .build();
        let batch = Batch::parse(&original).expect("sound");
        let records = batch.records(1 << 20).expect("plain");
        let mut builder = BatchBuilder::retaining(&batch.header, Some(9_000));
        let second = records.iter().nth(1).expect("there").expect("sound");
        builder.keep(records.timestamp_of(&second), &second);
        let kept = builder.build_compressed().expect("packs");

        let batch = Batch::parse(&kept).expect("sound");
        batch.verify_crc().expect("sound");
        assert_eq!((batch.header.base_offset, batch.header.last_offset()), (Offset(50), Offset(52)));
        assert_eq!(batch.header.delete_horizon_ms(), Some(9_000));
        assert_eq!((batch.header.record_count, batch.header.max_timestamp), (1, 110));
        let records = batch.records(1 << 20).expect("plain");
        let only = records.iter().next().expect("there").expect("sound");
        assert_eq!((records.offset_of(&only), records.timestamp_of(&only)), (Offset(51), 110));

        let empty = BatchBuilder::emptied(&Batch::parse(&original).expect("sound").header);
        let batch = Batch::parse(&empty).expect("sound");
        batch.verify_crc().expect("sound");
        assert_eq!((batch.header.record_count, batch.header.last_offset()), (0, Offset(52)));
        assert_eq!((batch.header.last_sequence(), batch.header.max_timestamp), (12, 120));
    }
}
