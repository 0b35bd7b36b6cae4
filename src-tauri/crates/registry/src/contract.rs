//! Metadata and rules that travel with a schema. The registry stores, merges
//! and returns them; running the rules is the clients' business.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use crate::schema::Digest;

/// Tags and properties of a schema.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeMap<String, BTreeSet<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<BTreeMap<String, String>>,
    /// Names of properties that are secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<BTreeSet<String>>,
}

/// The property that carries a schema's version when a client wants it to.
const VERSION_PROPERTY: &str = "confluent:version";

impl Metadata {
    /// `self` with what `over` says on top of it.
    pub(crate) fn merged(base: Option<&Self>, over: Option<&Self>) -> Option<Self> {
        let (Some(base), Some(over)) = (base, over) else { return base.or(over).cloned() };
        let mut merged = base.clone();
        extend(&mut merged.tags, &over.tags);
        extend(&mut merged.properties, &over.properties);
        extend(&mut merged.sensitive, &over.sensitive);
        Some(merged)
    }

    pub(crate) fn version(&self) -> Option<&str> {
        self.properties.as_ref()?.get(VERSION_PROPERTY).map(String::as_str)
    }

    pub(crate) fn with_version(base: Option<Self>, version: i32) -> Self {
        let mut metadata = base.unwrap_or_default();
        metadata.properties.get_or_insert_default().insert(VERSION_PROPERTY.into(), version.to_string());
        metadata
    }

    /// Without the version, and nothing at all if that leaves nothing: for
    /// comparing schemas of which one carries it.
    pub(crate) fn without_version(metadata: Option<&Self>) -> Option<Self> {
        let mut metadata = metadata?.clone();
        if let Some(properties) = &mut metadata.properties {
            properties.remove(VERSION_PROPERTY);
        }
        metadata.properties = metadata.properties.filter(|properties| !properties.is_empty());
        (metadata != Self::default()).then_some(metadata)
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        for (key, values) in self.tags.iter().flatten() {
            digest.text(key);
            values.iter().for_each(|value| digest.text(value));
        }
        for (key, value) in self.properties.iter().flatten() {
            digest.text(key);
            digest.text(value);
        }
        self.sensitive.iter().flatten().for_each(|name| digest.text(name));
    }
}

fn extend<C: Clone + IntoIterator<Item = T> + Extend<T>, T>(base: &mut Option<C>, over: &Option<C>) {
    match (base.as_mut(), over) {
        (Some(base), Some(over)) => base.extend(over.clone()),
        (None, over) => *base = over.clone(),
        (Some(_), None) => {}
    }
}

/// What clients do to records on their way in and out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RuleSet {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration_rules: Option<Vec<Rule>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_rules: Option<Vec<Rule>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding_rules: Option<Vec<Rule>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_at: Option<String>,
}

/// One rule of a [`RuleSet`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<RuleKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<RuleMode>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub rule_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_success: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<String>,
    pub disabled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleKind {
    Transform,
    Condition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleMode {
    Upgrade,
    Downgrade,
    Updown,
    Write,
    Read,
    Writeread,
}

impl RuleKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Transform => "TRANSFORM",
            Self::Condition => "CONDITION",
        }
    }
}

impl RuleMode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Upgrade => "UPGRADE",
            Self::Downgrade => "DOWNGRADE",
            Self::Updown => "UPDOWN",
            Self::Write => "WRITE",
            Self::Read => "READ",
            Self::Writeread => "WRITEREAD",
        }
    }

    fn is_migration(self) -> bool {
        matches!(self, Self::Upgrade | Self::Downgrade | Self::Updown)
    }
}

impl RuleSet {
    /// `self` with the rules of `over`, which replace those of the same name.
    pub(crate) fn merged(base: Option<&Self>, over: Option<&Self>) -> Option<Self> {
        let (Some(base), Some(over)) = (base, over) else { return base.or(over).cloned() };
        Some(Self {
            migration_rules: merged_rules(&base.migration_rules, &over.migration_rules),
            domain_rules: merged_rules(&base.domain_rules, &over.domain_rules),
            encoding_rules: merged_rules(&base.encoding_rules, &over.encoding_rules),
            enable_at: over.enable_at.clone().or_else(|| base.enable_at.clone()),
        })
    }

    /// Every rule is named, typed and in the list its mode belongs to.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let mut names = HashSet::new();
        let lists =
            [(&self.migration_rules, true), (&self.domain_rules, false), (&self.encoding_rules, false)];
        for (rules, is_migration) in lists {
            for rule in rules.iter().flatten() {
                let name = rule.name.as_deref().unwrap_or_default();
                check_name(name)?;
                if !names.insert(name) {
                    return Err(format!("two rules are named '{name}'"));
                }
                if rule.rule_type.is_none() {
                    return Err(format!("the rule '{name}' has no type"));
                }
                match rule.mode {
                    None => return Err(format!("the rule '{name}' has no mode")),
                    Some(mode) if mode.is_migration() != is_migration => {
                        let allowed = if is_migration {
                            "UPGRADE, DOWNGRADE, UPDOWN"
                        } else {
                            "WRITE, READ, WRITEREAD"
                        };
                        return Err(format!(
                            "the rule '{name}' has the mode {}; here it can be {allowed}",
                            mode.as_str()
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    pub(crate) fn has_type(&self, rule_type: &str) -> bool {
        [&self.migration_rules, &self.domain_rules, &self.encoding_rules]
            .into_iter()
            .flatten()
            .flatten()
            .any(|rule| rule.rule_type.as_deref() == Some(rule_type))
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        for rules in [&self.migration_rules, &self.domain_rules, &self.encoding_rules] {
            rules.iter().flatten().for_each(|rule| rule.digest(digest));
        }
        self.enable_at.iter().for_each(|text| digest.text(text));
    }
}

impl Rule {
    fn digest(&self, digest: &mut Digest) {
        let first = [self.name.as_deref(), self.doc.as_deref(), self.kind.map(RuleKind::as_str)];
        let second = [self.mode.map(RuleMode::as_str), self.rule_type.as_deref()];
        first.into_iter().chain(second).flatten().for_each(|text| digest.text(text));
        self.tags.iter().flatten().for_each(|tag| digest.text(tag));
        for (key, value) in self.params.iter().flatten() {
            digest.text(key);
            digest.text(value);
        }
        [&self.expr, &self.on_success, &self.on_failure]
            .into_iter()
            .flatten()
            .for_each(|text| digest.text(text));
        if self.disabled {
            digest.byte(1);
        }
    }
}

fn merged_rules(base: &Option<Vec<Rule>>, over: &Option<Vec<Rule>>) -> Option<Vec<Rule>> {
    let (Some(base), Some(over)) = (base, over) else { return base.as_ref().or(over.as_ref()).cloned() };
    let kept = base.iter().filter(|rule| !over.iter().any(|newer| newer.name == rule.name));
    Some(kept.chain(over).cloned().collect())
}

fn check_name(name: &str) -> Result<(), String> {
    let mut chars = name.chars();
    let starts_well = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if starts_well && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        return Ok(());
    }
    Err(format!("'{name}' is no name for a rule: a letter, then letters, digits, _ and -"))
}
