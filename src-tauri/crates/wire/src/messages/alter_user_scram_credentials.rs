//! AlterUserScramCredentials.

use bytes::Bytes;

messages! {
    /// API 51, request, version 0, flexible from 0.
    AlterUserScramCredentialsRequest {
        deletions: Vec<ScramCredentialDeletion>,
        upsertions: Vec<ScramCredentialUpsertion>,
    }

    /// One of `AlterUserScramCredentialsRequest::deletions`.
    ScramCredentialDeletion {
        name: String,
        mechanism: i8,
    }

    /// One of `AlterUserScramCredentialsRequest::upsertions`.
    ScramCredentialUpsertion {
        name: String,
        mechanism: i8,
        iterations: i32,
        salt: Bytes,
        salted_password: Bytes,
    }

    /// API 51, response, version 0, flexible from 0.
    AlterUserScramCredentialsResponse {
        throttle_time_ms: i32,
        results: Vec<AlterUserScramCredentialsResult>,
    }

    /// One of `AlterUserScramCredentialsResponse::results`.
    AlterUserScramCredentialsResult {
        user: String,
        error_code: i16,
        error_message: Option<String>,
    }
}
