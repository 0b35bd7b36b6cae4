use super::{BatchError, BatchHeader, HEADER_BYTES, Records, compression};

/// One batch within a larger slice: its header, parsed, and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    pub header: BatchHeader,
    bytes: &'a [u8],
}

impl<'a> Batch<'a> {
    /// The batch at the start of `bytes`, all of it.
    ///
    /// # Errors
    /// When the header is bad or the bytes end before the batch does. The CRC is not looked at.
    pub fn parse(bytes: &'a [u8]) -> Result<Batch<'a>, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        match bytes.get(..header.total_bytes()) {
            Some(bytes) => Ok(Batch { header, bytes }),
            None => Err(BatchError::Truncated { needed: header.total_bytes(), have: bytes.len() }),
        }
    }

    /// Header and records as they are.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The records' bytes, compressed if the batch is.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        &self.bytes[HEADER_BYTES..]
    }

    /// Compares the CRC in the header with that of the bytes.
    ///
    /// # Errors
    /// [`BatchError::Crc`] when they differ.
    pub fn verify_crc(&self) -> Result<(), BatchError> {
        let computed = crc32c::crc32c(&self.bytes[super::patch::CRC_COVERS_FROM..]);
        if computed == self.header.crc {
            return Ok(());
        }
        Err(BatchError::Crc { base_offset: self.header.base_offset, stored: self.header.crc, computed })
    }

    /// The records, decompressed if need be into at most `unpacked_bytes_max` bytes.
    ///
    /// # Errors
    /// When the data cannot be decompressed or is larger than allowed.
    pub fn records(&self, unpacked_bytes_max: usize) -> Result<Records<'a>, BatchError> {
        let payload = match self.header.compression() {
            compression::Compression::None => std::borrow::Cow::Borrowed(self.payload()),
            codec => compression::decompress(codec, self.payload(), unpacked_bytes_max)?.into(),
        };
        Ok(Records::new(self.header, payload))
    }
}

/// The batches lying one after another in `bytes`. Ends after the first error; a cut-off last batch is
/// [`BatchError::Truncated`].
#[must_use]
pub fn batches(bytes: &[u8]) -> Batches<'_> {
    Batches { rest: bytes }
}

/// See [`batches`].
#[derive(Debug, Clone)]
pub struct Batches<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<Batch<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let batch = Batch::parse(self.rest);
        self.rest = match &batch {
            Ok(batch) => &self.rest[batch.bytes.len()..],
            Err(_) => &[],
        };
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{BatchBuilder, Offset};

    fn one(base: i64, values: usize) -> Vec<u8> {
        let mut builder = BatchBuilder::new().base_offset(Offset(base));
        for n in 0..values {
            builder = builder.record(n as i64, None, Some(b"value"));
        }
        builder.build().to_vec()
    }

    #[test]
    fn walks_batches_and_stops_at_a_torn_one() {
        let mut bytes = one(0, 2);
        bytes.extend(one(2, 1));
        let offsets: Vec<_> = batches(&bytes).map(|b| b.expect("sound").header.base_offset).collect();
        assert_eq!(offsets, [Offset(0), Offset(2)]);

        let torn = &bytes[..bytes.len() - 1];
        let seen: Vec<_> = batches(torn).map(|b| b.is_ok()).collect();
        assert_eq!(seen, [true, false]);
    }

    #[test]
    fn a_flipped_bit_is_a_crc_error() {
        let mut bytes = one(7, 3);
        Batch::parse(&bytes).expect("sound").verify_crc().expect("untouched");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let error = Batch::parse(&bytes).expect("header is sound").verify_crc();
        assert!(matches!(error, Err(BatchError::Crc { base_offset: Offset(7), .. })));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            mut bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400),
            codec in 0..5u8,
            sound_head in proptest::prelude::any::<bool>(),
        ) {
            if sound_head && bytes.len() >= HEADER_BYTES {
                let length = (bytes.len() - 12) as i32;
                bytes[8..12].copy_from_slice(&length.to_be_bytes());
                bytes[16] = 2;
                bytes[22] = codec;
                bytes[23..27].copy_from_slice(&9i32.to_be_bytes());
                bytes[57..61].copy_from_slice(&9i32.to_be_bytes());
            }
            for batch in batches(&bytes).flatten() {
                let _ = batch.verify_crc();
                let _ = batch.header.check_produced();
                if let Ok(records) = batch.records(1 << 20) {
                    for record in records.iter().flatten() {
                        record.headers.for_each(drop);
                        let _ = (records.offset_of(&record), records.timestamp_of(&record));
                    }
                }
            }
        }
    }
}
