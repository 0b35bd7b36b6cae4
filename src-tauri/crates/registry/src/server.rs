//! HTTP: the router, the layers around it, and a graceful stop.

mod compatibility;
mod guard;
mod params;
mod reply;
mod root;
mod schemas;
mod settings;
mod subjects;
mod versions;
mod whole;

use std::{future::Future, io, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{delete, get, post},
};
use tokio::net::TcpListener;

use crate::Registry;

/// Requests that are not finished this long after the shutdown are left.
const GRACE: Duration = Duration::from_secs(2);

/// Serves the REST API on `listener` until `shutdown` resolves; requests under
/// way are answered first, within two seconds.
pub async fn serve(
    listener: TcpListener,
    registry: Registry,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let is_loopback = listener.local_addr()?.ip().is_loopback();
    let router = router(registry, is_loopback);
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        // Answers are small and waited for.
        let _ = stream.set_nodelay(true);
    });
    let stopping = Arc::new(tokio::sync::Notify::new());
    let signal = Arc::clone(&stopping);
    let shutdown = async move {
        shutdown.await;
        signal.notify_one();
    };
    let served = axum::serve(listener, router).with_graceful_shutdown(shutdown);
    tokio::select! {
        result = served => result,
        // Half a request may never become a whole one.
        () = async { stopping.notified().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}

fn router(registry: Registry, is_loopback: bool) -> Router {
    let limit = registry.config().request_bytes_max;
    Router::new()
        .route("/", get(root::empty).post(root::empty))
        .route("/subjects", get(subjects::list))
        .route("/subjects/{subject}", post(subjects::lookup).delete(subjects::delete))
        .route("/subjects/{subject}/metadata", get(subjects::latest_with_metadata))
        .route("/subjects/{subject}/versions", get(versions::list).post(versions::register))
        .route("/subjects/{subject}/versions/{version}", get(versions::get).delete(versions::delete))
        .route("/subjects/{subject}/versions/{version}/schema", get(versions::text))
        .route("/subjects/{subject}/versions/{version}/referencedby", get(versions::referenced_by))
        .route("/schemas", get(schemas::list))
        .route("/schemas/types", get(schemas::types))
        .route("/schemas/ids/{id}", get(schemas::by_id))
        .route("/schemas/ids/{id}/schema", get(schemas::text_by_id))
        .route("/schemas/ids/{id}/subjects", get(schemas::subjects_of_id))
        .route("/schemas/ids/{id}/versions", get(schemas::versions_of_id))
        .route("/schemas/guids/{guid}", get(schemas::by_guid))
        .route("/schemas/guids/{guid}/ids", get(schemas::ids_of_guid))
        .route("/compatibility/subjects/{subject}/versions", post(compatibility::with_all))
        .route("/compatibility/subjects/{subject}/versions/{version}", post(compatibility::with_version))
        .route("/config", get(settings::get_global).put(settings::put_global).delete(settings::delete_global))
        .route("/config/{subject}", get(settings::get).put(settings::put).delete(settings::delete))
        .route(
            "/mode",
            get(settings::mode_global).put(settings::set_mode_global).delete(settings::delete_mode_global),
        )
        .route("/mode/{subject}", get(settings::mode).put(settings::set_mode).delete(settings::delete_mode))
        .route("/contexts", get(root::contexts))
        .route("/contexts/{context}", delete(root::delete_context))
        .route("/v1/metadata/id", get(root::metadata_id))
        .route("/v1/metadata/version", get(root::metadata_version))
        .fallback(root::not_found)
        .method_not_allowed_fallback(root::method_not_allowed)
        .layer(middleware::from_fn(reply::content_type))
        .layer(middleware::from_fn_with_state(guard::Guard { is_loopback }, guard::guard))
        .layer(DefaultBodyLimit::max(limit))
        .with_state(registry)
}
