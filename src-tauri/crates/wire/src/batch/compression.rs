use std::io::{Read, Write};

use super::packer::{Bounded, Packer};
use super::{BatchError, Packing, Unpacker};

/// How a batch's records are packed: the lowest three attribute bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Compression {
    pub(super) fn from_attributes(attributes: i16) -> Result<Compression, BatchError> {
        match attributes & 0b111 {
            0 => Ok(Compression::None),
            1 => Ok(Compression::Gzip),
            2 => Ok(Compression::Snappy),
            3 => Ok(Compression::Lz4),
            4 => Ok(Compression::Zstd),
            code => Err(BatchError::UnknownCompression(code)),
        }
    }

    pub(super) fn code(self) -> i16 {
        match self {
            Compression::None => 0,
            Compression::Gzip => 1,
            Compression::Snappy => 2,
            Compression::Lz4 => 3,
            Compression::Zstd => 4,
        }
    }

    /// The name used in `compression.type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Snappy => "snappy",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        }
    }

    pub(super) fn error(self, problem: impl ToString) -> BatchError {
        BatchError::Compression { codec: self.name(), problem: problem.to_string() }
    }
}

/// Unpacks a batch's payload into at most `bytes_max` bytes. Memory grows with what is really unpacked.
///
/// # Errors
/// When the data is damaged, or larger than allowed.
pub fn decompress(codec: Compression, payload: &[u8], bytes_max: usize) -> Result<Vec<u8>, BatchError> {
    let mut out = Vec::new();
    let limit = (bytes_max as u64).saturating_add(1);
    let unpacked = Unpacker::new(codec, payload)?.take(limit).read_to_end(&mut out);
    unpacked.map_err(|error| codec.error(error))?;
    if out.len() > bytes_max {
        return Err(BatchError::TooLarge { bytes_max });
    }
    Ok(out)
}

/// Packs records the way Kafka's Java client does, so that every client can unpack them.
///
/// # Errors
/// Only if the codec itself fails.
pub fn compress(codec: Compression, payload: &[u8]) -> Result<Vec<u8>, BatchError> {
    let mut packer = Packer::new(Packing::of(codec), Bounded::new(Vec::new(), usize::MAX))?;
    let packed = packer.write_all(payload).and_then(|()| packer.finish());
    Ok(packed.map_err(|error| codec.error(error))?.bytes)
}

#[cfg(test)]
mod tests {
    use super::super::unpacker::XERIAL_MAGIC;
    use super::*;

    const CODECS: [Compression; 5] =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

    #[test]
    fn every_codec_round_trips_and_honours_its_bound() {
        let plain: Vec<u8> = (0..200_000u32).map(|n| (n / 100) as u8).collect();
        for codec in CODECS {
            let packed = compress(codec, &plain).expect("packs");
            assert_eq!(decompress(codec, &packed, plain.len()).expect("unpacks"), plain, "{codec:?}");
            assert_eq!(
                decompress(codec, &packed, plain.len() - 1),
                Err(BatchError::TooLarge { bytes_max: plain.len() - 1 }),
                "{codec:?}"
            );
            assert_eq!(
                decompress(codec, &compress(codec, b"").expect("packs"), 0).expect("unpacks"),
                b"",
                "{codec:?}"
            );
        }
    }

    #[test]
    fn raw_snappy_is_read_too() {
        let packed = snap::raw::Encoder::new().compress_vec(b"as librdkafka sends it").expect("packs");
        assert_eq!(
            decompress(Compression::Snappy, &packed, 100).expect("unpacks"),
            b"as librdkafka sends it"
        );
    }

    #[test]
    fn nonsense_is_an_error_in_every_codec() {
        for codec in &CODECS[1..] {
            for garbage in [&b"garbage that is no frame"[..], &[0xff; 40], &XERIAL_MAGIC, &[0x80]] {
                assert!(decompress(*codec, garbage, 1 << 30).is_err(), "{codec:?} {garbage:?}");
            }
        }
    }

    #[test]
    fn a_snappy_claim_of_gigabytes_is_refused_without_memory() {
        let claim = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0];
        assert!(decompress(Compression::Snappy, &claim, usize::MAX).is_err());
    }
}
