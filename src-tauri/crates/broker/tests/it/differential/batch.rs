//! What is produced: batches as clients write them, and as none does.

use wire::batch::{BatchBuilder, Compression, NewRecord, Producer, compress};

use super::script::Text;
use super::side::Side;

#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) values: Vec<Text>,
    pub(super) keyed: bool,
    pub(super) compression: Compression,
    pub(super) timestamp_ms: i64,
    /// Who, from which sequence, by how much an older epoch, in a transaction or not.
    pub(super) producer: Option<(Text, i32, i16, bool)>,
    pub(super) harm: Harm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Harm {
    None,
    Crc,
    /// Magic 1: what Kafka spoke before 0.11.
    Magic,
    /// Magic 3: nothing yet.
    NewMagic,
    Cut,
    CutShort,
    Twice,
    Nothing,
    NoSuchCodec,
    CountTooLarge,
    CountTooSmall,
    CountNegative,
    LastOffset,
    Length,
    BaseOffset,
    /// Control records are the broker's own.
    Control,
    Transactional,
    DeleteHorizon,
    NoSequence,
    /// No codec's, nor records.
    Garbage,
    /// Garbage after the first bytes.
    HalfGarbage,
    /// The first record says that it is longer, shorter, less than nothing.
    RecordLonger,
    RecordShorter,
    RecordNegative,
    /// Its key, its value are longer than the record.
    KeyLonger,
    ValueLonger,
    /// More headers than there are, less than none.
    Headers,
    HeadersNegative,
}

impl Harm {
    pub(super) const ALL: [Harm; 27] = [
        Harm::Crc,
        Harm::Magic,
        Harm::NewMagic,
        Harm::Cut,
        Harm::CutShort,
        Harm::Twice,
        Harm::Nothing,
        Harm::NoSuchCodec,
        Harm::CountTooLarge,
        Harm::CountTooSmall,
        Harm::CountNegative,
        Harm::LastOffset,
        Harm::Length,
        Harm::BaseOffset,
        Harm::Control,
        Harm::Transactional,
        Harm::DeleteHorizon,
        Harm::NoSequence,
        Harm::Garbage,
        Harm::HalfGarbage,
        Harm::RecordLonger,
        Harm::RecordShorter,
        Harm::RecordNegative,
        Harm::KeyLonger,
        Harm::ValueLonger,
        Harm::Headers,
        Harm::HeadersNegative,
    ];
}

impl Harm {
    /// Whether a record lies about its own length.
    pub(super) fn is_of_length(self) -> bool {
        matches!(self, Harm::RecordLonger | Harm::RecordShorter | Harm::RecordNegative)
    }

    /// Whether it is done to a record, before it is packed.
    fn is_within_records(self) -> bool {
        let of_field =
            matches!(self, Harm::KeyLonger | Harm::ValueLonger | Harm::Headers | Harm::HeadersNegative);
        of_field || self.is_of_length()
    }
}

// Where the fields of a batch's header lie.
const LENGTH: usize = 8;
const MAGIC: usize = 16;
const CRC: usize = 17;
const ATTRIBUTES: usize = 21;
const LAST_OFFSET: usize = 23;
const SEQUENCE: usize = 53;
const COUNT: usize = 57;
const RECORDS: usize = 61;

impl Side {
    pub(super) fn batch(&self, batch: &Batch) -> Vec<u8> {
        if batch.harm == Harm::Nothing {
            return Vec::new();
        }
        let mut builder = BatchBuilder::new();
        let within = batch.harm.is_within_records();
        if !within {
            builder = builder.compression(batch.compression);
        }
        if let Some((name, base_sequence, older, transactional)) = batch.producer {
            let (id, epoch) = self.producers.get(name).copied().unwrap_or((999_999, 0));
            builder = builder.producer(Producer { id, epoch: (epoch - older).max(0), base_sequence });
            if transactional {
                builder = builder.transactional();
            }
        }
        for value in &batch.values {
            let key = batch.keyed.then_some(&b"key"[..]);
            let value = if within { SHORT } else { *value };
            let value = (!value.is_empty()).then_some(value.as_bytes());
            builder.add(NewRecord { timestamp_ms: batch.timestamp_ms, key, value, headers: &[] });
        }
        let mut bytes = builder.build_compressed().expect("small enough").to_vec();
        if within {
            harm_records(&mut bytes, batch);
        } else {
            harm(&mut bytes, batch.harm);
        }
        bytes
    }
}

/// What a record holds that is harmed: a byte tells its length.
const SHORT: Text = "one";

/// Harms the first of a plain batch's records, and packs them then.
fn harm_records(bytes: &mut Vec<u8>, batch: &Batch) {
    // Every number in the first record takes a byte: its length, attributes, time, offset, the key's length.
    const KEY: usize = RECORDS + 4;
    let key = if batch.keyed { "key".len() } else { 0 };
    let value = KEY + 1 + key;
    let headers = value + 1 + SHORT.len();
    // As they are written, twice as much.
    match batch.harm {
        Harm::RecordLonger => bytes[RECORDS] += 2,
        Harm::RecordShorter => bytes[RECORDS] -= 2,
        Harm::RecordNegative => bytes[RECORDS] = 1,
        Harm::KeyLonger => bytes[KEY] = 0x7e,
        Harm::ValueLonger => bytes[value] = 0x7e,
        Harm::Headers => bytes[headers] = 4,
        Harm::HeadersNegative => bytes[headers] = 1,
        other => unreachable!("{other:?} is none of records"),
    }
    let packed = compress(batch.compression, &bytes[RECORDS..]).expect("packs");
    bytes.truncate(RECORDS);
    bytes.extend(packed);
    bytes[ATTRIBUTES + 1] |= batch.compression as u8;
    let length = i32::try_from(bytes.len() - (LENGTH + 4)).expect("small");
    bytes[LENGTH..LENGTH + 4].copy_from_slice(&length.to_be_bytes());
    seal(bytes);
}

fn seal(bytes: &mut [u8]) {
    let crc = crc32c::crc32c(&bytes[ATTRIBUTES..]);
    bytes[CRC..ATTRIBUTES].copy_from_slice(&crc.to_be_bytes());
}

fn harm(bytes: &mut Vec<u8>, harm: Harm) {
    let add = |bytes: &mut Vec<u8>, at: usize, more: i32| {
        let field = bytes[at..].first_chunk_mut::<4>().expect("a field of the header");
        *field = (i32::from_be_bytes(*field) + more).to_be_bytes();
    };
    match harm {
        Harm::None | Harm::Nothing => return,
        Harm::Crc => return bytes[CRC] ^= 0xff,
        Harm::Magic => return bytes[MAGIC] = 1,
        Harm::NewMagic => return bytes[MAGIC] = 3,
        Harm::Cut => return bytes.truncate(bytes.len() - 3),
        Harm::CutShort => return bytes.truncate(RECORDS - 5),
        Harm::Twice => return bytes.extend_from_within(..),
        Harm::Length => return add(bytes, LENGTH, 1),
        Harm::BaseOffset => return bytes[7] = 5,
        Harm::NoSuchCodec => bytes[ATTRIBUTES + 1] |= 7,
        Harm::CountTooLarge => add(bytes, COUNT, 1),
        Harm::CountTooSmall => add(bytes, COUNT, -1),
        Harm::CountNegative => bytes[COUNT] = 0xff,
        Harm::LastOffset => add(bytes, LAST_OFFSET, 2),
        Harm::Control => bytes[ATTRIBUTES + 1] |= 0x20,
        Harm::Transactional => bytes[ATTRIBUTES + 1] ^= 0x10,
        Harm::DeleteHorizon => bytes[ATTRIBUTES + 1] |= 0x40,
        Harm::NoSequence => bytes[SEQUENCE..COUNT].fill(0xff),
        Harm::Garbage => bytes[RECORDS..].fill(0xa5),
        Harm::HalfGarbage => {
            let half = usize::midpoint(RECORDS, bytes.len());
            bytes[half..].fill(0xa5);
        }
        within => unreachable!("{within:?} is done before records are packed"),
    }
    seal(bytes);
}
