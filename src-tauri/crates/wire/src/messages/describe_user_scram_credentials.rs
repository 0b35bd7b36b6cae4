//! DescribeUserScramCredentials.

messages! {
    /// API 50, request, version 0, flexible from 0.
    DescribeUserScramCredentialsRequest {
        users: Option<Vec<UserName>>,
    }

    /// One of `DescribeUserScramCredentialsRequest::users`.
    UserName {
        name: String,
    }

    /// API 50, response, version 0, flexible from 0.
    DescribeUserScramCredentialsResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        results: Vec<DescribeUserScramCredentialsResult>,
    }

    /// One of `DescribeUserScramCredentialsResponse::results`.
    DescribeUserScramCredentialsResult {
        user: String,
        error_code: i16,
        error_message: Option<String>,
        credential_infos: Vec<CredentialInfo>,
    }

    /// One of `DescribeUserScramCredentialsResult::credential_infos`.
    CredentialInfo {
        mechanism: i8,
        iterations: i32,
    }
}
