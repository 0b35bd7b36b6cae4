//! Answers: JSON in Confluent's content types, errors in its form.

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use tracing::warn;

use crate::RegistryError;

/// What a client gets when it does not ask for plain JSON.
const DEFAULT_TYPE: &str = "application/vnd.schemaregistry.v1+json";
const TYPES: [&str; 3] = [DEFAULT_TYPE, "application/vnd.schemaregistry+json", "application/json"];

/// The answer of a handler.
pub(super) type Reply<T> = Result<T, Failure>;

/// An error as the client sees it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) code: u32,
    pub(super) message: String,
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let failure = Self { status: error.status(), code: error.code(), message: error.to_string() };
        if failure.status >= 500 {
            warn!(code = failure.code, %error, "registry request failed");
        }
        failure
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = Json(json!({"error_code": self.code, "message": self.message}));
        let mut response = (status, body).into_response();
        label(&mut response, DEFAULT_TYPE);
        response
    }
}

/// Text that is an answer as it stands: a schema.
pub(super) fn text(text: String) -> Response {
    let mut response = text.into_response();
    label(&mut response, DEFAULT_TYPE);
    response
}

/// Labels every answer with the first of our types the client accepts.
pub(super) async fn content_type(request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let chosen = accepted.map_or(DEFAULT_TYPE, choose);
    let mut response = next.run(request).await;
    if response.headers().contains_key(header::CONTENT_TYPE) {
        label(&mut response, chosen);
    }
    response
}

fn choose(accept: &str) -> &'static str {
    let asked = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    asked.filter_map(|asked| TYPES.into_iter().find(|known| *known == asked)).next().unwrap_or(DEFAULT_TYPE)
}

fn label(response: &mut Response, content_type: &'static str) {
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
}
