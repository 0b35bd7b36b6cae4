use std::io::{Read, Write};

use super::BatchError;

/// How a batch's records are packed: the lowest three attribute bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

/// What xerial's snappy-java, and so Kafka's Java client, writes before its blocks.
const XERIAL_MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
/// The magic, a version and the oldest compatible version.
const XERIAL_HEADER_BYTES: usize = 16;
const XERIAL_BLOCK_BYTES: usize = 32 * 1024;
/// Snappy's densest element copies 64 bytes by 3: a claim beyond this ratio cannot be true.
const SNAPPY_RATIO_MAX: usize = 22;
/// The largest window zstd's own levels ask for (level 22); memory is touched only as it fills.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

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

    fn error(self, problem: impl ToString) -> BatchError {
        BatchError::Compression { codec: self.name(), problem: problem.to_string() }
    }
}

/// Unpacks a batch's payload into at most `bytes_max` bytes. Memory grows with what is really unpacked.
///
/// # Errors
/// When the data is damaged, or larger than allowed.
pub fn decompress(codec: Compression, payload: &[u8], bytes_max: usize) -> Result<Vec<u8>, BatchError> {
    match codec {
        Compression::None if payload.len() > bytes_max => Err(BatchError::TooLarge { bytes_max }),
        Compression::None => Ok(payload.to_vec()),
        Compression::Gzip => read_bounded(codec, flate2::read::MultiGzDecoder::new(payload), bytes_max),
        Compression::Snappy => match payload.strip_prefix(&XERIAL_MAGIC) {
            Some(_) => xerial(payload, bytes_max),
            None => {
                let mut out = Vec::new();
                snappy_block(payload, bytes_max, &mut out)?;
                Ok(out)
            }
        },
        Compression::Lz4 => read_bounded(codec, lz4_flex::frame::FrameDecoder::new(payload), bytes_max),
        Compression::Zstd => {
            let mut decoder =
                zstd::stream::read::Decoder::with_buffer(payload).map_err(|e| codec.error(e))?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|e| codec.error(e))?;
            read_bounded(codec, decoder, bytes_max)
        }
    }
}

/// Packs records the way Kafka's Java client does, so that every client can unpack them.
///
/// # Errors
/// Only if the codec itself fails.
pub fn compress(codec: Compression, payload: &[u8]) -> Result<Vec<u8>, BatchError> {
    match codec {
        Compression::None => Ok(payload.to_vec()),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(payload).and_then(|()| encoder.finish()).map_err(|e| codec.error(e))
        }
        Compression::Snappy => {
            let mut out = XERIAL_MAGIC.to_vec();
            out.extend([0, 0, 0, 1, 0, 0, 0, 1]);
            let mut encoder = snap::raw::Encoder::new();
            for block in payload.chunks(XERIAL_BLOCK_BYTES) {
                let packed = encoder.compress_vec(block).map_err(|e| codec.error(e))?;
                out.extend((packed.len() as u32).to_be_bytes());
                out.extend(packed);
            }
            Ok(out)
        }
        Compression::Lz4 => {
            // Kafka's Java client reads independent blocks only.
            let info = lz4_flex::frame::FrameInfo::new()
                .block_mode(lz4_flex::frame::BlockMode::Independent)
                .block_size(lz4_flex::frame::BlockSize::Max64KB);
            let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
            encoder.write_all(payload).map_err(|e| codec.error(e))?;
            encoder.finish().map_err(|e| codec.error(e))
        }
        Compression::Zstd => zstd::stream::encode_all(payload, 0).map_err(|e| codec.error(e)),
    }
}

fn read_bounded(codec: Compression, reader: impl Read, bytes_max: usize) -> Result<Vec<u8>, BatchError> {
    let mut out = Vec::new();
    let limit = (bytes_max as u64).saturating_add(1);
    reader.take(limit).read_to_end(&mut out).map_err(|e| codec.error(e))?;
    if out.len() > bytes_max {
        return Err(BatchError::TooLarge { bytes_max });
    }
    Ok(out)
}

fn xerial(payload: &[u8], bytes_max: usize) -> Result<Vec<u8>, BatchError> {
    let codec = Compression::Snappy;
    let mut rest =
        payload.get(XERIAL_HEADER_BYTES..).ok_or_else(|| codec.error("the block header is cut off"))?;
    let mut out = Vec::new();
    while !rest.is_empty() {
        // A stream may be a concatenation of streams, each with its own header.
        if rest.starts_with(&XERIAL_MAGIC) && rest.len() >= XERIAL_HEADER_BYTES {
            rest = &rest[XERIAL_HEADER_BYTES..];
            continue;
        }
        let (length, after) =
            rest.split_first_chunk::<4>().ok_or_else(|| codec.error("a block length is cut off"))?;
        let length = u32::from_be_bytes(*length) as usize;
        let block = after.get(..length).ok_or_else(|| codec.error("a block is cut off"))?;
        snappy_block(block, bytes_max, &mut out)?;
        rest = &after[length..];
    }
    Ok(out)
}

/// Appends one raw snappy block to `out`, which may reach `bytes_max` in all.
fn snappy_block(block: &[u8], bytes_max: usize, out: &mut Vec<u8>) -> Result<(), BatchError> {
    let codec = Compression::Snappy;
    let claimed = snap::raw::decompress_len(block).map_err(|e| codec.error(e))?;
    if claimed > block.len().saturating_mul(SNAPPY_RATIO_MAX) {
        return Err(codec.error("the length claimed cannot come from so few bytes"));
    }
    if claimed > bytes_max.saturating_sub(out.len()) {
        return Err(BatchError::TooLarge { bytes_max });
    }
    let start = out.len();
    out.resize(start + claimed, 0);
    let written =
        snap::raw::Decoder::new().decompress(block, &mut out[start..]).map_err(|e| codec.error(e))?;
    out.truncate(start + written);
    Ok(())
}

#[cfg(test)]
mod tests {
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
