//! Ports nobody listens on.

use std::net::TcpListener;

use anyhow::Context;

/// So many different free ports of the loopback address. They are free until somebody else takes them: a
/// program that can't be handed a socket needs its ports named before it starts.
pub(crate) fn free_ports(count: usize) -> anyhow::Result<Vec<u16>> {
    // Held together, or the system would hand out the same one twice.
    let held: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<Result<_, _>>()
        .context("no free port on 127.0.0.1")?;
    held.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}
