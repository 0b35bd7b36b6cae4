//! What can go wrong, in Confluent's codes and words.

use crate::SchemaLogError;

/// A request the registry refuses or cannot fulfil.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RegistryError {
    #[error("Subject '{0}' not found.")]
    SubjectNotFound(String),
    #[error("Version {0} not found.")]
    VersionNotFound(i32),
    #[error("Schema not found")]
    SchemaNotFound,
    /// An id or a GUID.
    #[error("Schema {0} not found")]
    SchemaIdNotFound(String),
    #[error("Subject '{0}' was soft deleted. Set permanent=true to delete permanently")]
    SubjectSoftDeleted(String),
    #[error("Subject '{0}' was not deleted first before being permanently deleted")]
    SubjectNotSoftDeleted(String),
    #[error(
        "Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
    )]
    VersionSoftDeleted { subject: String, version: i32 },
    #[error("Subject '{subject}' Version {version} was not deleted first before being permanently deleted")]
    VersionNotSoftDeleted { subject: String, version: i32 },
    #[error("Subject '{0}' does not have subject-level compatibility configured")]
    NoSubjectCompatibility(String),
    #[error("Subject '{0}' does not have subject-level mode configured")]
    NoSubjectMode(String),
    #[error(
        "Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{}]",
        messages.join(", ")
    )]
    Incompatible { subject: String, messages: Vec<String> },
    #[error("Invalid schema: {0}")]
    InvalidSchema(String),
    #[error("The schema type {0} is not known. Known are AVRO, JSON and PROTOBUF")]
    UnknownSchemaType(String),
    #[error(
        "The specified version '{0}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
    )]
    InvalidVersion(String),
    #[error(
        "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive"
    )]
    InvalidCompatibility,
    #[error("Invalid compatibility policy '{0}'. Valid values are STRICT and LENIENT")]
    InvalidPolicy(String),
    #[error("Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.")]
    InvalidMode,
    #[error("Forward mode only supported on global level")]
    ForwardBelowGlobal,
    #[error("{0}")]
    NotPermitted(String),
    #[error(
        "One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={subject},version={version}}}."
    )]
    ReferenceExists { subject: String, version: i32 },
    #[error("The specified subject '{0}' is not a valid subject.")]
    InvalidSubject(String),
    #[error("The schema is {bytes} bytes long, and {bytes_max} are allowed")]
    SchemaTooLarge { bytes: usize, bytes_max: usize },
    #[error("Invalid rule set: {0}")]
    InvalidRuleSet(String),
    #[error("The context '{0}' still has subjects")]
    ContextNotEmpty(String),
    #[error("The request is not valid: {0}")]
    Unprocessable(String),
    #[error("{0}")]
    BadRequest(String),
    #[error("Error from the schema log: {0}")]
    Store(#[from] SchemaLogError),
    #[error("The schema log did not show what was written to it")]
    StoreTimeout,
    #[error("Internal error: {0}")]
    Internal(&'static str),
}

impl RegistryError {
    /// The code in the body of an answer. Its first three digits are the status.
    pub fn code(&self) -> u32 {
        match self {
            Self::BadRequest(_) => 400,
            Self::SubjectNotFound(_) => 40401,
            Self::VersionNotFound(_) => 40402,
            Self::SchemaNotFound | Self::SchemaIdNotFound(_) => 40403,
            Self::SubjectSoftDeleted(_) => 40404,
            Self::SubjectNotSoftDeleted(_) => 40405,
            Self::VersionSoftDeleted { .. } => 40406,
            Self::VersionNotSoftDeleted { .. } => 40407,
            Self::NoSubjectCompatibility(_) => 40408,
            Self::NoSubjectMode(_) => 40409,
            Self::Incompatible { .. } => 40901,
            Self::Unprocessable(_) => 422,
            Self::InvalidSchema(_) | Self::UnknownSchemaType(_) => 42201,
            Self::InvalidVersion(_) => 42202,
            Self::InvalidCompatibility | Self::InvalidPolicy(_) => 42203,
            Self::InvalidMode | Self::ForwardBelowGlobal => 42204,
            Self::NotPermitted(_) => 42205,
            Self::ReferenceExists { .. } => 42206,
            Self::InvalidSubject(_) => 42208,
            Self::SchemaTooLarge { .. } => 42209,
            Self::InvalidRuleSet(_) => 42210,
            Self::ContextNotEmpty(_) => 42211,
            Self::Internal(_) => 500,
            Self::Store(SchemaLogError::TooLarge(_)) => 42209,
            Self::Store(SchemaLogError::Append(_) | SchemaLogError::Read(_)) => 50001,
            Self::StoreTimeout => 50002,
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        let code = self.code();
        let digits = if code >= 1000 { code / 100 } else { code };
        u16::try_from(digits).unwrap_or(500)
    }
}
