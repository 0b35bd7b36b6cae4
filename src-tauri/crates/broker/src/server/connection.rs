//! One client: its frames are handled one after the other, its answers leave together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use wire::frame::FrameError;

use super::input::Input;
use super::output::Output;
use crate::Broker;
use crate::handlers::{Reply, handle};

/// Who is at the other end, and by which address it came in.
pub(crate) struct Peer {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    /// Wakes this connection's fetch when records arrive.
    pub(crate) arrivals: Arc<Notify>,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("half a request, then nothing more")]
    Torn,
    #[error("idle for {0:?}")]
    Idle(Duration),
}

/// Serves one client until it goes, errs or the broker stops.
pub(super) async fn run(
    mut stream: TcpStream,
    remote: SocketAddr,
    broker: Broker,
    stopping: CancellationToken,
) {
    broker.totals().connected();
    let outcome = match stream.local_addr().and_then(|local| stream.set_nodelay(true).map(|()| local)) {
        Ok(local) => {
            let local = SocketAddr::new(local.ip().to_canonical(), local.port());
            let peer = Peer { local, remote, arrivals: Arc::new(Notify::new()) };
            requests(&mut stream, &peer, &broker, &stopping).await
        }
        Err(error) => Err(End::Io(error)),
    };
    broker.totals().disconnected();
    match outcome {
        Ok(()) => debug!(%remote, "connection closed"),
        Err(End::Io(error)) => debug!(%remote, %error, "connection lost"),
        Err(End::Idle(idle)) => debug!(%remote, ?idle, "idle connection closed"),
        Err(reason @ (End::Frame(_) | End::Torn)) => warn!(%remote, %reason, "connection closed"),
    }
}

async fn requests(
    stream: &mut TcpStream,
    peer: &Peer,
    broker: &Broker,
    stopping: &CancellationToken,
) -> Result<(), End> {
    let idle = broker.idle_timeout();
    let mut input = Input::new(broker.frame_bytes_max());
    let mut output = Output::default();
    loop {
        loop {
            let frame = match input.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => {
                    // What was asked before the damage is still answered.
                    flush(&mut output, stream, idle).await?;
                    return Err(error.into());
                }
            };
            match handle(broker, peer, frame) {
                Ok(Reply::Now(answer)) => output.push(answer),
                Ok(Reply::None) => {}
                Ok(Reply::Later(answer)) => {
                    flush(&mut output, stream, idle).await?;
                    tokio::select! {
                        answer = answer => output.push(answer),
                        () = stopping.cancelled() => return Ok(()),
                    }
                }
                Err(error) => {
                    flush(&mut output, stream, idle).await?;
                    return Err(error.into());
                }
            }
            if output.is_full() {
                flush(&mut output, stream, idle).await?;
            }
        }
        flush(&mut output, stream, idle).await?;
        let received = tokio::select! {
            received = timeout(idle, input.fill(stream)) => received.map_err(|_| End::Idle(idle))??,
            () = stopping.cancelled() => return Ok(()),
        };
        match received {
            0 if input.is_partial() => return Err(End::Torn),
            0 => return Ok(()),
            _ => {}
        }
    }
}

/// Sends what waits. A client that does not read for too long is gone.
async fn flush(output: &mut Output, stream: &mut TcpStream, idle: Duration) -> Result<(), End> {
    Ok(timeout(idle, output.flush(stream)).await.map_err(|_| End::Idle(idle))??)
}
