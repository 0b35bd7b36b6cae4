//! SaslHandshake: which mechanism.

messages! {
    /// API 17, request, versions 0–1, never flexible.
    SaslHandshakeRequest {
        mechanism: String,
    }

    /// API 17, response, versions 0–1, never flexible.
    SaslHandshakeResponse {
        error_code: i16,
        mechanisms: Vec<String>,
    }
}
