//! Answers on their way out, sent together.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use wire::codec::Writer;

/// With this much waiting, send before handling more.
pub(super) const FLUSH_BYTES: usize = 256 * 1024;

/// Slices given to one write.
const SLICES_MAX: usize = 64;

/// Answers not yet sent.
#[derive(Default)]
pub(super) struct Output {
    parts: VecDeque<Bytes>,
    bytes: usize,
}

impl Output {
    /// Adds one answer.
    pub(super) fn push(&mut self, answer: Writer) {
        for part in answer.into_parts() {
            self.bytes += part.len();
            self.parts.push_back(part);
        }
    }

    /// Whether enough waits to send it now.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= FLUSH_BYTES
    }

    /// Sends everything.
    pub(super) async fn flush(&mut self, stream: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
        while !self.parts.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let mut count = 0;
            for (slice, part) in slices.iter_mut().zip(&self.parts) {
                *slice = IoSlice::new(part);
                count += 1;
            }
            let mut sent = stream.write_vectored(&slices[..count]).await?;
            if sent == 0 {
                return Err(std::io::ErrorKind::WriteZero.into());
            }
            self.bytes -= sent;
            while let Some(part) = self.parts.front_mut() {
                if sent < part.len() {
                    part.advance(sent);
                    break;
                }
                sent -= part.len();
                self.parts.pop_front();
            }
        }
        // TLS keeps what the socket did not take.
        stream.flush().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everything_is_sent_in_order() {
        let mut output = Output::default();
        let mut expected = Vec::new();
        for round in 0..200u8 {
            let mut writer = Writer::new();
            writer.put(&[round; 3]);
            writer.splice(&Bytes::from(vec![round; 4000]));
            expected.extend([&[round; 3][..], &[round; 4000]].concat());
            output.push(writer);
        }
        let mut sent = Vec::new();
        output.flush(&mut sent).await.unwrap();
        assert_eq!(sent, expected);
        assert_eq!(output.bytes, 0);
    }
}
