use std::net::SocketAddr;

use anyhow::{Context, Result};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use crate::wait::within;

/// A listener on a free port of this computer, and its address. The port is taken from here on: no race.
///
/// # Errors
/// When nothing can be bound.
pub async fn listen() -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("bind 127.0.0.1:0")?;
    let address = listener.local_addr().context("local address")?;
    Ok((listener, address))
}

/// How the other side ended a connection, and what it sent before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub received: Vec<u8>,
    /// Reset instead of an orderly end.
    pub reset: bool,
}

/// Reads until the other side closes.
///
/// # Panics
/// When it does not, in time.
pub async fn expect_closed(stream: &mut TcpStream) -> Closed {
    let mut received = Vec::new();
    let end = within("the connection to be closed", stream.read_to_end(&mut received)).await;
    Closed { received, reset: end.is_err() }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn sees_the_end_of_a_connection() {
        let (listener, address) = listen().await.expect("binds");
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("accepts");
            stream.write_all(b"bye").await.expect("writes");
        });
        let mut stream = TcpStream::connect(address).await.expect("connects");
        assert_eq!(expect_closed(&mut stream).await.received, b"bye");
        server.await.expect("ends");
    }
}
