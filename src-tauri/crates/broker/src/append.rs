//! From a producer's batch to the log: what is checked, and what is not.
//!
//! Checked: the header, the CRC, the size, the sequence, and that the records are as many as the header says; packed
//! ones are walked through, so that what is kept can be read. The fields of plain ones are looked at only where a rule
//! needs it: keys for compacted topics, schemas where the topic asks for registered ones. Where `compression.type` names another
//! codec than the batch's, it is packed anew.

use commitlog::{AppendInfo, ProducerError, Verdict, Verified};
use tracing::debug;
use wire::ErrorCode;
use wire::batch::{
    Batch, BatchError, LENGTH_OVERHEAD_BYTES, MAGIC, Offset, RepackError, RepackLimits, repack,
    set_max_timestamp_and_append_time,
};

use crate::configs::TopicSettings;
use crate::partition::{Partition, producer_code};
use crate::schemas::{self, Faults, SchemaCheck};

/// A compressed batch may unpack to this before it is refused.
const UNPACKED_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What the broker knows while it appends.
#[derive(Clone, Copy)]
pub(crate) struct AppendContext<'a> {
    pub(crate) settings: &'a TopicSettings,
    pub(crate) now_ms: i64,
    /// What the coordinator says of the transaction the batch claims to be of.
    pub(crate) verified: Verified,
    /// None: nobody here knows schemas, or not yet.
    pub(crate) schemas: Option<&'a dyn SchemaCheck>,
}

/// Where a batch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Appended {
    pub(crate) base_offset: Offset,
    pub(crate) log_append_time: i64,
    pub(crate) log_start_offset: Offset,
    pub(crate) records: u64,
    /// What has to be durable before this is acknowledged: everything before this offset.
    pub(crate) durable_to: Option<Offset>,
    /// A segment was finished: it is made durable soon, so that a recovery need not read it.
    pub(crate) rolled: bool,
}

/// Why a batch was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AppendError {
    #[error("a request holds exactly one batch per partition")]
    NotOneBatch,
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error("the batch has {bytes} bytes, max.message.bytes is {max}")]
    TooLarge { bytes: usize, max: usize },
    #[error("packed as compression.type asks the batch has more than max.message.bytes, {max}")]
    Outgrown { max: usize },
    #[error("{reason}")]
    NoKey { indexes: Vec<i32>, reason: String },
    #[error("record {} is not as its topic asks: {}", first(faults).0, first(faults).1)]
    Schema { faults: Faults },
    #[error("the topic asks for registered schemas, and there is no registry to be asked")]
    NoRegistry,
    #[error("{}", first(faults).1)]
    Timestamp { faults: Faults },
    #[error(transparent)]
    Producer(#[from] ProducerError),
    #[error("the log refused")]
    Storage(ErrorCode),
}

impl From<RepackError> for AppendError {
    fn from(error: RepackError) -> Self {
        match error {
            RepackError::Batch(error) => AppendError::Batch(error),
            RepackError::Outgrown { bytes_max: max } => AppendError::Outgrown { max },
        }
    }
}

impl AppendError {
    /// The code a client is answered with.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            AppendError::Batch(error) => match error {
                BatchError::Magic(_) => ErrorCode::UnsupportedForMessageFormat,
                // Kafka has no name for what stops its codecs.
                BatchError::UnknownCompression(_) | BatchError::Compression { .. } => {
                    ErrorCode::UnknownServerError
                }
                BatchError::Header(_) | BatchError::Record { .. } => ErrorCode::InvalidRecord,
                BatchError::Truncated { .. }
                | BatchError::Length(_)
                | BatchError::Crc { .. }
                | BatchError::TooLarge { .. } => ErrorCode::CorruptMessage,
            },
            // Clients try again: a registry that starts with the broker is there in a moment.
            AppendError::NoRegistry => ErrorCode::LeaderNotAvailable,
            AppendError::Schema { .. } | AppendError::NotOneBatch | AppendError::NoKey { .. } => {
                ErrorCode::InvalidRecord
            }
            AppendError::TooLarge { .. } | AppendError::Outgrown { .. } => ErrorCode::MessageTooLarge,
            AppendError::Timestamp { .. } => ErrorCode::InvalidTimestamp,
            AppendError::Producer(error) => producer_code(*error),
            AppendError::Storage(code) => *code,
        }
    }

    /// The records at fault and why, where single ones are: a client sends the others again.
    pub(crate) fn records(&self) -> Vec<(i32, &str)> {
        match self {
            AppendError::NoKey { indexes, reason } => {
                indexes.iter().map(|index| (*index, reason.as_str())).collect()
            }
            AppendError::Timestamp { faults } | AppendError::Schema { faults } => {
                faults.iter().map(|(index, reason)| (*index, reason.as_str())).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a client is told where the log starts, as Kafka tells it: unless the batch as such is no good.
    pub(crate) fn tells_log_start(&self) -> bool {
        match self {
            AppendError::Storage(_)
            | AppendError::TooLarge { .. }
            | AppendError::Outgrown { .. }
            | AppendError::NoRegistry => false,
            AppendError::Batch(_) => self.code() != ErrorCode::CorruptMessage,
            AppendError::NotOneBatch
            | AppendError::NoKey { .. }
            | AppendError::Timestamp { .. }
            | AppendError::Schema { .. }
            | AppendError::Producer(_) => true,
        }
    }

    /// What a client is told in words, as Kafka tells it: where the code does not say it all.
    pub(crate) fn message(&self) -> Option<String> {
        let telling = matches!(self, AppendError::NoRegistry) || !self.records().is_empty();
        telling.then(|| self.to_string())
    }
}

impl Partition {
    /// Appends one batch fresh from a producer. Its offset, epoch and, under LogAppendTime, its timestamp are
    /// written into `bytes`.
    pub(crate) fn append_produced(
        &self,
        bytes: &mut [u8],
        context: AppendContext<'_>,
    ) -> Result<Appended, AppendError> {
        let settings = context.settings;
        let batch = Batch::parse(bytes)?;
        let header = batch.header;
        if header.total_bytes() != bytes.len() {
            return Err(AppendError::NotOneBatch);
        }
        if header.base_offset != Offset::ZERO {
            return Err(BatchError::Header("a produced batch begins at offset 0").into());
        }
        if bytes.len() > settings.message_bytes_max {
            return Err(AppendError::TooLarge { bytes: bytes.len(), max: settings.message_bytes_max });
        }
        batch.verify_crc()?;
        header.check_produced()?;
        if settings.log.cleanup.compact {
            check_keys(&batch, self)?;
        } else {
            batch.check_records(UNPACKED_BYTES_MAX)?;
        }
        if !settings.schemas.is_none() {
            let check = context.schemas.ok_or(AppendError::NoRegistry)?;
            let faults = schemas::faults(&batch, &self.topic, settings, check, UNPACKED_BYTES_MAX)?;
            if !faults.is_empty() {
                return Err(AppendError::Schema { faults });
            }
        }
        if !settings.log_append_time {
            check_timestamps(&batch, context)?;
        }
        let mut repacked;
        let bytes = match settings.packing.filter(|packing| packing.codec() != header.compression()) {
            None => bytes,
            Some(packing) => {
                let limits = RepackLimits {
                    unpacked_bytes_max: UNPACKED_BYTES_MAX,
                    batch_bytes_max: settings.message_bytes_max,
                };
                repacked = repack(&batch, packing, limits)?;
                &mut repacked
            }
        };
        let mut log_append_time = -1;
        if settings.log_append_time {
            set_max_timestamp_and_append_time(bytes, context.now_ms)?;
            log_append_time = context.now_ms;
        }
        let records = u64::from(header.record_count.unsigned_abs());
        if !header.has_producer_id() {
            let info = self.append_own(bytes, context.now_ms).map_err(AppendError::Storage)?;
            return Ok(Appended::new(&info, records));
        }
        let mut producers = self.producers(context.now_ms).map_err(AppendError::Storage)?;
        match producers.check(&header, context.verified)? {
            Verdict::Duplicate { first_offset, timestamp_ms } => {
                debug!(topic = %self.topic, partition = self.index, %first_offset, "duplicate batch dropped");
                Ok(Appended {
                    base_offset: first_offset,
                    log_append_time: if log_append_time == -1 { -1 } else { timestamp_ms },
                    log_start_offset: self.log.start_offset(),
                    records: 0,
                    durable_to: (settings.log.flush_messages == 1).then(|| self.log.written_offset()),
                    rolled: false,
                })
            }
            Verdict::Append => {
                let header = Batch::parse(bytes)?.header;
                let info = self
                    .append_of_producer(bytes, &header, &mut producers, context.now_ms)
                    .map_err(AppendError::Storage)?;
                Ok(Appended::new(&info, records))
            }
        }
    }
}

impl Appended {
    fn new(info: &AppendInfo, records: u64) -> Self {
        Self {
            base_offset: info.first_offset,
            log_append_time: info.log_append_time,
            log_start_offset: info.log_start_offset,
            records,
            durable_to: info.flush_due.then(|| info.last_offset.next()),
            rolled: info.rolled_at.is_some(),
        }
    }
}

fn first(faults: &Faults) -> (i32, &str) {
    faults.first().map_or((0, ""), |(index, reason)| (*index, reason))
}

fn check_keys(batch: &Batch<'_>, partition: &Partition) -> Result<(), AppendError> {
    let records = batch.records(UNPACKED_BYTES_MAX)?;
    let mut indexes = Vec::new();
    for (record, index) in records.iter().zip(0..) {
        if record?.key.is_none() {
            indexes.push(index);
        }
    }
    if indexes.is_empty() {
        return Ok(());
    }
    let (topic, index) = (&partition.topic, partition.index);
    let reason =
        format!("Compacted topic cannot accept message without key in topic partition {topic}-{index}");
    Err(AppendError::NoKey { indexes, reason })
}

/// The header says which is the newest; only where old ones are refused, too, all records are looked at.
fn check_timestamps(batch: &Batch<'_>, context: AppendContext<'_>) -> Result<(), AppendError> {
    let (before_max, after_max) =
        (context.settings.timestamp_before_ms_max, context.settings.timestamp_after_ms_max);
    // -1: the producer gave none.
    let is_sound = |timestamp: i64| {
        timestamp < 0
            || (timestamp.saturating_sub(context.now_ms) <= after_max
                && context.now_ms.saturating_sub(timestamp) <= before_max)
    };
    if before_max == i64::MAX && is_sound(batch.header.max_timestamp) {
        return Ok(());
    }
    let records = batch.records(UNPACKED_BYTES_MAX)?;
    let (oldest, newest) =
        (context.now_ms.saturating_sub(before_max), context.now_ms.saturating_add(after_max));
    let mut faults = Faults::new();
    for (record, index) in records.iter().zip(0..) {
        let timestamp = records.timestamp_of(&record?);
        if !is_sound(timestamp) {
            let reason = format!(
                "Timestamp {timestamp} of message with offset {index} is out of range. The timestamp should be \
                 within [{oldest}, {newest}]"
            );
            faults.push((index, reason));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(AppendError::Timestamp { faults }) }
}

/// What a request of this version may hold, looked at before anything else of it: one batch of the only format.
/// Returns its length. Less than one more batch behind it is passed over, as in Kafka.
pub(crate) fn check_format(bytes: &[u8], version: i16) -> Result<usize, ErrorCode> {
    // Before version 7 clients do not know zstd (KIP-110).
    const KNOWS_ZSTD: i16 = 7;
    const ZSTD: u8 = 4;
    const CODECS: u8 = 5;
    let first = frame(bytes).map_err(|_| ErrorCode::CorruptMessage)?.ok_or(ErrorCode::InvalidRecord)?;
    if first.magic != MAGIC {
        return Err(ErrorCode::InvalidRecord);
    }
    // The codec is looked at here for older clients only; for others once all else is right.
    if version < KNOWS_ZSTD {
        match first.attributes & 0b111 {
            ZSTD => return Err(ErrorCode::UnsupportedCompressionType),
            CODECS.. => return Err(ErrorCode::UnknownServerError),
            _ => {}
        }
    }
    match frame(&bytes[first.bytes..]) {
        Err(_) => Err(ErrorCode::CorruptMessage),
        Ok(Some(_)) => Err(ErrorCode::InvalidRecord),
        Ok(None) => Ok(first.bytes),
    }
}

/// Whether the first batch says it is of a transaction. What is no batch of any format is an error that Kafka tells
/// in words, whatever else the request holds.
pub(crate) fn is_transactional(bytes: &[u8]) -> Result<bool, String> {
    const TRANSACTIONAL: u8 = 1 << 4;
    let first = frame(bytes)?;
    Ok(first.is_some_and(|first| first.magic == MAGIC && first.attributes & TRANSACTIONAL != 0))
}

/// The outside of a batch of any format.
struct Framed {
    bytes: usize,
    magic: i8,
    /// Their lower half.
    attributes: u8,
}

/// The batch at the start of `bytes`, if all of it is there.
fn frame(bytes: &[u8]) -> Result<Option<Framed>, String> {
    const LENGTH: usize = 8;
    const MAGIC_AT: usize = 16;
    const ATTRIBUTES: usize = 22;
    /// The shortest that was ever one.
    const SHORTEST: i32 = 14;
    let Some(length) = bytes.get(LENGTH..).and_then(<[u8]>::first_chunk::<4>) else { return Ok(None) };
    let length = i32::from_be_bytes(*length);
    if length < SHORTEST {
        return Err(format!("Record size {length} is less than the minimum record overhead ({SHORTEST})"));
    }
    let Some(&magic) = bytes.get(MAGIC_AT) else { return Ok(None) };
    let magic = magic as i8;
    if !(0..=MAGIC).contains(&magic) {
        return Err(format!("Invalid magic found in record: {magic}"));
    }
    let total = length.unsigned_abs() as usize + LENGTH_OVERHEAD_BYTES;
    if bytes.len() < total {
        return Ok(None);
    }
    Ok(Some(Framed { bytes: total, magic, attributes: bytes.get(ATTRIBUTES).copied().unwrap_or(0) }))
}
