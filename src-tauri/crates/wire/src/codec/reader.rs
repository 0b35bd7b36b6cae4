//! A cursor over a request's bytes.

use std::ops::Range;

use super::{DecodeError, ELEMENTS_MAX};

/// Where in the request a run of record batches lies: they are appended from there, not copied out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// The same as an index into the request.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A cursor over a request's bytes.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    elements_left: u32,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, elements_left: ELEMENTS_MAX }
    }

    /// Bytes not yet read.
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let left = self.left();
        if count > left {
            return Err(DecodeError::Short { wanted: count, left });
        }
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// An unsigned varint of at most five bytes.
    pub fn varint(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.array()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError::VarintTooLong)
    }

    /// A string's length: `None` is null.
    pub fn string_len(&mut self, flexible: bool) -> Result<Option<usize>, DecodeError> {
        if flexible {
            return self.compact_len();
        }
        signed_len(i64::from(i16::from_be_bytes(self.array()?)))
    }

    /// The length of bytes or an array's count: `None` is null.
    pub fn long_len(&mut self, flexible: bool) -> Result<Option<usize>, DecodeError> {
        if flexible {
            return self.compact_len();
        }
        signed_len(i64::from(i32::from_be_bytes(self.array()?)))
    }

    /// A run of record batches, left where it is.
    pub fn span(&mut self, flexible: bool) -> Result<Option<Span>, DecodeError> {
        let Some(len) = self.long_len(flexible)? else { return Ok(None) };
        let start = self.at;
        self.take(len)?;
        Ok(Some(Span { start, end: self.at }))
    }

    /// Counts `count` elements against the request's allowance before they are read.
    pub fn spend(&mut self, count: usize) -> Result<(), DecodeError> {
        let left = self.left();
        if count > left {
            return Err(DecodeError::Short { wanted: count, left });
        }
        let count = u32::try_from(count).map_err(|_| DecodeError::TooManyElements)?;
        self.elements_left = self.elements_left.checked_sub(count).ok_or(DecodeError::TooManyElements)?;
        Ok(())
    }

    /// Tagged fields: each is handed over with a reader of its own bytes; what is not read is skipped.
    pub fn tags(
        &mut self,
        mut read: impl FnMut(u32, &mut Reader<'a>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let count = self.varint()? as usize;
        self.spend(count)?;
        for _ in 0..count {
            let tag = self.varint()?;
            let len = self.varint()? as usize;
            let mut field = Reader { bytes: self.take(len)?, at: 0, elements_left: self.elements_left };
            read(tag, &mut field)?;
            self.elements_left = field.elements_left;
        }
        Ok(())
    }

    fn compact_len(&mut self) -> Result<Option<usize>, DecodeError> {
        Ok((self.varint()? as usize).checked_sub(1))
    }
}

fn signed_len(len: i64) -> Result<Option<usize>, DecodeError> {
    match len {
        -1 => Ok(None),
        len => usize::try_from(len).map(Some).map_err(|_| DecodeError::NegativeLength(len)),
    }
}
