use std::borrow::Cow;

use super::{BatchError, BatchHeader, TimestampType, varint};

/// The records of one batch, unpacked.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    header: BatchHeader,
    payload: Cow<'a, [u8]>,
}

/// One record, borrowing from its [`Records`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    pub attributes: i8,
    pub offset_delta: i32,
    /// Milliseconds after the batch's base timestamp; see [`Records::timestamp_of`].
    pub timestamp_delta: i64,
    pub key: Option<&'a [u8]>,
    /// `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    pub headers: Headers<'a>,
}

/// A record's headers: an iterator that reads them as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers<'a> {
    left: i32,
    rest: &'a [u8],
}

/// A record header: a name, in bytes that should be UTF-8, and a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    pub key: &'a [u8],
    pub value: Option<&'a [u8]>,
}

impl<'a> Records<'a> {
    pub(super) fn new(header: BatchHeader, payload: Cow<'a, [u8]>) -> Records<'a> {
        Records { header, payload }
    }

    /// The header of the batch they came in.
    #[must_use]
    pub fn batch_header(&self) -> &BatchHeader {
        &self.header
    }

    /// Goes through the records in order. Ends after the first error.
    #[must_use]
    pub fn iter(&self) -> RecordIter<'_> {
        RecordIter { header: &self.header, index: 0, rest: &self.payload }
    }

    /// A record's timestamp in milliseconds: its own, or the batch's under `LogAppendTime`.
    #[must_use]
    pub fn timestamp_of(&self, record: &Record<'_>) -> i64 {
        match self.header.timestamp_type() {
            TimestampType::CreateTime => self.header.base_timestamp.saturating_add(record.timestamp_delta),
            TimestampType::LogAppendTime => self.header.max_timestamp,
        }
    }

    /// A record's place in the log.
    #[must_use]
    pub fn offset_of(&self, record: &Record<'_>) -> super::Offset {
        super::Offset(self.header.base_offset.0.saturating_add(i64::from(record.offset_delta)))
    }
}

impl<'r> IntoIterator for &'r Records<'_> {
    type Item = Result<Record<'r>, BatchError>;
    type IntoIter = RecordIter<'r>;

    fn into_iter(self) -> RecordIter<'r> {
        self.iter()
    }
}

/// See [`Records::iter`].
#[derive(Debug, Clone)]
pub struct RecordIter<'r> {
    header: &'r BatchHeader,
    index: i32,
    rest: &'r [u8],
}

impl<'r> Iterator for RecordIter<'r> {
    type Item = Result<Record<'r>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.index >= self.header.record_count {
            if self.rest.is_empty() {
                return None;
            }
            return Some(Err(self.stop("bytes are left after the last record")));
        }
        match take_record(&mut self.rest) {
            Ok(record) if record.offset_delta < 0 || record.offset_delta > self.header.last_offset_delta => {
                Some(Err(self.stop("its offset lies outside the batch")))
            }
            Ok(record) => {
                self.index += 1;
                Some(Ok(record))
            }
            Err(problem) => Some(Err(self.stop(problem))),
        }
    }
}

impl RecordIter<'_> {
    fn stop(&mut self, problem: &'static str) -> BatchError {
        let error = BatchError::Record { base_offset: self.header.base_offset, index: self.index, problem };
        self.rest = &[];
        self.index = i32::MAX;
        error
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        if self.left <= 0 {
            return None;
        }
        self.left -= 1;
        // Walked once when the record was read, so it cannot fail.
        let header = take_header(&mut self.rest).ok();
        if header.is_none() {
            self.left = 0;
        }
        header
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.rest.len() / 2))
    }
}

fn take_record<'r>(rest: &mut &'r [u8]) -> Result<Record<'r>, &'static str> {
    let length = varint::take_i32(rest).ok_or("its length is not a varint")?;
    let length = usize::try_from(length).map_err(|_| "its length is negative")?;
    let mut body = rest.get(..length).ok_or("it is longer than the batch")?;
    *rest = &rest[length..];

    let (&attributes, after) = body.split_first().ok_or("it is empty")?;
    body = after;
    let timestamp_delta = varint::take_i64(&mut body).ok_or("its timestamp is not a varint")?;
    let offset_delta = varint::take_i32(&mut body).ok_or("its offset is not a varint")?;
    let key = take_bytes(&mut body).ok_or("its key is cut off")?;
    let value = take_bytes(&mut body).ok_or("its value is cut off")?;
    let count = varint::take_i32(&mut body).ok_or("its header count is not a varint")?;
    if count < 0 {
        return Err("its header count is negative");
    }
    let headers = Headers { left: count, rest: body };
    for _ in 0..count {
        take_header(&mut body)?;
    }
    if !body.is_empty() {
        return Err("bytes are left after its headers");
    }
    Ok(Record { attributes: attributes as i8, offset_delta, timestamp_delta, key, value, headers })
}

fn take_header<'a>(body: &mut &'a [u8]) -> Result<Header<'a>, &'static str> {
    let key = take_bytes(body).ok_or("a header's key is cut off")?.ok_or("a header has no key")?;
    let value = take_bytes(body).ok_or("a header's value is cut off")?;
    Ok(Header { key, value })
}

/// A length (below 0: null) and so many bytes. The outer `None` means cut off.
#[expect(clippy::option_option, reason = "null and cut off are different answers")]
fn take_bytes<'a>(body: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = varint::take_i32(body)?;
    let Ok(length) = usize::try_from(length) else {
        return Some(None);
    };
    let bytes = body.get(..length)?;
    *body = &body[length..];
    Some(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Batch, BatchBuilder, NewRecord};

    fn batch_of_one(body: &[u8]) -> Vec<u8> {
        let mut bytes = BatchBuilder::new().record(0, None, None).build().to_vec();
        bytes.truncate(super::super::HEADER_BYTES);
        bytes.extend(body);
        let length = (bytes.len() - super::super::LENGTH_OVERHEAD_BYTES) as i32;
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        bytes
    }

    fn check(body: &[u8], expected: Result<usize, &'static str>) {
        let bytes = batch_of_one(body);
        let batch = Batch::parse(&bytes).expect("header");
        let records = batch.records(1 << 20).expect("plain");
        let seen: Result<Vec<_>, _> = records.iter().collect();
        match (seen, expected) {
            (Ok(seen), Ok(count)) => assert_eq!(seen.len(), count),
            (Err(BatchError::Record { problem, .. }), Err(expected)) => assert_eq!(problem, expected),
            (seen, expected) => panic!("{seen:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn every_length_is_checked_against_the_bytes_there() {
        check(&[12, 0, 0, 0, 1, 1, 0], Ok(1));
        check(&[0x80], Err("its length is not a varint"));
        check(&[1], Err("its length is negative"));
        check(&[0xfe, 0xff, 0xff, 0xff, 0x0f], Err("it is longer than the batch"));
        check(&[0], Err("it is empty"));
        check(&[12, 0, 0, 0, 126, 1, 0], Err("its key is cut off"));
        check(&[12, 0, 0, 0, 1, 126, 0], Err("its value is cut off"));
        check(&[12, 0, 0, 2, 1, 1, 0], Err("its offset lies outside the batch"));
        check(&[14, 0, 0, 0, 1, 1, 1, 0], Err("its header count is negative"));
        check(&[14, 0, 0, 0, 1, 1, 2, 1], Err("a header has no key"));
        check(&[14, 0, 0, 0, 1, 1, 0, 0], Err("bytes are left after its headers"));
        check(&[12, 0, 0, 0, 1, 1, 0, 9], Err("bytes are left after the last record"));
        // 2^30 headers in no bytes: an error at the first, not a loop or an allocation.
        check(&[20, 0, 0, 0, 1, 1, 0x80, 0x80, 0x80, 0x80, 8], Err("a header's key is cut off"));
    }

    #[test]
    fn reads_what_the_builder_writes() {
        let bytes = BatchBuilder::new()
            .record(100, Some(b"k"), Some(b"v"))
            .push(NewRecord {
                timestamp_ms: 90,
                key: None,
                value: None,
                headers: &[Header { key: b"h", value: Some(b"x") }, Header { key: b"", value: None }],
            })
            .build();
        let batch = Batch::parse(&bytes).expect("sound");
        let records = batch.records(1 << 20).expect("plain");
        let all: Vec<_> = records.iter().map(|r| r.expect("sound")).collect();
        assert_eq!((all[0].key, all[0].value), (Some(&b"k"[..]), Some(&b"v"[..])));
        assert_eq!(records.timestamp_of(&all[1]), 90);
        let headers: Vec<_> = all[1].headers.collect();
        assert_eq!(headers, [Header { key: b"h", value: Some(b"x") }, Header { key: b"", value: None }]);
    }
}
