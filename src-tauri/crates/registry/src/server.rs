//! HTTP: the router, the layers around it, and a graceful stop.

use std::{future::Future, io};

use axum::{Router, extract::DefaultBodyLimit, routing::get};
use tokio::net::TcpListener;

use crate::Registry;

/// Serves the REST API on `listener` until `shutdown` resolves; requests under
/// way are answered first.
pub async fn serve(
    listener: TcpListener,
    registry: Registry,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let limit = registry.config().request_bytes_max;
    let router = Router::new()
        .route("/", get(|| async { "{}" }))
        .layer(DefaultBodyLimit::max(limit))
        .with_state(registry);
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}
