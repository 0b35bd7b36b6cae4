use std::sync::Arc;
use std::sync::atomic::Ordering;

use wire::batch::{
    BatchError, BatchHeader, NO_TIMESTAMP, Offset, TimestampType, set_base_offset, set_leader_epoch,
};

use super::PartitionLog;
use crate::files;
use crate::segment::{AbortedEntry, Segment, Span};
use crate::{Ended, LogConfig, LogError};

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppendInfo {
    pub first_offset: Offset,
    pub last_offset: Offset,
    /// The broker's timestamp under `LogAppendTime`, else −1.
    pub log_append_time: i64,
    pub log_start_offset: Offset,
    pub bytes: usize,
    /// A new segment was begun for it: its base offset.
    pub rolled_at: Option<Offset>,
    /// `flush.messages` or `flush.ms` asks that this be durable before it is acknowledged: the caller calls
    /// [`PartitionLog::flush`], from a thread that may block. Readers see it then.
    pub flush_due: bool,
}

/// The transaction a marker aborts.
#[derive(Debug, Clone, Copy)]
pub struct Aborting {
    pub producer_id: i64,
    pub ended: Ended,
}

impl Aborting {
    pub(super) fn entry(self, last_offset: Offset) -> AbortedEntry {
        AbortedEntry {
            producer_id: self.producer_id,
            first_offset: self.ended.first_offset,
            last_offset,
            stable_offset: self.ended.next_open.unwrap_or(last_offset.next()),
        }
    }
}

/// What the one who writes keeps from append to append.
#[derive(Debug)]
pub(super) struct Appender {
    pub(super) active: Arc<Segment>,
    pub(super) end: Offset,
    spans: Vec<Span>,
}

impl Appender {
    pub(super) fn new(active: Arc<Segment>, end: Offset) -> Appender {
        Appender { active, end, spans: Vec::new() }
    }
}

impl PartitionLog {
    /// Appends one or more whole batches, whose CRCs the caller has checked, at the end of the log: gives them
    /// offsets and the leader epoch, in place, and writes them with one system call. When this returns they are
    /// in the page cache, so they survive the process; [`AppendInfo::flush_due`] says whether they are to
    /// survive the machine, too.
    ///
    /// # Errors
    /// When the bytes are no whole batches, or the disk refuses. Then nothing was appended.
    pub fn append(&self, batches: &mut [u8], leader_epoch: i32, now_ms: i64) -> Result<AppendInfo, LogError> {
        self.append_aborting(batches, leader_epoch, now_ms, None)
    }

    /// As [`PartitionLog::append`], for the marker that ends `aborting`.
    ///
    /// # Errors
    /// As [`PartitionLog::append`].
    pub fn append_aborting(
        &self,
        batches: &mut [u8],
        leader_epoch: i32,
        now_ms: i64,
        aborting: Option<Aborting>,
    ) -> Result<AppendInfo, LogError> {
        let config = self.config();
        let mut appender = self.appender.lock();
        self.check_open()?;
        self.check_synced()?;

        let first_offset = appender.end;
        let mut spans = std::mem::take(&mut appender.spans);
        let placed = self.place(batches, first_offset, leader_epoch, &mut spans);
        let written = placed.and_then(|placed| {
            let rolled = self.roll_if_full(&mut appender, batches.len() as u64, &placed, now_ms, &config)?;
            self.note_epoch(leader_epoch, first_offset)?;
            if let Some(aborting) = aborting {
                // Before the marker: one that is in the log is in the index, too.
                let entry = aborting.entry(placed.last_offset);
                let active = &appender.active;
                active.aborted.append(entry).map_err(LogError::io("write", active.aborted.path()))?;
            }
            appender.active.append(batches, &spans, &config)?;
            Ok((placed, rolled.then_some(appender.active.base)))
        });
        spans.clear();
        appender.spans = spans;
        let (placed, rolled_at) = written?;

        appender.end = placed.last_offset.next();
        self.written.store(appender.end.0, Ordering::Release);
        let flush_due = self.is_flush_due(&config, now_ms);
        let log_start_offset = {
            let mut shared = self.shared.write();
            if !flush_due {
                shared.end = appender.end;
            }
            shared.start
        };
        drop(appender);

        Ok(AppendInfo {
            first_offset,
            last_offset: placed.last_offset,
            log_append_time: placed.log_append_time,
            log_start_offset,
            bytes: batches.len(),
            rolled_at,
            flush_due,
        })
    }

    /// Patches every batch and collects what the indexes need. Checks all before changing any.
    fn place(
        &self,
        batches: &mut [u8],
        first_offset: Offset,
        leader_epoch: i32,
        spans: &mut Vec<Span>,
    ) -> Result<Placed, LogError> {
        let mut placed =
            Placed { last_offset: first_offset, max_timestamp: NO_TIMESTAMP, log_append_time: NO_TIMESTAMP };
        let mut next = first_offset;
        let mut rest = &batches[..];
        while !rest.is_empty() {
            let header = BatchHeader::parse(rest)?;
            let needed = header.total_bytes();
            rest = rest.get(needed..).ok_or(BatchError::Truncated { needed, have: rest.len() })?;
            let last = next.0.checked_add(i64::from(header.last_offset_delta)).map(Offset);
            let last = last.filter(|last| last.0 < i64::MAX - i64::from(i32::MAX));
            let last = last.ok_or_else(|| LogError::OffsetsExhausted { dir: self.dir.clone() })?;
            spans.push(Span { bytes: needed as u64, last_offset: last, max_timestamp: header.max_timestamp });
            placed.last_offset = last;
            placed.max_timestamp = placed.max_timestamp.max(header.max_timestamp);
            if header.timestamp_type() == TimestampType::LogAppendTime {
                placed.log_append_time = header.max_timestamp;
            }
            next = last.next();
        }
        if spans.is_empty() {
            return Err(BatchError::Header("there is no batch to append").into());
        }

        let (mut base, mut rest) = (first_offset, batches);
        for span in &*spans {
            let (batch, after) = rest.split_at_mut(span.bytes as usize);
            set_base_offset(batch, base);
            set_leader_epoch(batch, leader_epoch);
            (base, rest) = (span.last_offset.next(), after);
        }
        Ok(placed)
    }

    fn roll_if_full(
        &self,
        appender: &mut Appender,
        bytes: u64,
        placed: &Placed,
        now_ms: i64,
        config: &LogConfig,
    ) -> Result<bool, LogError> {
        let (last_offset, max_timestamp) = (placed.last_offset, placed.max_timestamp);
        let full = appender.active.is_full_for(bytes, last_offset, max_timestamp, now_ms, config);
        if full {
            self.roll(appender, config, now_ms)?;
        }
        Ok(full)
    }

    /// Ends the active segment and begins one at the log's end. An empty segment is replaced.
    pub(super) fn roll(
        &self,
        appender: &mut Appender,
        config: &LogConfig,
        now_ms: i64,
    ) -> Result<(), LogError> {
        let replaces = appender.active.base == appender.end;
        if !replaces {
            appender.active.finish_indexes()?;
            appender.active.trim()?;
        }
        let segment = Arc::new(Segment::create(&self.dir, appender.end, config, now_ms)?);
        let mut shared = self.shared.write();
        if replaces {
            shared.segments.pop();
        }
        shared.segments.push(Arc::clone(&segment));
        drop(shared);
        appender.active = segment;
        Ok(())
    }

    /// Remembers where a new leader epoch begins, on disk before its first record is.
    fn note_epoch(&self, epoch: i32, start: Offset) -> Result<(), LogError> {
        let mut epochs = self.epochs.lock();
        if epochs.assign(epoch, start) {
            self.write_epochs(&epochs.format())?;
        }
        Ok(())
    }

    pub(super) fn write_epochs(&self, text: &str) -> Result<(), LogError> {
        files::write_atomically(&self.dir.join(super::open::EPOCHS_FILE), text)
    }

    fn is_flush_due(&self, config: &LogConfig, now_ms: i64) -> bool {
        if config.flush_messages == i64::MAX && config.flush_ms == i64::MAX {
            return false;
        }
        let unflushed = self.written_offset().0 - self.recovery_point().0;
        let waited = now_ms.saturating_sub(self.last_flush_ms.load(Ordering::Relaxed));
        let due = unflushed >= config.flush_messages || waited >= config.flush_ms;
        if due {
            self.last_flush_ms.store(now_ms, Ordering::Relaxed);
        }
        due
    }
}

/// Where an append ends up.
struct Placed {
    last_offset: Offset,
    max_timestamp: i64,
    log_append_time: i64,
}
