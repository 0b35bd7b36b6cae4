//! AlterClientQuotas.

messages! {
    /// API 49, request, versions 0–1, flexible from 1.
    AlterClientQuotasRequest {
        entries: Vec<RequestEntryData>,
        validate_only: bool,
    }

    /// One of `AlterClientQuotasRequest::entries`.
    RequestEntryData {
        entity: Vec<RequestEntityData>,
        ops: Vec<OpData>,
    }

    /// One of `RequestEntryData::entity`.
    RequestEntityData {
        entity_type: String,
        entity_name: Option<String>,
    }

    /// One of `RequestEntryData::ops`.
    OpData {
        key: String,
        value: f64,
        remove: bool,
    }

    /// API 49, response, versions 0–1, flexible from 1.
    AlterClientQuotasResponse {
        throttle_time_ms: i32,
        entries: Vec<ResponseEntryData>,
    }

    /// One of `AlterClientQuotasResponse::entries`.
    ResponseEntryData {
        error_code: i16,
        error_message: Option<String>,
        entity: Vec<ResponseEntityData>,
    }

    /// One of `ResponseEntryData::entity`.
    ResponseEntityData {
        entity_type: String,
        entity_name: Option<String>,
    }
}
