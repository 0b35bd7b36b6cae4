use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wait::LIMIT;

/// No answer a test asks for is larger; a longer one is a mistake in the framing.
const FRAME_BYTES_MAX: usize = 64 << 20;

/// Speaks frames, and below them bytes: for requests no client library would send.
#[derive(Debug)]
pub struct WireClient {
    stream: TcpStream,
    next_correlation_id: i32,
}

impl WireClient {
    /// # Errors
    /// When the connection is refused or takes too long.
    pub async fn connect(address: SocketAddr) -> Result<WireClient> {
        let stream = timeout(LIMIT, TcpStream::connect(address))
            .await
            .context("connecting took too long")?
            .with_context(|| format!("connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(WireClient { stream, next_correlation_id: 1 })
    }

    /// The connection itself.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Sends bytes as they are, without a length before them.
    ///
    /// # Errors
    /// When the other side has closed or does not read.
    pub async fn send_raw(&mut self, bytes: &[u8]) -> Result<()> {
        timeout(LIMIT, self.stream.write_all(bytes)).await.context("sending took too long")??;
        Ok(())
    }

    /// Sends one frame: the length, then `body`.
    ///
    /// # Errors
    /// When the other side has closed or does not read.
    pub async fn send_frame(&mut self, body: &[u8]) -> Result<()> {
        let mut frame = BytesMut::with_capacity(4 + body.len());
        frame.put_i32(i32::try_from(body.len()).context("a frame is at most 2 GiB")?);
        frame.put_slice(body);
        self.send_raw(&frame).await
    }

    /// Reads one frame's body.
    ///
    /// # Errors
    /// When the other side closes, is silent, or announces a length that cannot be meant.
    pub async fn read_frame(&mut self) -> Result<Bytes> {
        timeout(LIMIT, async {
            let length = self.stream.read_i32().await.context("no frame came")?;
            let length = usize::try_from(length).context("a negative frame length")?;
            ensure!(length <= FRAME_BYTES_MAX, "a frame of {length} bytes");
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await.context("the frame is cut off")?;
            Ok(Bytes::from(body))
        })
        .await
        .context("the answer took too long")?
    }

    /// Sends a request with a header (`flexible`: version 2, else 1) and returns the answer's body after the
    /// correlation id; an answer to another request is an error.
    ///
    /// # Errors
    /// As [`WireClient::send_frame`] and [`WireClient::read_frame`].
    pub async fn request(
        &mut self,
        api_key: i16,
        version: i16,
        flexible: bool,
        body: &[u8],
    ) -> Result<Bytes> {
        let correlation_id = self.send_request(api_key, version, flexible, body).await?;
        self.read_answer(correlation_id).await
    }

    /// Sends a request without waiting. Returns its correlation id.
    ///
    /// # Errors
    /// As [`WireClient::send_frame`].
    pub async fn send_request(
        &mut self,
        api_key: i16,
        version: i16,
        flexible: bool,
        body: &[u8],
    ) -> Result<i32> {
        let correlation_id = self.next_correlation_id;
        self.next_correlation_id = correlation_id.wrapping_add(1);
        let client_id = b"testkit";
        let mut frame = BytesMut::new();
        frame.put_i16(api_key);
        frame.put_i16(version);
        frame.put_i32(correlation_id);
        frame.put_i16(client_id.len() as i16);
        frame.put_slice(client_id);
        if flexible {
            frame.put_u8(0);
        }
        frame.put_slice(body);
        self.send_frame(&frame).await?;
        Ok(correlation_id)
    }

    /// Reads the answer to the request with this correlation id; what follows the id.
    ///
    /// # Errors
    /// As [`WireClient::read_frame`], and when it answers another request.
    pub async fn read_answer(&mut self, correlation_id: i32) -> Result<Bytes> {
        let mut frame = self.read_frame().await?;
        let Some(head) = frame.first_chunk::<4>() else {
            bail!("an answer of {} bytes has no correlation id", frame.len());
        };
        let answered = i32::from_be_bytes(*head);
        ensure!(answered == correlation_id, "request {correlation_id} was sent, {answered} is answered");
        Ok(frame.split_off(4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::listen;

    #[tokio::test]
    async fn frames_and_requests_over_a_socket() {
        let (listener, address) = listen().await.expect("binds");
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("accepts");
            let mut peer = WireClient { stream, next_correlation_id: 0 };
            let request = peer.read_frame().await.expect("a frame");
            let mut answer = request[4..8].to_vec();
            answer.extend_from_slice(b"pong");
            peer.send_frame(&answer).await.expect("sends");
            request
        });
        let mut client = WireClient::connect(address).await.expect("connects");
        assert_eq!(client.request(18, 3, true, b"ping").await.expect("answers"), &b"pong"[..]);
        let request = server.await.expect("ends");
        assert_eq!(request, &b"\0\x12\0\x03\0\0\0\x01\0\x07testkit\0ping"[..]);
    }
}
