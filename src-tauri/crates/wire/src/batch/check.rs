//! Whether a batch's records can be read, found out without keeping them.

use std::io::{BufRead, BufReader, ErrorKind, Read, Take};

use super::{Batch, BatchError, Compression, Unpacker, varint};

/// What is unpacked at a time.
const BUFFER_BYTES: usize = 8 * 1024;

impl Batch<'_> {
    /// Looks into the records field by field, as a broker does before it keeps them: as many as the header says, with
    /// nothing between or behind them. Packed ones are unpacked as they are read, and must be as long as they say like
    /// plain ones: Kafka does not look at that, and keeps what no consumer can read.
    ///
    /// # Errors
    /// When the data cannot be unpacked, holds other records than the header says, or unpacks to more than allowed.
    pub fn check_records(&self, unpacked_bytes_max: usize) -> Result<(), BatchError> {
        match self.header.compression() {
            Compression::None => self.check_plain(),
            codec => self.check_packed(codec, unpacked_bytes_max),
        }
    }

    fn check_plain(&self) -> Result<(), BatchError> {
        let mut rest = self.payload();
        for index in 0..self.header.record_count {
            rest = behind_record(rest).map_err(|problem| self.bad_record(index, problem))?;
        }
        if rest.is_empty() { Ok(()) } else { Err(self.bad_record(self.header.record_count, LEFT)) }
    }

    fn check_packed(&self, codec: Compression, unpacked_bytes_max: usize) -> Result<(), BatchError> {
        let limit = (unpacked_bytes_max as u64).saturating_add(1);
        let input = BufReader::with_capacity(BUFFER_BYTES, Unpacker::new(codec, self.payload())?.take(limit));
        let mut walk = Walk { input, left: 0 };
        let mut index = 0;
        let walked = loop {
            if index == self.header.record_count {
                break walk.end();
            }
            if let Err(stop) = walk.record(self.header.last_offset_delta) {
                break Err(stop);
            }
            index += 1;
        };
        // The bound was reached: whatever else was found behind it does not count.
        if walk.input.get_ref().limit() == 0 {
            return Err(BatchError::TooLarge { bytes_max: unpacked_bytes_max });
        }
        walked.map_err(|stop| match stop {
            Stop::Record(problem) => self.bad_record(index, problem),
            // A gzip stream that ends too early tells of it in Kafka as a record that does.
            Stop::Unpacking(error)
                if error.kind() == ErrorKind::UnexpectedEof && codec == Compression::Gzip =>
            {
                self.bad_record(index, CUT_OFF)
            }
            Stop::Unpacking(error) => codec.error(error),
        })
    }

    fn bad_record(&self, index: i32, problem: &'static str) -> BatchError {
        BatchError::Record { base_offset: self.header.base_offset, index, problem }
    }
}

/// What follows the record in front.
fn behind_record(mut bytes: &[u8]) -> Result<&[u8], &'static str> {
    let length = varint::take_i32(&mut bytes).ok_or("its length is not a varint")?;
    let length = usize::try_from(length).map_err(|_| NEGATIVE)?;
    let (mut record, behind) = bytes.split_at_checked(length).ok_or("it is longer than the batch")?;
    let (_attributes, fields) = record.split_first().ok_or(LONGER)?;
    record = fields;
    varint::take_i64(&mut record).ok_or(NO_VARINT)?;
    varint::take_i32(&mut record).ok_or(NO_VARINT)?;
    pass_bytes(&mut record)?;
    pass_bytes(&mut record)?;
    let headers = varint::take_i32(&mut record).ok_or(NO_VARINT)?;
    if headers < 0 {
        return Err(HEADERS_NEGATIVE);
    }
    for _ in 0..headers {
        if !pass_bytes(&mut record)? {
            return Err(HEADER_KEYLESS);
        }
        pass_bytes(&mut record)?;
    }
    if record.is_empty() { Ok(behind) } else { Err(SHORTER) }
}

/// Passes over a length and so many bytes. Says whether they are not null.
fn pass_bytes(record: &mut &[u8]) -> Result<bool, &'static str> {
    let Ok(length) = usize::try_from(varint::take_i32(record).ok_or(NO_VARINT)?) else { return Ok(false) };
    *record = record.get(length..).ok_or(LONGER)?;
    Ok(true)
}

const CUT_OFF: &str = "it is cut off";
const NEGATIVE: &str = "its length is negative";
const LONGER: &str = "it is longer than its length";
const SHORTER: &str = "bytes are left after its headers";
const NO_VARINT: &str = "a number in it is no varint";
const HEADERS_NEGATIVE: &str = "its header count is negative";
const HEADER_KEYLESS: &str = "a header has no key";
const LEFT: &str = "bytes are left after the last record";

enum Stop {
    Record(&'static str),
    Unpacking(std::io::Error),
}

/// Goes over records as they are unpacked.
struct Walk<'a> {
    input: BufReader<Take<Unpacker<'a>>>,
    /// Bytes of the record at hand that are still to come.
    left: u64,
}

impl Walk<'_> {
    fn record(&mut self, last_offset_delta: i32) -> Result<(), Stop> {
        // Its own length is not counted in it.
        self.left = 5;
        self.left = u64::from(self.length()?.ok_or(Stop::Record(NEGATIVE))?);
        self.byte()?;
        self.varint(10)?;
        let offset_delta = self.i32()?;
        if offset_delta < 0 || offset_delta > last_offset_delta {
            return Err(Stop::Record("its offset lies outside the batch"));
        }
        self.skip_bytes()?;
        self.skip_bytes()?;
        let headers = self.length()?.ok_or(Stop::Record(HEADERS_NEGATIVE))?;
        for _ in 0..headers {
            if !self.skip_bytes()? {
                return Err(Stop::Record(HEADER_KEYLESS));
            }
            self.skip_bytes()?;
        }
        if self.left > 0 {
            return Err(Stop::Record(SHORTER));
        }
        Ok(())
    }

    /// Reading to the end makes the codecs compare their own checksums, too.
    fn end(&mut self) -> Result<(), Stop> {
        let rest = self.input.fill_buf().map_err(Stop::Unpacking)?;
        if rest.is_empty() { Ok(()) } else { Err(Stop::Record(LEFT)) }
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        self.left = self.left.checked_sub(1).ok_or(Stop::Record(LONGER))?;
        let byte = self.input.fill_buf().map_err(Stop::Unpacking)?.first().copied();
        self.input.consume(usize::from(byte.is_some()));
        byte.ok_or(Stop::Record(CUT_OFF))
    }

    fn varint(&mut self, bytes_max: usize) -> Result<u64, Stop> {
        let mut value = 0u64;
        for index in 0..bytes_max {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Stop::Record(NO_VARINT))
    }

    fn i32(&mut self) -> Result<i32, Stop> {
        let raw = u32::try_from(self.varint(5)?).map_err(|_| Stop::Record(NO_VARINT))?;
        Ok(((raw >> 1) as i32) ^ -((raw & 1) as i32))
    }

    /// `None` is a length below 0.
    fn length(&mut self) -> Result<Option<u32>, Stop> {
        Ok(u32::try_from(self.i32()?).ok())
    }

    /// Passes over a length and so many bytes. Says whether they are not null.
    fn skip_bytes(&mut self) -> Result<bool, Stop> {
        let Some(length) = self.length()? else { return Ok(false) };
        let mut length = u64::from(length);
        self.left = self.left.checked_sub(length).ok_or(Stop::Record(LONGER))?;
        while length > 0 {
            let there = self.input.fill_buf().map_err(Stop::Unpacking)?.len();
            if there == 0 {
                return Err(Stop::Record(CUT_OFF));
            }
            let step = there.min(usize::try_from(length).unwrap_or(usize::MAX));
            self.input.consume(step);
            length -= step as u64;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::sample::sample;
    use crate::batch::{HEADER_BYTES, LENGTH_OVERHEAD_BYTES, compress};

    const CODECS: [Compression; 5] =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

    /// The batch of other plain records under the same header.
    fn with_payload(codec: Compression, payload: &[u8], records: i32) -> Vec<u8> {
        let mut bytes = sample(codec);
        bytes.truncate(HEADER_BYTES);
        bytes.extend(compress(codec, payload).expect("packs"));
        let length = (bytes.len() - LENGTH_OVERHEAD_BYTES) as i32;
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        bytes[23..27].copy_from_slice(&(records - 1).to_be_bytes());
        bytes[57..61].copy_from_slice(&records.to_be_bytes());
        bytes
    }

    fn check(bytes: &[u8]) -> Result<(), BatchError> {
        Batch::parse(bytes).expect("the header is sound").check_records(1 << 20)
    }

    #[test]
    fn sound_records_pass_and_bounds_hold_in_every_codec() {
        for codec in CODECS {
            let bytes = sample(codec);
            assert_eq!(check(&bytes), Ok(()), "{codec:?}");
            if codec != Compression::None {
                let bound = Batch::parse(&bytes).expect("sound").check_records(10_000);
                assert_eq!(bound, Err(BatchError::TooLarge { bytes_max: 10_000 }), "{codec:?}");
            }
        }
    }

    #[test]
    fn records_that_are_not_as_the_header_says_are_told_from_damage() {
        let plain = sample(Compression::None);
        let plain = &plain[HEADER_BYTES..];
        let is_record = |checked| matches!(checked, Err(BatchError::Record { .. }));
        for codec in CODECS {
            for (payload, records) in [(plain, 299), (plain, 301), (&plain[..plain.len() - 4], 300)] {
                assert!(is_record(check(&with_payload(codec, payload, records))), "{codec:?} {records}");
            }
            let mut garbled = sample(codec);
            garbled[HEADER_BYTES..].fill(0xa5);
            let told = check(&garbled);
            let unpacks = matches!(codec, Compression::None);
            let as_expected =
                if unpacks { is_record(told) } else { matches!(told, Err(BatchError::Compression { .. })) };
            assert!(as_expected, "{codec:?}");
        }
        // What only one that looks into records sees. The offsets of plain ones are counted, not read.
        for body in [
            &[12, 0, 0, 0, 126, 1, 0][..],
            &[12, 0, 0, 2, 1, 1, 0],
            &[14, 0, 0, 0, 1, 1, 1, 0],
            &[12, 0, 0, 0, 1, 1, 8],
        ] {
            for codec in CODECS {
                let offset_is_asked_for = codec != Compression::None || body[3] == 0;
                assert_eq!(is_record(check(&with_payload(codec, body, 1))), offset_is_asked_for, "{body:?}");
            }
        }
        for codec in CODECS {
            assert_eq!(check(&with_payload(codec, &[12, 0, 0, 0, 1, 1, 0], 1)), Ok(()));
        }
    }
}
