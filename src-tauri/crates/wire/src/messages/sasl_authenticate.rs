//! SaslAuthenticate: the mechanism's own bytes.

use bytes::Bytes;

messages! {
    /// API 36, request, versions 0–2, flexible from 2.
    SaslAuthenticateRequest {
        auth_bytes: Bytes,
    }

    /// API 36, response, versions 0–2, flexible from 2.
    SaslAuthenticateResponse {
        error_code: i16,
        error_message: Option<String>,
        auth_bytes: Bytes,
        session_lifetime_ms: i64 [1..],
    }
}
