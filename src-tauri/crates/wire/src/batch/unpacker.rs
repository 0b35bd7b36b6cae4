//! Records unpacked as they are read: memory is what the codec's window takes, however much comes out.

use std::io::{Error, ErrorKind, Read};

use super::{BatchError, Compression};

/// What xerial's snappy-java, and so Kafka's Java client, writes before its blocks.
pub(super) const XERIAL_MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
/// The magic, a version and the oldest compatible version.
const XERIAL_HEADER_BYTES: usize = 16;
/// Snappy's densest element copies 64 bytes by 3: a claim beyond this ratio cannot be true.
const SNAPPY_RATIO_MAX: usize = 22;
/// The largest window zstd's own levels ask for (level 22); memory is touched only as it fills.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// A batch's payload as plain bytes, to be read. Damage is an error of the reading.
pub struct Unpacker<'a>(Inner<'a>);

enum Inner<'a> {
    Plain(&'a [u8]),
    Gzip(Box<flate2::bufread::MultiGzDecoder<&'a [u8]>>),
    Snappy(Snappy<'a>),
    Lz4(Box<lz4_flex::frame::FrameDecoder<&'a [u8]>>),
    Zstd(Box<zstd::stream::read::Decoder<'a, &'a [u8]>>),
}

impl<'a> Unpacker<'a> {
    /// Nothing is unpacked yet.
    ///
    /// # Errors
    /// Only if the codec has no memory.
    pub fn new(codec: Compression, payload: &'a [u8]) -> Result<Unpacker<'a>, BatchError> {
        Ok(Unpacker(match codec {
            Compression::None => Inner::Plain(payload),
            Compression::Gzip => Inner::Gzip(Box::new(flate2::bufread::MultiGzDecoder::new(payload))),
            Compression::Snappy => Inner::Snappy(Snappy::new(payload)),
            Compression::Lz4 => Inner::Lz4(Box::new(lz4_flex::frame::FrameDecoder::new(payload))),
            Compression::Zstd => {
                let mut decoder =
                    zstd::stream::read::Decoder::with_buffer(payload).map_err(|e| codec.error(e))?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|e| codec.error(e))?;
                Inner::Zstd(Box::new(decoder))
            }
        }))
    }
}

impl Read for Unpacker<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match &mut self.0 {
            Inner::Plain(rest) => rest.read(into),
            Inner::Gzip(decoder) => decoder.read(into),
            Inner::Snappy(blocks) => blocks.read(into),
            Inner::Lz4(decoder) => decoder.read(into),
            Inner::Zstd(decoder) => decoder.read(into),
        }
    }
}

/// Snappy, in xerial's blocks or as one raw block.
struct Snappy<'a> {
    rest: &'a [u8],
    is_framed: bool,
    /// The block last unpacked, and how much of it was read.
    block: Vec<u8>,
    read: usize,
}

impl<'a> Snappy<'a> {
    fn new(payload: &'a [u8]) -> Self {
        let is_framed = payload.starts_with(&XERIAL_MAGIC);
        Self { rest: payload, is_framed, block: Vec::new(), read: 0 }
    }

    /// The next block's packed bytes.
    fn next_block(&mut self) -> Result<Option<&'a [u8]>, &'static str> {
        if !self.is_framed {
            let whole = std::mem::take(&mut self.rest);
            return Ok((!whole.is_empty()).then_some(whole));
        }
        // A stream may be a concatenation of streams, each with its own header.
        while self.rest.starts_with(&XERIAL_MAGIC) {
            self.rest = self.rest.get(XERIAL_HEADER_BYTES..).ok_or("the block header is cut off")?;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (length, after) = self.rest.split_first_chunk::<4>().ok_or("a block length is cut off")?;
        let length = u32::from_be_bytes(*length) as usize;
        let block = after.get(..length).ok_or("a block is cut off")?;
        self.rest = &after[length..];
        Ok(Some(block))
    }

    fn unpack(&mut self, block: &[u8]) -> std::io::Result<()> {
        let claimed = snap::raw::decompress_len(block).map_err(damaged)?;
        if claimed > block.len().saturating_mul(SNAPPY_RATIO_MAX) {
            return Err(damaged("the length claimed cannot come from so few bytes"));
        }
        self.block.clear();
        self.read = 0;
        self.block.resize(claimed, 0);
        let written = snap::raw::Decoder::new().decompress(block, &mut self.block).map_err(damaged)?;
        self.block.truncate(written);
        Ok(())
    }
}

impl Read for Snappy<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.read == self.block.len() {
            match self.next_block().map_err(damaged)? {
                Some(block) => self.unpack(block)?,
                None => return Ok(0),
            }
        }
        let read = (&self.block[self.read..]).read(into)?;
        self.read += read;
        Ok(read)
    }
}

fn damaged(problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::compress;

    #[test]
    fn memory_is_that_of_a_window_however_much_comes_out() {
        let plain = vec![7; 2 << 20];
        for codec in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
            let packed = compress(codec, &plain).expect("packs");
            let mut unpacker = Unpacker::new(codec, &packed).expect("has memory");
            let mut buffer = [0; 1000];
            let mut total = 0;
            loop {
                let read = unpacker.read(&mut buffer).expect("sound");
                if read == 0 {
                    break;
                }
                assert_eq!(buffer[..read], plain[..read]);
                total += read;
                if let Inner::Snappy(blocks) = &unpacker.0 {
                    assert!(blocks.block.capacity() <= 64 << 10, "{}", blocks.block.capacity());
                }
            }
            assert_eq!(total, plain.len(), "{codec:?}");
        }
    }
}
