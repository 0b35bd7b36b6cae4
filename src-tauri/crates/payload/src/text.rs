//! Text that stops growing at a limit.

/// The text is full: writing stops, and what stands there is the answer.
#[derive(Debug)]
pub(crate) struct Full;

/// JSON text under construction, never longer than its limit.
#[derive(Debug)]
pub(crate) struct Text {
    out: String,
    bytes_max: usize,
}

impl Text {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { out: String::new(), bytes_max }
    }

    pub(crate) fn into_string(self) -> String {
        self.out
    }

    pub(crate) fn push(&mut self, text: &str) -> Result<(), Full> {
        let room = self.bytes_max - self.out.len();
        let (fits, truncated) = cut(text, room);
        self.out.push_str(fits);
        if truncated { Err(Full) } else { Ok(()) }
    }

    /// A JSON string.
    pub(crate) fn push_string(&mut self, text: &str) -> Result<(), Full> {
        self.push("\"")?;
        let mut plain = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0x7f {
                continue;
            }
            self.push(&text[plain..at])?;
            self.push_escaped(byte)?;
            plain = at + 1;
        }
        self.push(&text[plain..])?;
        self.push("\"")
    }

    /// Bytes as a JSON string of the characters U+0000 to U+00FF.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.push("\"")?;
        for &byte in bytes {
            match byte {
                0x20..=0x7e if byte != b'"' && byte != b'\\' => {
                    self.push(char::from(byte).encode_utf8(&mut [0; 4]))?
                }
                _ => self.push_escaped(byte)?,
            }
        }
        self.push("\"")
    }

    fn push_escaped(&mut self, byte: u8) -> Result<(), Full> {
        match byte {
            b'"' => self.push("\\\""),
            b'\\' => self.push("\\\\"),
            b'\n' => self.push("\\n"),
            b'\r' => self.push("\\r"),
            b'\t' => self.push("\\t"),
            _ => self.push(&format!("\\u{byte:04x}")),
        }
    }
}

/// The longest beginning of `text` of at most `bytes_max`, and whether that
/// leaves something out.
pub(crate) fn cut(text: &str, bytes_max: usize) -> (&str, bool) {
    if text.len() <= bytes_max {
        return (text, false);
    }
    let end = (0..=bytes_max).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    (&text[..end], true)
}

/// `bytes` as hex digits, whole bytes only, and whether some are left out.
pub(crate) fn hex(bytes: &[u8], text_bytes_max: usize) -> (String, bool) {
    let shown = bytes.get(..text_bytes_max / 2).unwrap_or(bytes);
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    let text = shown.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    (text, shown.len() < bytes.len())
}
