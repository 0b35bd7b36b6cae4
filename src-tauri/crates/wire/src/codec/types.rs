//! How each type of a message lies on the wire.

use bytes::Bytes;

use super::{Cx, DecodeError, Reader, Span, Writer};
use crate::uuid::Uuid;

/// A type that can stand in a message.
pub trait Wire: Sized {
    /// Reads one value.
    fn read(reader: &mut Reader<'_>, cx: Cx) -> Result<Self, DecodeError>;
    /// Writes one value.
    fn write(&self, writer: &mut Writer, cx: Cx);
}

/// Record batches on their way out: sent as the slice they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Records(pub Bytes);

/// Elements reserved for before the first is read, whatever the count claims.
const RESERVE_MAX: usize = 16;

macro_rules! numbers {
    ($($ty:ty),*) => { $(
        impl Wire for $ty {
            fn read(reader: &mut Reader<'_>, _: Cx) -> Result<Self, DecodeError> {
                Ok(<$ty>::from_be_bytes(reader.array()?))
            }
            fn write(&self, writer: &mut Writer, _: Cx) {
                writer.put(&self.to_be_bytes());
            }
        }
    )* };
}
numbers!(i8, i16, u16, i32, i64, f64);

impl Wire for bool {
    fn read(reader: &mut Reader<'_>, _: Cx) -> Result<Self, DecodeError> {
        let [byte] = reader.array()?;
        Ok(byte != 0)
    }
    fn write(&self, writer: &mut Writer, _: Cx) {
        writer.put(&[u8::from(*self)]);
    }
}

impl Wire for Uuid {
    fn read(reader: &mut Reader<'_>, _: Cx) -> Result<Self, DecodeError> {
        Ok(Uuid(reader.array()?))
    }
    fn write(&self, writer: &mut Writer, _: Cx) {
        writer.put(&self.0);
    }
}

impl Wire for Option<String> {
    fn read(reader: &mut Reader<'_>, cx: Cx) -> Result<Self, DecodeError> {
        let Some(len) = reader.string_len(cx.flexible)? else { return Ok(None) };
        let text = std::str::from_utf8(reader.take(len)?).map_err(|_| DecodeError::NotUtf8)?;
        Ok(Some(text.to_owned()))
    }
    fn write(&self, writer: &mut Writer, cx: Cx) {
        match self {
            None => writer.string_len(None, cx.flexible),
            Some(text) => text.write(writer, cx),
        }
    }
}

impl Wire for String {
    fn read(reader: &mut Reader<'_>, cx: Cx) -> Result<Self, DecodeError> {
        Option::<String>::read(reader, cx)?.ok_or(DecodeError::Null)
    }
    fn write(&self, writer: &mut Writer, cx: Cx) {
        // Before flexible versions a string's length is an i16: what cannot be said is cut.
        let mut len = self.len();
        if !cx.flexible && len > i16::MAX as usize {
            len = self.floor_char_boundary(i16::MAX as usize);
        }
        writer.string_len(Some(len), cx.flexible);
        writer.put(&self.as_bytes()[..len]);
    }
}

impl Wire for Option<Bytes> {
    fn read(reader: &mut Reader<'_>, cx: Cx) -> Result<Self, DecodeError> {
        let Some(len) = reader.long_len(cx.flexible)? else { return Ok(None) };
        Ok(Some(Bytes::copy_from_slice(reader.take(len)?)))
    }
    fn write(&self, writer: &mut Writer, cx: Cx) {
        writer.long_len(self.as_ref().map(Bytes::len), cx.flexible);
        if let Some(bytes) = self {
            writer.put(bytes);
        }
    }
}

impl Wire for Bytes {
    fn read(reader: &mut Reader<'_>, cx: Cx) -> Result<Self, DecodeError> {
        Option::<Bytes>::read(reader, cx)?.ok_or(DecodeError::Null)
    }
    fn write(&self, writer: &mut Writer, cx: Cx) {
        writer.long_len(Some(self.len()), cx.flexible);
        writer.put(self);
    }
}

impl Wire for Option<Span> {
    fn read(reader: &mut Reader<'_>, cx: Cx) -> Result<Self, DecodeError> {
        reader.span(cx.flexible)
    }
    /// Only the length: who writes a request by hand adds the bytes.
    fn write(&self, writer: &mut Writer, cx: Cx) {
        writer.long_len(self.map(|span| span.range().len()), cx.flexible);
    }
}

impl Wire for Option<Records> {
    fn read(reader: &mut Reader<'_>, cx: Cx) -> Result<Self, DecodeError> {
        Ok(Option::<Bytes>::read(reader, cx)?.map(Records))
    }
    fn write(&self, writer: &mut Writer, cx: Cx) {
        writer.long_len(self.as_ref().map(|records| records.0.len()), cx.flexible);
        if let Some(records) = self {
            writer.splice(&records.0);
        }
    }
}

impl<T: Wire> Wire for Option<Vec<T>> {
    fn read(reader: &mut Reader<'_>, cx: Cx) -> Result<Self, DecodeError> {
        let Some(count) = reader.long_len(cx.flexible)? else { return Ok(None) };
        reader.spend(count)?;
        let mut elements = Vec::with_capacity(count.min(RESERVE_MAX));
        for _ in 0..count {
            elements.push(T::read(reader, cx)?);
        }
        Ok(Some(elements))
    }
    fn write(&self, writer: &mut Writer, cx: Cx) {
        match self {
            None => writer.long_len(None, cx.flexible),
            Some(elements) => elements.write(writer, cx),
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn read(reader: &mut Reader<'_>, cx: Cx) -> Result<Self, DecodeError> {
        Option::<Vec<T>>::read(reader, cx)?.ok_or(DecodeError::Null)
    }
    fn write(&self, writer: &mut Writer, cx: Cx) {
        writer.long_len(Some(self.len()), cx.flexible);
        for element in self {
            element.write(writer, cx);
        }
    }
}
