//! The wire format: tags, varints, lengths, groups.

/// The bytes end, or are no Protobuf.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WireError {
    pub(super) at: usize,
    pub(super) reason: String,
}

/// A stretch of the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A field's value as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(Span),
    Group(Span),
}

impl Raw {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Varint(_) => "a varint",
            Self::Fixed64(_) => "eight bytes",
            Self::Fixed32(_) => "four bytes",
            Self::Bytes(_) => "a length and bytes",
            Self::Group(_) => "a group",
        }
    }
}

/// Groups inside groups, while one is passed over.
const GROUP_DEPTH_MAX: usize = 100;

/// Reads `bytes` from `at` to `end`.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'b> {
    bytes: &'b [u8],
    pub(super) at: usize,
    end: usize,
}

impl<'b> Cursor<'b> {
    pub(super) fn new(bytes: &'b [u8], span: Span) -> Self {
        Self { bytes, at: span.start, end: span.end }
    }

    /// The next field's number and value; none at the end.
    pub(super) fn field(&mut self) -> Result<Option<(u32, Raw)>, WireError> {
        if self.at >= self.end {
            return Ok(None);
        }
        let start = self.at;
        let (number, wire_type) = self.tag()?;
        let raw = match wire_type {
            0 => Raw::Varint(self.varint()?),
            1 => Raw::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => Raw::Bytes(self.sized()?),
            3 => Raw::Group(self.group(number)?),
            5 => Raw::Fixed32(u32::from_le_bytes(self.array()?)),
            4 => return Err(self.wrong(start, format!("group {number} ends and has not begun"))),
            other => return Err(self.wrong(start, format!("there is no wire type {other}"))),
        };
        Ok(Some((number, raw)))
    }

    fn tag(&mut self) -> Result<(u32, u8), WireError> {
        let start = self.at;
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| (1..=0x1fff_ffff).contains(number));
        match number {
            Some(number) => Ok((number, (tag & 7) as u8)),
            None => Err(self.wrong(start, format!("{} is no field number", tag >> 3))),
        }
    }

    /// What is between a group's begin, just read, and its end.
    fn group(&mut self, number: u32) -> Result<Span, WireError> {
        let start = self.at;
        let mut open = vec![number];
        loop {
            let before = self.at;
            if before >= self.end {
                return Err(self.wrong(start, format!("group {number} has no end")));
            }
            let (inner, wire_type) = self.tag()?;
            match wire_type {
                0 => drop(self.varint()?),
                1 => drop(self.take(8)?),
                2 => drop(self.sized()?),
                5 => drop(self.take(4)?),
                3 if open.len() < GROUP_DEPTH_MAX => open.push(inner),
                3 => return Err(self.wrong(before, format!("groups nest deeper than {GROUP_DEPTH_MAX}"))),
                4 => {
                    if open.pop() != Some(inner) {
                        return Err(self.wrong(before, format!("group {inner} ends and has not begun")));
                    }
                    if open.is_empty() {
                        return Ok(Span { start, end: before });
                    }
                }
                other => return Err(self.wrong(before, format!("there is no wire type {other}"))),
            }
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.end
    }

    pub(super) fn varint(&mut self) -> Result<u64, WireError> {
        let start = self.at;
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            // Of the tenth byte one bit fits; what is beyond is dropped, as everywhere.
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.wrong(start, "a number is longer than ten bytes".into()))
    }

    fn sized(&mut self) -> Result<Span, WireError> {
        let length = self.varint()?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.take(length)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let span = self.take(N)?;
        let bytes = self.bytes.get(span.start..span.end).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| self.wrong(span.start, "the data ends early".into()))
    }

    fn take(&mut self, length: usize) -> Result<Span, WireError> {
        let left = self.end - self.at;
        if length > left {
            return Err(self.wrong(self.at, format!("{length} bytes are expected here, and {left} are left")));
        }
        let span = Span { start: self.at, end: self.at + length };
        self.at = span.end;
        Ok(span)
    }

    fn wrong(&self, at: usize, reason: String) -> WireError {
        WireError { at, reason }
    }
}

pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
