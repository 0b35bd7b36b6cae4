//! Bytes from a socket, cut into frames.
//!
//! The buffer grows with what has arrived, never by what a length announces.

use bytes::{Buf, BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};
use wire::frame::{FrameError, frame_len};

/// Room made before the first read; twice as much after each that filled it.
const READ_BYTES_MIN: usize = 16 * 1024;
const READ_BYTES_MAX: usize = 256 * 1024;

/// The memory of a larger frame is given back at once.
const KEEP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes received and not yet handled.
pub(super) struct Input {
    buf: BytesMut,
    read_bytes: usize,
    /// What the last frame took: the next one is likely to be like it.
    last_bytes: usize,
    frame_bytes_max: u32,
    raw: bool,
}

impl Input {
    pub(super) fn new(frame_bytes_max: u32) -> Self {
        Self { buf: BytesMut::new(), read_bytes: READ_BYTES_MIN, last_bytes: 0, frame_bytes_max, raw: false }
    }

    /// Frames from here on are at most this long.
    pub(super) fn limit(&mut self, frame_bytes_max: u32) {
        self.frame_bytes_max = frame_bytes_max;
    }

    /// Whether the next frame is no request and may be shorter than a request's header.
    pub(super) fn take_raw(&mut self, raw: bool) {
        self.raw = raw;
    }

    /// The next whole frame, if it is here.
    pub(super) fn next_frame(&mut self) -> Result<Option<BytesMut>, FrameError> {
        let Some(len) = self.announced()? else { return Ok(None) };
        if self.buf.len() < 4 + len {
            return Ok(None);
        }
        self.buf.advance(4);
        self.last_bytes = 4 + len;
        Ok(Some(self.buf.split_to(len)))
    }

    /// Whether part of a frame is here.
    pub(super) fn is_partial(&self) -> bool {
        !self.buf.is_empty()
    }

    /// Waits for more bytes. 0 means the client is done.
    pub(super) async fn fill(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<usize> {
        // Double with what came, up to what is still missing: large frames take few reads.
        let missing = match self.announced() {
            Ok(Some(len)) => (4 + len).saturating_sub(self.buf.len()),
            _ => 0,
        };
        if self.last_bytes > KEEP_BYTES_MAX {
            self.shrink();
        }
        if self.buf.is_empty() {
            // Back to the start of the memory the last frame was in, with nothing to be moved there.
            self.buf.reserve(self.last_bytes);
        }
        self.buf.reserve(missing.min(self.buf.len()).max(self.read_bytes));
        // Not into the frame after a large one, or its beginning would have to be moved.
        let wanted = missing.max(self.read_bytes);
        let received = stream.read_buf(&mut (&mut self.buf).limit(wanted)).await?;
        if received == self.read_bytes {
            self.read_bytes = (2 * received).min(READ_BYTES_MAX);
        }
        Ok(received)
    }

    /// Gives memory back that is not needed now.
    pub(super) fn shrink(&mut self) {
        if self.buf.is_empty() {
            self.buf = BytesMut::new();
            self.read_bytes = READ_BYTES_MIN;
            self.last_bytes = 0;
        }
    }

    fn announced(&self) -> Result<Option<usize>, FrameError> {
        match self.buf.first_chunk::<4>() {
            None => Ok(None),
            Some(prefix) => match frame_len(*prefix, self.frame_bytes_max) {
                Err(FrameError::TooSmall(len)) if self.raw => Ok(Some(len as usize)),
                len => len.map(Some),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn frames(mut bytes: &[u8]) -> Result<Vec<Vec<u8>>, FrameError> {
        let mut input = Input::new(100);
        let mut frames = Vec::new();
        loop {
            while let Some(frame) = input.next_frame()? {
                frames.push(frame.to_vec());
            }
            if input.fill(&mut bytes).await.unwrap() == 0 {
                return Ok(frames);
            }
        }
    }

    #[tokio::test]
    async fn frames_are_cut_where_they_end() {
        let two = [&[0, 0, 0, 8][..], &[1; 8], &[0, 0, 0, 9], &[2; 9], &[0, 0]].concat();
        assert_eq!(frames(&two).await, Ok(vec![vec![1; 8], vec![2; 9]]));
        assert_eq!(frames(&[0, 0, 0, 3, 1, 1, 1]).await, Err(FrameError::TooSmall(3)));
        let huge = [0x7f, 0xff, 0xff, 0xff];
        assert_eq!(frames(&huge).await, Err(FrameError::TooLarge { len: 0x7fff_ffff, max: 100 }));
    }

    #[tokio::test]
    async fn a_large_claim_reserves_little() {
        let mut input = Input::new(100 << 20);
        let mut bytes = &[0x06, 0, 0, 0, 1, 2, 3][..];
        input.fill(&mut bytes).await.unwrap();
        input.fill(&mut bytes).await.unwrap();
        assert!(input.buf.capacity() <= 2 * READ_BYTES_MIN, "{}", input.buf.capacity());
    }
}
