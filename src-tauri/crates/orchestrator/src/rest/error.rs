//! Errors as FastAPI, and so Airflow 3, writes them: `{"detail": …}`.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::OrchestratorError;

/// A status and its `detail`.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    detail: Value,
}

impl ApiError {
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, detail: Value::from(detail.into()) }
    }

    /// A field that does not fit, in FastAPI's form.
    pub(crate) fn unprocessable(field: &str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: json!([{ "type": "value_error", "loc": ["body", field], "msg": message.into() }]),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "detail": self.detail }))).into_response()
    }
}

impl From<OrchestratorError> for ApiError {
    fn from(error: OrchestratorError) -> Self {
        use OrchestratorError as E;
        let detail = Value::from(error.to_string());
        let status = match error {
            E::DagNotFound { .. } => {
                return Self { status: StatusCode::NOT_FOUND, detail };
            }
            E::RunNotFound { .. } | E::TaskInstanceNotFound { .. } | E::TaskNotFound { .. } => {
                StatusCode::NOT_FOUND
            }
            E::RunExists { .. } | E::DagStale { .. } => StatusCode::CONFLICT,
            E::ParamsInvalid { .. } | E::Invalid(_) => StatusCode::BAD_REQUEST,
            E::Stopped => StatusCode::SERVICE_UNAVAILABLE,
            E::Store(_) | E::Io { .. } => {
                tracing::error!(error = %detail, "request failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self { status, detail }
    }
}

impl From<crate::store::StoreError> for ApiError {
    fn from(error: crate::store::StoreError) -> Self {
        OrchestratorError::from(error).into()
    }
}

pub(crate) async fn unknown_path() -> ApiError {
    ApiError::not_found("Not Found")
}

/// A JSON body; what does not fit is answered with 422.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|error| ApiError::unprocessable("", error.to_string()))?;
        let text = if bytes.is_empty() { b"{}".as_slice() } else { &bytes };
        serde_json::from_slice(text).map(Body).map_err(|error| ApiError::unprocessable("", error.to_string()))
    }
}

/// Query parameters; what does not fit is answered with 422.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|error| ApiError::unprocessable("query", error.body_text()))
    }
}
