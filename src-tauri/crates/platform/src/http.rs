//! The HTTP API: `POST /rpc/<command>` as the window calls it, the orchestrator's
//! Airflow-shaped REST below `/api/v2`, and `GET /health`.
//!
//! A web page of somebody else must not reach it through the user's browser:
//! foreign origins and host names (DNS rebinding) are refused, and a body must
//! say it is JSON, which a plain form can't.

use std::net::IpAddr;
use std::sync::Arc;

use api::{ApiError, ErrorCode};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;

use crate::platform::Services;

/// A command's parameters: the largest is a message to produce.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

pub(crate) fn router(services: Arc<Services>) -> Router {
    let allowed: Arc<str> = services.config.host.as_str().into();
    let rest = services.orchestrator.serve_rest();
    Router::new()
        .route("/rpc/{command}", post(rpc))
        .route("/health", get(health))
        .with_state(services)
        .merge(rest)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(move |request, next| guard(allowed.clone(), request, next)))
}

async fn rpc(State(services): State<Arc<Services>>, Path(command): Path<String>, body: Bytes) -> Response {
    let params = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
    let outcome = match params {
        Ok(params) => services.dispatch(&command, params).await,
        Err(error) => Err(ApiError::new(ErrorCode::InvalidRequest, format!("The body is not JSON: {error}"))),
    };
    match outcome {
        Ok(reply) => json(StatusCode::OK, &reply),
        Err(error) => json(status(error.code), &error),
    }
}

async fn health() -> Response {
    json(StatusCode::OK, &serde_json::json!({ "status": "up" }))
}

/// The one mapping from the window's errors to HTTP.
fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidRequest => StatusCode::BAD_REQUEST,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Timeout => StatusCode::GATEWAY_TIMEOUT,
        ErrorCode::Unsupported => StatusCode::NOT_IMPLEMENTED,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn guard(allowed: Arc<str>, request: Request, next: Next) -> Response {
    if let Err((status, message)) = check(&allowed, request.method(), request.headers()) {
        tracing::warn!(message, "request refused");
        return json(status, &ApiError::new(ErrorCode::Refused, message));
    }
    next.run(request).await
}

/// Who may ask.
fn check(allowed: &str, method: &Method, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text(header::HOST).is_some_and(|host| !trusted(allowed, host_of(host))) {
        return Err((StatusCode::FORBIDDEN, "The Host header names neither this computer nor an address"));
    }
    if let Some(origin) = text(header::ORIGIN) {
        let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
        if !local(host_of(host)) && host_of(host) != allowed {
            return Err((StatusCode::FORBIDDEN, "Pages of other sites may not use this API"));
        }
    }
    if matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
        let json = text(header::CONTENT_TYPE).is_some_and(|value| {
            value.split(';').next().is_some_and(|kind| kind.trim() == "application/json")
        });
        if !json {
            return Err((
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Send the body as content-type: application/json",
            ));
        }
    }
    Ok(())
}

/// Without its port.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// An address can't be rebound to another by a name server.
fn trusted(allowed: &str, host: &str) -> bool {
    local(host) || host == allowed || host.parse::<IpAddr>().is_ok()
}

/// This computer, or the window itself.
fn local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.eq_ignore_ascii_case("tauri.localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn json<T: serde::Serialize>(status: StatusCode, value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_request(pairs: &[(&str, &str)], expected: Option<u16>) {
        let headers = pairs
            .iter()
            .map(|(name, value)| {
                let name: axum::http::HeaderName = name.parse().expect("a name");
                (name, value.parse().expect("a value"))
            })
            .collect();
        let found = check("127.0.0.1", &Method::POST, &headers).err().map(|(status, _)| status.as_u16());
        assert_eq!(found, expected, "{pairs:?}");
    }

    #[test]
    fn only_this_computer_gets_in() {
        let json = ("content-type", "application/json");
        check_request(&[("host", "127.0.0.1:8080"), json], None);
        check_request(&[("host", "localhost:8080"), ("origin", "http://localhost:5173"), json], None);
        check_request(&[("host", "[::1]:8080"), ("origin", "tauri://localhost"), json], None);
        check_request(&[("host", "127.0.0.1"), ("content-type", "application/json; charset=utf-8")], None);
        check_request(&[("host", "evil.example"), json], Some(403));
        check_request(&[("host", "localhost.evil.example"), json], Some(403));
        check_request(&[("host", "127.0.0.1"), ("origin", "https://evil.example"), json], Some(403));
        check_request(&[("host", "127.0.0.1"), ("origin", "null"), json], Some(403));
        check_request(&[("host", "127.0.0.1"), ("content-type", "text/plain")], Some(415));
        check_request(&[("host", "127.0.0.1")], Some(415));
    }
}
