//! What requests say: path, query and body.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::BytesRejection},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::reply::Failure;
use crate::{RegistryError, state::Deleted, subject::Subject};

/// The parameters of a query, in order; names may come again.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let Query(pairs) = Query::try_from_uri(&parts.uri)
            .map_err(|error| RegistryError::BadRequest(format!("the query is not readable: {error}")))?;
        Ok(Self(pairs))
    }
}

impl Params {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// True for `true` in any case, as Java reads it.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(super) fn subject(&self) -> Option<Subject> {
        self.text("subject").map(Subject::parse)
    }

    pub(super) fn deleted(&self) -> Deleted {
        if self.flag("deletedAsNegative") {
            Deleted::Negative
        } else if self.flag("deletedOnly") {
            Deleted::Only
        } else if self.flag("deleted") {
            Deleted::Show
        } else {
            Deleted::Hide
        }
    }

    /// `list` from `offset`, at most `limit` of it if that is not negative.
    pub(super) fn page<T>(&self, list: Vec<T>) -> Result<Vec<T>, Failure> {
        let number = |name: &str| {
            let text = self.text(name);
            text.map(|text| {
                text.parse::<i64>()
                    .map_err(|_| RegistryError::BadRequest(format!("{name} is no number: {text}")))
            })
            .transpose()
        };
        let skip = usize::try_from(number("offset")?.unwrap_or(0)).unwrap_or(0);
        // Negative and zero: no limit.
        let take = number("limit")?.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
        Ok(list.into_iter().skip(skip).take(take.unwrap_or(usize::MAX)).collect())
    }
}

/// A body of JSON, whatever its content type says.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let status = match &rejection {
                BytesRejection::FailedToBufferBody(body) => body.status().as_u16(),
                _ => 400,
            };
            Failure { status, code: status.into(), message: rejection.body_text() }
        })?;
        // An array would do for a struct whose fields all have defaults.
        let is_object = bytes.trim_ascii_start().starts_with(b"{");
        match serde_json::from_slice(&bytes) {
            Ok(body) if is_object => Ok(Self(body)),
            Ok(_) => Err(RegistryError::Unprocessable("the body must be a JSON object".into()).into()),
            Err(error) if error.is_data() => Err(RegistryError::Unprocessable(error.to_string()).into()),
            Err(error) => Err(RegistryError::BadRequest(format!("the body is not JSON: {error}")).into()),
        }
    }
}

/// `latest`, `-1` or a number; -1 is the latest.
pub(super) fn version(text: &str) -> Result<i32, RegistryError> {
    let trimmed = text.trim();
    if trimmed.eq_ignore_ascii_case("latest") {
        return Ok(-1);
    }
    let number = trimmed.parse().ok().filter(|number| *number == -1 || *number > 0);
    number.ok_or_else(|| RegistryError::InvalidVersion(text.to_owned()))
}

/// A schema's id; what is no number is no schema.
pub(super) fn id(text: &str) -> Result<i32, Failure> {
    let missing = || Failure { status: 404, code: 404, message: "HTTP 404 Not Found".into() };
    text.parse().map_err(|_| missing())
}
