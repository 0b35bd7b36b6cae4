//! One client: its frames are handled one after the other, its answers leave together.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use wire::frame::FrameError;

use super::door::Door;
use super::input::Input;
use super::output::Output;
use super::queue::Queue;
use super::usage::Usage;
use crate::Broker;
use crate::handlers::{Reply, handle};
use crate::security::Principal;
use crate::security::gate::{Gate, Pass, Refusal};
use crate::security::listener::Entrance;

/// A TLS handshake takes a few round trips.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an empty buffer stays as large as the last requests were.
const KEEP_BUFFER_FOR: Duration = Duration::from_secs(1);

/// Who is at the other end, and by which address it came in.
pub(crate) struct Peer {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) entrance: Arc<Entrance>,
    pub(crate) principal: Principal,
    /// The remote address as rules about hosts have it.
    pub(crate) host: Arc<str>,
    /// The client's library and its version, once it said so.
    pub(crate) software: OnceLock<(String, String)>,
    /// Wakes this connection's fetch when records arrive.
    pub(crate) arrivals: Arc<Notify>,
}

impl Peer {
    /// The address this client is told to connect to: what its listener advertises, or the one it came in by.
    pub(crate) fn advertised(&self) -> (String, u16) {
        self.entrance.advertised.clone().unwrap_or_else(|| (self.local.ip().to_string(), self.local.port()))
    }
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
    #[error("TLS handshake: {0}")]
    Handshake(String),
    #[error("{0}")]
    Refused(String),
}

/// Serves one client until it goes, errs or the broker stops.
pub(super) async fn run(
    stream: TcpStream,
    remote: SocketAddr,
    door: Door,
    broker: Broker,
    stopping: CancellationToken,
) {
    broker.totals().connected();
    let outcome = match stream.local_addr().and_then(|local| stream.set_nodelay(true).map(|()| local)) {
        Ok(local) => {
            let peer = Peer {
                local: SocketAddr::new(local.ip().to_canonical(), local.port()),
                remote,
                principal: Principal::anonymous(),
                host: remote.ip().to_canonical().to_string().into(),
                entrance: Arc::clone(&door.entrance),
                software: OnceLock::new(),
                arrivals: Arc::new(Notify::new()),
            };
            if door.tls.is_some() {
                // Boxed: a connection without TLS does not carry its state.
                Box::pin(encrypted(stream, peer, &door, &broker, &stopping)).await
            } else {
                let mut stream = stream;
                requests(&mut stream, peer, &broker, &stopping).await
            }
        }
        Err(error) => Err(End::Io(error)),
    };
    broker.totals().disconnected();
    broker.share_disconnected(remote);
    match outcome {
        Ok(()) => debug!(%remote, "connection closed"),
        Err(End::Io(error)) => debug!(%remote, %error, "connection lost"),
        Err(End::Idle(idle)) => debug!(%remote, ?idle, "idle connection closed"),
        Err(reason @ (End::Frame(_) | End::Torn | End::Handshake(_) | End::Refused(_))) => {
            warn!(%remote, listener = %door.entrance.name, %reason, "connection closed");
        }
    }
}

async fn encrypted(
    stream: TcpStream,
    mut peer: Peer,
    door: &Door,
    broker: &Broker,
    stopping: &CancellationToken,
) -> Result<(), End> {
    let Some(source) = &door.tls else { return Ok(()) };
    let tls = source.current(&broker.settings());
    let accepting = TlsAcceptor::from(Arc::clone(&tls.config)).accept(stream);
    let accepted = tokio::select! {
        accepted = timeout(HANDSHAKE_TIMEOUT, accepting) => accepted,
        () = stopping.cancelled() => return Ok(()),
    };
    let failed = |error: std::io::Error| End::Handshake(error.to_string());
    let mut stream = accepted.map_err(|_| End::Handshake("not finished in time".into()))?.map_err(failed)?;
    if !door.entrance.protocol.has_sasl() {
        let certificates = stream.get_ref().1.peer_certificates();
        peer.principal = tls.principal(certificates).ok_or_else(|| {
            End::Refused("no rule of ssl.principal.mapping.rules fits the certificate's name".into())
        })?;
    }
    requests(&mut stream, peer, broker, stopping).await
}

async fn requests<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    mut peer: Peer,
    broker: &Broker,
    stopping: &CancellationToken,
) -> Result<(), End> {
    let idle = broker.idle_timeout();
    let mut gate = Gate::new(&peer.entrance);
    let mut input = Input::new(broker.frame_bytes_max());
    if !gate.is_open() {
        input.limit(broker.unauthenticated_bytes_max());
    }
    let mut output = Output::default();
    let mut queue = Queue::default();
    let stopped = stopping.cancelled();
    tokio::pin!(stopped);
    loop {
        while !queue.is_full() {
            input.take_raw(gate.is_raw());
            let mut frame = match input.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => {
                    // What was asked before the damage is still answered.
                    settle(&mut queue, &mut output, stream, idle).await?;
                    return Err(error.into());
                }
            };
            if !gate.is_wide_open() {
                match gate.admit(broker, &peer.entrance, frame) {
                    Ok(Pass::Request(through)) => frame = through,
                    Ok(Pass::Answer(answer)) => {
                        queue.push(answer, &mut output);
                        continue;
                    }
                    Ok(Pass::Welcome(principal, answer)) => {
                        peer.principal = principal;
                        input.limit(broker.frame_bytes_max());
                        queue.push(answer, &mut output);
                        continue;
                    }
                    Err(refusal) => {
                        settle(&mut queue, &mut output, stream, idle).await?;
                        return refuse(refusal, broker, &mut output, stream, idle, stopping).await;
                    }
                }
            }
            let mut usage = Usage::begin(broker, &peer, &frame);
            let reply = handle(broker, &peer, frame);
            if let Some(usage) = &mut usage {
                usage.handled();
            }
            let mut answer = match reply {
                Ok(Reply::Now(answer)) => Some(answer),
                Ok(Reply::None) => None,
                Ok(Reply::Durable(answer)) if usage.is_none() => {
                    queue.push_waiting(answer);
                    continue;
                }
                Ok(Reply::Later(answer) | Reply::Durable(answer)) => {
                    settle(&mut queue, &mut output, stream, idle).await?;
                    tokio::select! {
                        answer = answer => Some(answer),
                        () = &mut stopped => return Ok(()),
                    }
                }
                Err(error) => {
                    settle(&mut queue, &mut output, stream, idle).await?;
                    return Err(error.into());
                }
            };
            let wait = usage.map(|usage| usage.charge(broker, &peer, answer.as_mut()));
            if let Some(answer) = answer {
                queue.push(answer, &mut output);
            }
            if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
                // The client knows how long it is not listened to.
                settle(&mut queue, &mut output, stream, idle).await?;
                if timeout(wait, &mut stopped).await.is_ok() {
                    return Ok(());
                }
            }
            if output.is_full() {
                flush(&mut output, stream, idle).await?;
            }
        }
        flush(&mut output, stream, idle).await?;
        let (waits, reads) = (!queue.is_empty(), !queue.is_full());
        let received = tokio::select! {
            biased;
            answer = queue.next(), if waits => {
                output.push(answer);
                continue;
            }
            received = receive(&mut input, stream, idle), if reads => received?,
            () = &mut stopped => return settle(&mut queue, &mut output, stream, idle).await,
        };
        match received {
            0 if input.is_partial() => return Err(End::Torn),
            0 => return settle(&mut queue, &mut output, stream, idle).await,
            _ => {}
        }
    }
}

/// Waits for more bytes; memory for large requests is kept only while they come one after the other.
async fn receive<S: AsyncRead + Unpin>(
    input: &mut Input,
    stream: &mut S,
    idle: Duration,
) -> Result<usize, End> {
    let soon = idle.min(KEEP_BUFFER_FOR);
    if let Ok(received) = timeout(soon, input.fill(stream)).await {
        return Ok(received?);
    }
    input.shrink();
    Ok(timeout(idle - soon, input.fill(stream)).await.map_err(|_| End::Idle(idle))??)
}

/// Waits for all answers and sends them.
async fn settle<S: AsyncWrite + Unpin>(
    queue: &mut Queue,
    output: &mut Output,
    stream: &mut S,
    idle: Duration,
) -> Result<(), End> {
    while !queue.is_empty() {
        output.push(queue.next().await);
    }
    flush(output, stream, idle).await
}

/// Tells a client that it may not come in; one that guesses passwords waits for it.
async fn refuse<S: AsyncWrite + Unpin>(
    refusal: Refusal,
    broker: &Broker,
    output: &mut Output,
    stream: &mut S,
    idle: Duration,
    stopping: &CancellationToken,
) -> Result<(), End> {
    flush(output, stream, idle).await?;
    if refusal.delayed {
        let _ = timeout(broker.authentication_delay(), stopping.cancelled()).await;
    }
    if let Some(answer) = refusal.answer {
        output.push(answer);
        flush(output, stream, idle).await?;
    }
    Err(End::Refused(refusal.reason))
}

/// Sends what waits. A client that does not read for too long is gone.
async fn flush<S: AsyncWrite + Unpin>(
    output: &mut Output,
    stream: &mut S,
    idle: Duration,
) -> Result<(), End> {
    Ok(timeout(idle, output.flush(stream)).await.map_err(|_| End::Idle(idle))??)
}
