//! Records packed as they are written, the way Kafka's Java client packs them, so that every client unpacks them.

use std::io::{Error, Write};

use super::blocks::{Blocks, Lz4High, Xerial};
use super::{BatchError, Compression};

/// From here on zstd's levels ask for more memory than a batch is worth.
const ZSTD_LEVEL_LEAN_MAX: i32 = 3;
/// The window of the higher levels: two megabytes, and about ten times that in all.
const ZSTD_WINDOW_LOG: u32 = 21;

/// How records are packed: a codec and, where it has them, its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    None,
    /// 1 to 9; none is the codec's own.
    Gzip(Option<u32>),
    Snappy,
    /// 1 to 12, higher ones being the same; none is the codec's own, which is faster than all of them.
    Lz4(Option<i32>),
    Zstd(i32),
}

impl Packing {
    /// The codec at its own level.
    #[must_use]
    pub fn of(codec: Compression) -> Packing {
        match codec {
            Compression::None => Packing::None,
            Compression::Gzip => Packing::Gzip(None),
            Compression::Snappy => Packing::Snappy,
            Compression::Lz4 => Packing::Lz4(None),
            Compression::Zstd => Packing::Zstd(zstd::DEFAULT_COMPRESSION_LEVEL),
        }
    }

    #[must_use]
    pub fn codec(self) -> Compression {
        match self {
            Packing::None => Compression::None,
            Packing::Gzip(_) => Compression::Gzip,
            Packing::Snappy => Compression::Snappy,
            Packing::Lz4(_) => Compression::Lz4,
            Packing::Zstd(_) => Compression::Zstd,
        }
    }
}

/// Packs what is written behind the bytes it is given, until there are too many.
pub(super) enum Packer {
    None(Bounded),
    Gzip(Box<flate2::write::GzEncoder<Bounded>>),
    Snappy(Box<Blocks<Xerial>>),
    Lz4(Box<lz4_flex::frame::FrameEncoder<Bounded>>),
    Lz4High(Box<Blocks<Lz4High>>),
    Zstd(Box<zstd::stream::write::Encoder<'static, Bounded>>),
}

impl Packer {
    pub(super) fn new(packing: Packing, out: Bounded) -> Result<Packer, BatchError> {
        let failed = |error: Error| packing.codec().error(error);
        Ok(match packing {
            Packing::None => Packer::None(out),
            Packing::Gzip(level) => {
                let level = level.map_or_else(flate2::Compression::default, flate2::Compression::new);
                Packer::Gzip(Box::new(flate2::write::GzEncoder::new(out, level)))
            }
            Packing::Snappy => Packer::Snappy(Box::new(Blocks::new(Xerial::new(), out).map_err(failed)?)),
            Packing::Lz4(Some(level)) => {
                let codec = Lz4High::new(level).map_err(failed)?;
                Packer::Lz4High(Box::new(Blocks::new(codec, out).map_err(failed)?))
            }
            Packing::Lz4(None) => {
                // Kafka's Java client reads independent blocks only.
                let info = lz4_flex::frame::FrameInfo::new()
                    .block_mode(lz4_flex::frame::BlockMode::Independent)
                    .block_size(lz4_flex::frame::BlockSize::Max64KB);
                Packer::Lz4(Box::new(lz4_flex::frame::FrameEncoder::with_frame_info(info, out)))
            }
            Packing::Zstd(level) => {
                let mut encoder = zstd::stream::write::Encoder::new(out, level).map_err(failed)?;
                if level > ZSTD_LEVEL_LEAN_MAX {
                    encoder.window_log(ZSTD_WINDOW_LOG).map_err(failed)?;
                }
                Packer::Zstd(Box::new(encoder))
            }
        })
    }

    /// Writes what is still held back and returns everything.
    pub(super) fn finish(self) -> Result<Bounded, Error> {
        match self {
            Packer::None(out) => Ok(out),
            Packer::Gzip(encoder) => encoder.finish(),
            Packer::Snappy(blocks) => blocks.finish(),
            Packer::Lz4High(blocks) => blocks.finish(),
            Packer::Lz4(encoder) => encoder.finish().map_err(Error::from),
            Packer::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl Write for Packer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Packer::None(out) => out.write(bytes),
            Packer::Gzip(encoder) => encoder.write(bytes),
            Packer::Snappy(blocks) => blocks.write(bytes),
            Packer::Lz4High(blocks) => blocks.write(bytes),
            Packer::Lz4(encoder) => encoder.write(bytes),
            Packer::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Bytes that may not become more than so many.
pub(super) struct Bounded {
    pub(super) bytes: Vec<u8>,
    bytes_max: usize,
}

impl Bounded {
    pub(super) fn new(bytes: Vec<u8>, bytes_max: usize) -> Bounded {
        Bounded { bytes, bytes_max }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if bytes.len() > self.bytes_max.saturating_sub(self.bytes.len()) {
            return Err(Error::other(Overfull));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// There are more bytes than allowed.
#[derive(Debug, thiserror::Error)]
#[error("there are too many bytes")]
pub(super) struct Overfull;
