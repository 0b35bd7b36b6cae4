//! What DescribeConfigs says of a key, as far as it does not depend on what was set.

use std::collections::BTreeMap;

use wire::ApiKey;
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResponse,
};

use crate::client::Client;

/// A key of a kind of resource.
pub(super) type Name = (String, String);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) kind: &'static str,
    pub(super) read_only: bool,
    pub(super) sensitive: bool,
    /// `\N` where there is none.
    pub(super) default: String,
    /// The defaults that stand behind it.
    pub(super) synonyms: Vec<String>,
}

/// The protocol's number of a default.
const DEFAULT: i8 = 5;

const KINDS: [&str; 10] =
    ["unknown", "boolean", "string", "int", "short", "long", "double", "list", "class", "password"];

/// How the names of configurations begin that Kafka has not.
const OURS: &str = "confluent.";

/// What Kafka 4.3.1 answered.
pub(super) fn checked_in() -> BTreeMap<Name, Fact> {
    let lines = include_str!("kafka-4.3.1.tsv").lines();
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [resource, name, kind, changes, shown, default, synonyms] = fields[..] else {
                panic!("seven fields: {line}")
            };
            let fact = Fact {
                kind: KINDS.into_iter().find(|known| *known == kind).expect("a type"),
                read_only: changes == "read-only",
                sensitive: shown == "sensitive",
                default: default.to_owned(),
                synonyms: synonyms.split_whitespace().map(str::to_owned).collect(),
            };
            ((resource.to_owned(), name.to_owned()), fact)
        })
        .collect()
}

/// What this broker answers.
pub(super) async fn ask(client: &mut Client, topic: &str) -> BTreeMap<Name, Fact> {
    let asked =
        [("broker", 4, "1"), ("topic", 2, topic), ("group", 32, "parity"), ("client-metrics", 16, "parity")];
    let resources = asked.iter().map(|(_, resource_type, name)| DescribeConfigsResource {
        resource_type: *resource_type,
        resource_name: (*name).to_owned(),
        configuration_keys: None,
    });
    let request = DescribeConfigsRequest {
        resources: resources.collect(),
        include_synonyms: true,
        include_documentation: true,
    };
    let answer: DescribeConfigsResponse = client.call(ApiKey::DescribeConfigs, 4, &request).await;
    let mut found = BTreeMap::new();
    for result in answer.results {
        assert_eq!(result.error_code, 0, "{:?}", result.error_message);
        let (resource, ..) = asked.iter().find(|(_, kind, _)| *kind == result.resource_type).expect("asked");
        // What Kafka does not know, somebody has set: it is no fact.
        let known = result.configs.into_iter().filter(|config| config.config_type != 0);
        let configs = known.filter(|config| !config.name.starts_with(OURS));
        for config in configs {
            assert!(config.documentation.as_deref().is_some_and(|text| !text.is_empty()), "{config:?}");
            found.insert(((*resource).to_owned(), config.name.clone()), fact(&config));
        }
    }
    found
}

fn fact(config: &DescribeConfigsResourceResult) -> Fact {
    let defaults = config.synonyms.iter().filter(|synonym| synonym.source == DEFAULT);
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "\\N".to_owned());
    let synonyms: Vec<String> =
        defaults.clone().map(|synonym| format!("{}={}", synonym.name, text(&synonym.value))).collect();
    let default = if config.config_source == DEFAULT {
        text(&config.value)
    } else {
        let own =
            defaults.clone().find(|synonym| synonym.name == config.name).or_else(|| defaults.clone().next());
        own.map_or("\\N".to_owned(), |synonym| text(&synonym.value))
    };
    Fact {
        kind: KINDS[usize::try_from(config.config_type).expect("a type")],
        read_only: config.read_only,
        sensitive: config.is_sensitive,
        default,
        synonyms,
    }
}
