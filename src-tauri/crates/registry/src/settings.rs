//! Configuration of a subject, a context or the whole registry.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::{
    CompatibilityLevel, RegistryError,
    contract::{Metadata, RuleSet},
};

/// The fields a `PUT /config` can set. What is not set falls back on the
/// context's and the registry's settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_for_deks: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalize: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate_fields: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate_new_schemas: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate_rules: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compatibility_level: Option<CompatibilityLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compatibility_policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compatibility_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_metadata: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_metadata: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_rule_set: Option<RuleSet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_rule_set: Option<RuleSet>,
}

impl Settings {
    /// `self` changed by the body of a `PUT`: what it leaves out stays, what it
    /// sets to null goes.
    pub(crate) fn patched(&self, patch: Map<String, Json>) -> Result<Self, RegistryError> {
        let internal = |_| RegistryError::Internal("settings do not read back");
        let Json::Object(mut fields) = serde_json::to_value(self).map_err(internal)? else {
            return Err(RegistryError::Internal("settings are no object"));
        };
        for (name, value) in patch {
            let (name, value) = match name.as_str() {
                "compatibility" => ("compatibilityLevel".to_owned(), level(value)?),
                "compatibilityPolicy" => (name, policy(value)?),
                _ => (name, value),
            };
            if value.is_null() {
                fields.remove(&name);
            } else {
                fields.insert(name, value);
            }
        }
        let settings: Self = serde_json::from_value(Json::Object(fields))
            .map_err(|error| RegistryError::Unprocessable(error.to_string()))?;
        for rules in [&settings.default_rule_set, &settings.override_rule_set].into_iter().flatten() {
            rules.validate().map_err(RegistryError::InvalidRuleSet)?;
        }
        Ok(settings)
    }

    /// As the answer to a `PUT`, which calls the level by another name.
    pub(crate) fn as_update(&self) -> Json {
        let Ok(Json::Object(fields)) = serde_json::to_value(self) else { return Json::Null };
        let renamed = fields.into_iter().map(|(name, value)| match name.as_str() {
            "compatibilityLevel" => ("compatibility".to_owned(), value),
            _ => (name, value),
        });
        Json::Object(renamed.collect())
    }

    /// A subject's own settings over the registry's.
    pub(crate) fn over(self, global: &Self) -> Self {
        Self {
            normalize: self.normalize.or(global.normalize),
            validate_fields: self.validate_fields.or(global.validate_fields),
            validate_new_schemas: self.validate_new_schemas.or(global.validate_new_schemas),
            validate_rules: self.validate_rules.or(global.validate_rules),
            compatibility_level: self.compatibility_level.or(global.compatibility_level),
            compatibility_policy: self.compatibility_policy.or_else(|| global.compatibility_policy.clone()),
            compatibility_group: self.compatibility_group.or_else(|| global.compatibility_group.clone()),
            ..self
        }
    }
}

fn level(value: Json) -> Result<Json, RegistryError> {
    match &value {
        Json::Null => Ok(Json::Null),
        Json::String(name) => CompatibilityLevel::parse(name)
            .map(|level| Json::String(level.as_str().into()))
            .ok_or(RegistryError::InvalidCompatibility),
        _ => Err(RegistryError::InvalidCompatibility),
    }
}

fn policy(value: Json) -> Result<Json, RegistryError> {
    match value.as_str().map(str::to_ascii_uppercase) {
        Some(name) if matches!(name.as_str(), "STRICT" | "LENIENT") => Ok(Json::String(name)),
        None if value.is_null() => Ok(Json::Null),
        _ => Err(RegistryError::InvalidPolicy(value.to_string())),
    }
}
