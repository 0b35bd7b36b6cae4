//! A batch in another codec (`compression.type`).

use std::io::{Error, Read};

use super::packer::{Bounded, Overfull, Packer};
use super::{
    Batch, BatchError, BatchHeader, HEADER_BYTES, LENGTH_OVERHEAD_BYTES, Packing, Unpacker, header, patch,
};

/// How large a batch may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepackLimits {
    /// What its records may unpack to on the way; they are never held as a whole.
    pub unpacked_bytes_max: usize,
    /// The new batch, header and all.
    pub batch_bytes_max: usize,
}

/// Why a batch was not repacked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RepackError {
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Repacked it is larger than [`RepackLimits::batch_bytes_max`].
    #[error("repacked, the batch has more than {bytes_max} bytes")]
    Outgrown { bytes_max: usize },
}

/// The same batch, its records packed otherwise: offsets, producer, sequence, timestamps and headers stay as they
/// are. Memory grows with what comes out, not with what it unpacks to.
///
/// # Errors
/// When the records cannot be unpacked, or the batch becomes larger than allowed.
pub fn repack(batch: &Batch<'_>, packing: Packing, limits: RepackLimits) -> Result<Vec<u8>, RepackError> {
    let from = batch.header.compression();
    let unpacker = Unpacker::new(from, batch.payload())?;
    let out = Bounded::new(batch.bytes()[..HEADER_BYTES].to_vec(), limits.batch_bytes_max);
    let failed = |error: Error| {
        if error.get_ref().is_some_and(|inner| inner.is::<Overfull>()) {
            return RepackError::Outgrown { bytes_max: limits.batch_bytes_max };
        }
        from.error(error).into()
    };
    let mut packer = Packer::new(packing, out)?;
    let unpacked_max = limits.unpacked_bytes_max as u64;
    let mut records = unpacker.take(unpacked_max.saturating_add(1));
    let unpacked = std::io::copy(&mut records, &mut packer).map_err(failed)?;
    if unpacked > unpacked_max {
        return Err(BatchError::TooLarge { bytes_max: limits.unpacked_bytes_max }.into());
    }
    let mut bytes = packer.finish().map_err(failed)?.bytes;
    let length = bytes.len() - LENGTH_OVERHEAD_BYTES;
    let length =
        i32::try_from(length).map_err(|_| RepackError::Outgrown { bytes_max: limits.batch_bytes_max })?;
    let attributes = header::with_compression(batch.header.attributes, packing.codec());
    let header = BatchHeader { length, attributes, ..batch.header };
    bytes[..HEADER_BYTES].copy_from_slice(&header.encode());
    patch::write_crc(&mut bytes);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Compression;
    use crate::batch::sample::sample;

    const PACKINGS: [Packing; 6] = [
        Packing::None,
        Packing::Gzip(Some(9)),
        Packing::Snappy,
        Packing::Lz4(None),
        Packing::Lz4(Some(12)),
        Packing::Zstd(19),
    ];
    const LIMITS: RepackLimits = RepackLimits { unpacked_bytes_max: 1 << 20, batch_bytes_max: 1 << 20 };

    #[test]
    fn everything_but_the_packing_stays() {
        let plain = sample(Compression::None);
        let plain = Batch::parse(&plain).expect("sound");
        for from in PACKINGS {
            let original = sample(from.codec());
            let original = Batch::parse(&original).expect("sound");
            for to in PACKINGS {
                let bytes = repack(&original, to, LIMITS).expect("repacks");
                let batch = Batch::parse(&bytes).expect("sound");
                batch.verify_crc().expect("renewed");
                assert_eq!(batch.header.total_bytes(), bytes.len());
                assert_eq!(batch.header.compression(), to.codec());
                let BatchHeader { length, crc, attributes, .. } = batch.header;
                let expected = BatchHeader { length, crc, attributes, ..original.header };
                assert_eq!(batch.header, expected, "{from:?} to {to:?}");
                assert_eq!(attributes & !7, original.header.attributes & !7);
                let records = batch.records(1 << 20).expect("unpacks");
                assert!(records.iter().eq(plain.records(0).expect("plain").iter()), "{from:?} to {to:?}");
                if to == Packing::None {
                    assert_eq!(bytes.len(), plain.bytes().len());
                }
            }
        }
    }

    #[test]
    fn both_bounds_hold_in_every_codec() {
        for from in PACKINGS {
            let bytes = sample(from.codec());
            let batch = Batch::parse(&bytes).expect("sound");
            for to in PACKINGS {
                let limits = RepackLimits { batch_bytes_max: 100, ..LIMITS };
                let outgrown = RepackError::Outgrown { bytes_max: 100 };
                assert_eq!(repack(&batch, to, limits), Err(outgrown), "{from:?} to {to:?}");
                let limits = RepackLimits { unpacked_bytes_max: 10_000, ..LIMITS };
                let too_large = BatchError::TooLarge { bytes_max: 10_000 }.into();
                assert_eq!(repack(&batch, to, limits), Err(too_large), "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn damage_is_told_by_its_codec() {
        for from in &PACKINGS[1..] {
            let mut bytes = sample(from.codec());
            bytes.truncate(bytes.len() - 20);
            let length = (bytes.len() - LENGTH_OVERHEAD_BYTES) as i32;
            bytes[8..12].copy_from_slice(&length.to_be_bytes());
            let batch = Batch::parse(&bytes).expect("the header is sound");
            let error = repack(&batch, Packing::None, LIMITS).expect_err("cut off");
            let name = from.codec().name();
            let told =
                matches!(error, RepackError::Batch(BatchError::Compression { codec, .. }) if codec == name);
            assert!(told, "{error:?}");
        }
    }
}
