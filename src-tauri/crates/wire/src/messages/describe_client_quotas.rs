//! DescribeClientQuotas.

messages! {
    /// API 48, request, versions 0–1, flexible from 1.
    DescribeClientQuotasRequest {
        components: Vec<ComponentData>,
        strict: bool,
    }

    /// One of `DescribeClientQuotasRequest::components`.
    ComponentData {
        entity_type: String,
        match_type: i8,
        matched: Option<String>,
    }

    /// API 48, response, versions 0–1, flexible from 1.
    DescribeClientQuotasResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        entries: Option<Vec<EntryData>>,
    }

    /// One of `DescribeClientQuotasResponse::entries`.
    EntryData {
        entity: Vec<EntityData>,
        values: Vec<ValueData>,
    }

    /// One of `EntryData::entity`.
    EntityData {
        entity_type: String,
        entity_name: Option<String>,
    }

    /// One of `EntryData::values`.
    ValueData {
        key: String,
        value: f64,
    }
}
