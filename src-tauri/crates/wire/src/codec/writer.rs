//! A message being written: small things into one buffer, record batches beside it, uncopied.

use bytes::{BufMut, Bytes, BytesMut};

/// Records shorter than this are copied into the buffer: cheaper than a further slice to send.
const SPLICE_BYTES_MIN: usize = 2048;

/// A message being written.
#[derive(Debug, Default)]
pub struct Writer {
    buf: BytesMut,
    /// Record batches that belong before the given position of `buf`.
    splices: Vec<(usize, Bytes)>,
}

impl Writer {
    /// An empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty message with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { buf: BytesMut::with_capacity(bytes), splices: Vec::new() }
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.buf.len() + self.splices.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes as they are.
    pub fn put(&mut self, bytes: &[u8]) {
        self.buf.put_slice(bytes);
    }

    /// An unsigned varint.
    pub fn varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.buf.put_u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.buf.put_u8(value as u8);
    }

    /// A string's length. `None` is null.
    pub fn string_len(&mut self, len: Option<usize>, flexible: bool) {
        match len {
            _ if flexible => self.compact_len(len),
            Some(len) => self.buf.put_i16(len as i16),
            None => self.buf.put_i16(-1),
        }
    }

    /// The length of bytes or an array's count. `None` is null.
    pub fn long_len(&mut self, len: Option<usize>, flexible: bool) {
        match len {
            _ if flexible => self.compact_len(len),
            Some(len) => self.buf.put_i32(len as i32),
            None => self.buf.put_i32(-1),
        }
    }

    /// Record batches, kept as the slice they are when they are long.
    pub fn splice(&mut self, bytes: &Bytes) {
        if bytes.len() < SPLICE_BYTES_MIN {
            self.buf.put_slice(bytes);
        } else {
            self.splices.push((self.buf.len(), bytes.clone()));
        }
    }

    /// One tagged field.
    pub fn tag(&mut self, tag: u32, write: impl FnOnce(&mut Writer)) {
        let mut field = Writer::new();
        write(&mut field);
        let bytes = field.into_bytes();
        self.varint(tag);
        self.varint(bytes.len() as u32);
        self.put(&bytes);
    }

    /// Everything in one piece.
    pub fn into_bytes(self) -> Bytes {
        if self.splices.is_empty() {
            return self.buf.freeze();
        }
        let mut whole = BytesMut::with_capacity(self.len());
        for part in self.into_parts() {
            whole.put_slice(&part);
        }
        whole.freeze()
    }

    /// Everything as the slices to send, in order, none of them copied.
    pub fn into_parts(self) -> Vec<Bytes> {
        let buf = self.buf.freeze();
        let mut parts = Vec::with_capacity(2 * self.splices.len() + 1);
        let mut at = 0;
        for (position, splice) in self.splices {
            if position > at {
                parts.push(buf.slice(at..position));
            }
            parts.push(splice);
            at = position;
        }
        if at < buf.len() {
            parts.push(buf.slice(at..));
        }
        parts
    }

    /// Overwrites four bytes written earlier, as a frame's length is.
    pub fn patch(&mut self, at: usize, bytes: [u8; 4]) {
        self.buf[at..at + 4].copy_from_slice(&bytes);
    }

    /// Four bytes written before any splice.
    pub fn peek(&self, at: usize) -> Option<[u8; 4]> {
        self.buf.get(at..at + 4)?.try_into().ok()
    }

    fn compact_len(&mut self, len: Option<usize>) {
        self.varint(len.map_or(0, |len| len as u32 + 1));
    }
}
