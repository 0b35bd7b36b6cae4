//! Just enough HTTP to load a server: one connection, one request at a time.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, bail};

/// A connection that is kept alive.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// `url`: `http://host:port`.
    pub(crate) fn open(url: &str) -> anyhow::Result<Self> {
        let address = url.strip_prefix("http://").context("an http address")?;
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and waits for its whole answer, which must be a 200.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: &str) -> anyhow::Result<()> {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.stream.write_all(request.as_bytes())?;
        self.buffer.clear();
        let mut chunk = [0; 16 * 1024];
        loop {
            let read = self.stream.read(&mut chunk)?;
            if read == 0 {
                bail!("the connection ended");
            }
            self.buffer.extend_from_slice(chunk.get(..read).unwrap_or_default());
            let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let (head, rest) = self.buffer.split_at(end + 4);
            let head = std::str::from_utf8(head)?;
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if rest.len() < length.unwrap_or("0").parse()? {
                continue;
            }
            if !head.starts_with("HTTP/1.1 200 ") {
                bail!("{method} {path}: {}", String::from_utf8_lossy(&self.buffer));
            }
            return Ok(());
        }
    }
}
