//! Frames and the headers inside them.
//!
//! A frame is a length (i32) and that many bytes: a header, then a body.

use crate::api::ApiKey;
use crate::codec::{Cx, DecodeError, Reader, Wire, Writer};

/// The largest request Kafka takes by default (`socket.request.max.bytes`).
pub const FRAME_BYTES_MAX: u32 = 100 * 1024 * 1024;

/// The shortest frame that can hold a header.
const FRAME_BYTES_MIN: u32 = 8;

/// Why a connection cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("a frame of {len} bytes, {max} are allowed: is the client speaking Kafka's protocol?")]
    TooLarge { len: u32, max: u32 },
    #[error("a frame of {0} bytes cannot hold a request")]
    TooSmall(u32),
    #[error("API {0} is not served")]
    UnknownApi(i16),
    #[error("{api} version {version} is not served")]
    UnknownVersion { api: ApiKey, version: i16 },
    #[error("the request header is damaged: {0}")]
    Header(DecodeError),
    #[error("{api} version {version} is damaged: {error}")]
    Body { api: ApiKey, version: i16, error: DecodeError },
}

/// The length of a frame from its first four bytes.
pub fn frame_len(prefix: [u8; 4], max: u32) -> Result<usize, FrameError> {
    let len = u32::from_be_bytes(prefix);
    if len > max {
        return Err(FrameError::TooLarge { len, max });
    }
    if len < FRAME_BYTES_MIN {
        return Err(FrameError::TooSmall(len));
    }
    Ok(len as usize)
}

/// What stands before every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHeader {
    pub api: ApiKey,
    pub version: i16,
    pub correlation_id: i32,
    pub client_id: Option<String>,
    /// Where in the frame the body begins.
    pub body_at: usize,
}

impl RequestHeader {
    /// Reads a header. ApiVersions is let through at any version: it is answered, not refused (KIP-511).
    pub fn read(frame: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new(frame);
        let plain = Cx { version: 0, flexible: false };
        let mut number = || i16::read(&mut reader, plain).map_err(FrameError::Header);
        let (key, version) = (number()?, number()?);
        let api = ApiKey::from_number(key).ok_or(FrameError::UnknownApi(key))?;
        let versions = api.versions();
        let served = (versions.min..=versions.max).contains(&version);
        if !served && api != ApiKey::ApiVersions {
            return Err(FrameError::UnknownVersion { api, version });
        }
        let correlation_id = i32::read(&mut reader, plain).map_err(FrameError::Header)?;
        if !served {
            // Nothing more of it can be understood, nothing more is needed.
            return Ok(Self { api, version, correlation_id, client_id: None, body_at: frame.len() });
        }
        let client_id = Option::<String>::read(&mut reader, plain).map_err(FrameError::Header)?;
        if api.is_flexible(version) {
            reader.tags(|_, _| Ok(())).map_err(FrameError::Header)?;
        }
        Ok(Self { api, version, correlation_id, client_id, body_at: reader.position() })
    }

    /// Whether the version is one of those advertised.
    pub fn is_served(&self) -> bool {
        let versions = self.api.versions();
        (versions.min..=versions.max).contains(&self.version)
    }

    /// How body and response are read and written.
    pub fn cx(&self) -> Cx {
        self.api.cx(self.version)
    }

    /// Reads the body as `T`. Spans in it count from the start of the frame. Bytes after the body are passed
    /// over, as Kafka does: librdkafka leaves three behind a Metadata request for all topics.
    pub fn read_body<T: Wire>(&self, frame: &[u8]) -> Result<T, FrameError> {
        let damaged = |error| FrameError::Body { api: self.api, version: self.version, error };
        let mut reader = Reader::new(frame);
        reader.take(self.body_at).map_err(damaged)?;
        T::read(&mut reader, self.cx()).map_err(damaged)
    }

    /// A whole response frame.
    pub fn response<T: Wire>(&self, body: &T) -> Writer {
        self.response_at(body, self.version)
    }

    /// A whole response frame written at another version than the request's.
    pub fn response_at<T: Wire>(&self, body: &T, version: i16) -> Writer {
        let mut writer = Writer::with_capacity(256);
        writer.put(&[0; 4]);
        writer.put(&self.correlation_id.to_be_bytes());
        if self.api.response_has_tags(version) {
            writer.varint(0);
        }
        body.write(&mut writer, self.api.cx(version));
        let len = (writer.len() - 4) as u32;
        writer.patch(0, len.to_be_bytes());
        writer
    }
}
