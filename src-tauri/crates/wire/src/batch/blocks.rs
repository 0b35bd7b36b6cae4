//! Codecs that pack block by block, the way Kafka's Java client does.

use std::io::{Error, Write};

use lz4::block::CompressionMode;

use super::packer::Bounded;

/// How blocks are packed, and what stands around them.
pub(super) trait BlockCodec {
    const BLOCK_BYTES: usize;
    const HEAD: &'static [u8];
    const END: &'static [u8];

    fn pack(&mut self, block: &[u8], out: &mut Bounded) -> std::io::Result<()>;
}

/// Collects what is written into blocks.
pub(super) struct Blocks<C> {
    out: Bounded,
    block: Vec<u8>,
    codec: C,
}

impl<C: BlockCodec> Blocks<C> {
    pub(super) fn new(codec: C, mut out: Bounded) -> std::io::Result<Blocks<C>> {
        out.write_all(C::HEAD)?;
        Ok(Blocks { out, block: Vec::with_capacity(C::BLOCK_BYTES), codec })
    }

    /// Writes what is still held back and returns everything.
    pub(super) fn finish(mut self) -> std::io::Result<Bounded> {
        self.end_block()?;
        self.out.write_all(C::END)?;
        Ok(self.out)
    }

    fn end_block(&mut self) -> std::io::Result<()> {
        if !self.block.is_empty() {
            self.codec.pack(&self.block, &mut self.out)?;
            self.block.clear();
        }
        Ok(())
    }
}

impl<C: BlockCodec> Write for Blocks<C> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = bytes.len().min(C::BLOCK_BYTES - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == C::BLOCK_BYTES {
            self.end_block()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Snappy in xerial's blocks.
pub(super) struct Xerial(snap::raw::Encoder);

impl Xerial {
    pub(super) fn new() -> Xerial {
        Xerial(snap::raw::Encoder::new())
    }
}

impl BlockCodec for Xerial {
    const BLOCK_BYTES: usize = 32 * 1024;
    /// The magic, a version and the oldest one that can read this.
    const HEAD: &'static [u8] = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";
    const END: &'static [u8] = &[];

    fn pack(&mut self, block: &[u8], out: &mut Bounded) -> std::io::Result<()> {
        let packed = self.0.compress_vec(block).map_err(Error::other)?;
        out.write_all(&(packed.len() as u32).to_be_bytes())?;
        out.write_all(&packed)
    }
}

/// LZ4 that looks for matches as long as its level says, in the frame that Kafka's Java client reads and writes:
/// independent blocks, no checksums but the header's.
pub(super) struct Lz4High {
    level: i32,
    packed: Vec<u8>,
}

impl Lz4High {
    pub(super) fn new(level: i32) -> std::io::Result<Lz4High> {
        Ok(Lz4High { level, packed: vec![0; lz4::block::compress_bound(Lz4High::BLOCK_BYTES)?] })
    }
}

impl BlockCodec for Lz4High {
    const BLOCK_BYTES: usize = 64 * 1024;
    /// The magic, the flags, the size of blocks and the checksum of these two.
    const HEAD: &'static [u8] = &[0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
    const END: &'static [u8] = &[0; 4];

    fn pack(&mut self, block: &[u8], out: &mut Bounded) -> std::io::Result<()> {
        /// Set in the length of a block that is kept as it was.
        const UNPACKED: u32 = 1 << 31;
        let mode = CompressionMode::HIGHCOMPRESSION(self.level);
        let bytes = lz4::block::compress_to_buffer(block, Some(mode), false, &mut self.packed)?;
        if bytes < block.len() {
            out.write_all(&(bytes as u32).to_le_bytes())?;
            out.write_all(&self.packed[..bytes])
        } else {
            out.write_all(&(block.len() as u32 | UNPACKED).to_le_bytes())?;
            out.write_all(block)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::packer::Packer;
    use crate::batch::{Compression, Packing, decompress};

    fn packed(packing: Packing, plain: &[u8]) -> Vec<u8> {
        let mut packer = Packer::new(packing, Bounded::new(Vec::new(), usize::MAX)).expect("begins");
        packer.write_all(plain).expect("packs");
        packer.finish().expect("packs").bytes
    }

    #[test]
    fn lz4_packs_tighter_with_its_level_in_the_same_frame() {
        // Words in an order that takes some looking for matches.
        let mut seed = 7u32;
        let mut plain = Vec::new();
        while plain.len() < 200_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            plain.extend_from_slice(format!("word-{:x} ", (seed >> 22) * 40_503).as_bytes());
        }
        let sizes = [None, Some(1), Some(5), Some(12)].map(|level| {
            let bytes = packed(Packing::Lz4(level), &plain);
            assert_eq!(bytes[..7], *Lz4High::HEAD, "{level:?}");
            assert_eq!(decompress(Compression::Lz4, &bytes, plain.len()).expect("unpacks"), plain);
            bytes.len()
        });
        assert!(sizes.is_sorted_by(|looser, tighter| looser > tighter), "{sizes:?}");
        assert_eq!(packed(Packing::Lz4(Some(17)), &plain).len(), sizes[3], "there is nothing above");
    }

    #[test]
    fn what_does_not_get_smaller_stays_as_it_was() {
        let mut seed = 1u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            seed as u8
        })
        .take(70_000)
        .collect();
        for plain in [&noise[..], b"", b"x"] {
            let bytes = packed(Packing::Lz4(Some(3)), plain);
            assert!(bytes.len() <= plain.len() + 7 + 4 + 4 * plain.len().div_ceil(64 * 1024));
            assert_eq!(decompress(Compression::Lz4, &bytes, plain.len()).expect("unpacks"), plain);
        }
    }
}
