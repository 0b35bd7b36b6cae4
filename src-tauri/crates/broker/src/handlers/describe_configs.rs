//! DescribeConfigs.

use tracing::level_filters::LevelFilter;
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResponse,
    DescribeConfigsResult, DescribeConfigsSynonym,
};

use super::configs::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, ResourceError, TOPIC, check_broker};
use crate::Broker;
use crate::configs::{
    CLIENT_METRICS_KEYS, Definition, GROUP_KEYS, Kind, Resolved, Source, Synonym, TOPIC_KEYS, any_broker_key,
    broker_key, broker_keys,
};
use crate::loggers;

/// The source of a logger's level, in the protocol.
const LOGGER_SOURCE: i8 = 6;

pub(super) fn describe_configs(broker: &Broker, request: DescribeConfigsRequest) -> DescribeConfigsResponse {
    let results = request.resources.into_iter().map(|resource| {
        let asked = Asked {
            keys: resource.configuration_keys.as_deref().filter(|keys| !keys.is_empty()),
            synonyms: request.include_synonyms,
            documentation: request.include_documentation,
        };
        let (error_code, error_message, configs) = match describe(broker, &resource, &asked) {
            // Kafka says nothing by an empty message.
            Ok(configs) => (0, String::new(), configs),
            Err(error @ ResourceError::NoTopic { .. }) => (error.code().into(), String::new(), Vec::new()),
            Err(error) => (error.code().into(), error.to_string(), Vec::new()),
        };
        DescribeConfigsResult {
            error_code,
            error_message: Some(error_message),
            resource_type: resource.resource_type,
            resource_name: resource.resource_name,
            configs,
        }
    });
    DescribeConfigsResponse { results: results.collect(), ..Default::default() }
}

/// What is wanted of each resource.
struct Asked<'a> {
    /// None: all.
    keys: Option<&'a [String]>,
    synonyms: bool,
    documentation: bool,
}

impl Asked<'_> {
    fn wants(&self, name: &str) -> bool {
        self.keys.is_none_or(|keys| keys.iter().any(|key| key == name))
    }

    fn show(
        &self,
        name: &str,
        key: Option<&Definition>,
        read_only: bool,
        found: Resolved,
    ) -> DescribeConfigsResourceResult {
        let kind = key.map_or(Kind::Unknown, |key| key.kind);
        let is_sensitive = kind.is_sensitive();
        let synonym = |one: Synonym| DescribeConfigsSynonym {
            name: one.name,
            value: (!is_sensitive).then_some(one.value),
            source: one.source as i8,
        };
        DescribeConfigsResourceResult {
            name: name.to_owned(),
            value: found.value.filter(|_| !is_sensitive),
            is_sensitive,
            read_only,
            config_source: found.source as i8,
            synonyms: if self.synonyms {
                found.synonyms.into_iter().map(synonym).collect()
            } else {
                Vec::new()
            },
            config_type: kind as i8,
            documentation: key.filter(|_| self.documentation).map(|key| key.doc.to_owned()),
            ..Default::default()
        }
    }

    /// The keys of a table, those hidden only where they are set.
    fn table(
        &self,
        keys: &'static [Definition],
        value: impl Fn(&Definition) -> Resolved,
    ) -> Vec<DescribeConfigsResourceResult> {
        let wanted = keys.iter().filter(|key| self.wants(key.name));
        let found = wanted.map(|key| (key, value(key)));
        let shown = found.filter(|(key, found)| !key.hidden || !found.synonyms.is_empty());
        shown.map(|(key, found)| self.show(key.name, Some(key), false, found)).collect()
    }
}

fn describe(
    broker: &Broker,
    resource: &DescribeConfigsResource,
    asked: &Asked<'_>,
) -> Result<Vec<DescribeConfigsResourceResult>, ResourceError> {
    let settings = broker.settings();
    let name = &resource.resource_name;
    match resource.resource_type {
        TOPIC => {
            let topic = broker.topic(name);
            let topic = topic.map_err(|code| ResourceError::NoTopic { name: name.clone(), code })?;
            let configs = topic.configs();
            Ok(asked.table(TOPIC_KEYS, |key| settings.topic_value(&configs, key)))
        }
        BROKER if check_broker(broker, name)? => {
            // The default of all brokers: what was changed for them, and nothing else.
            let names = settings.dynamic().cluster.keys().filter(|name| asked.wants(name));
            Ok(names
                .filter_map(|name| {
                    let found = settings.cluster_value(name)?;
                    Some(asked.show(name, any_broker_key(name), is_read_only(name), found))
                })
                .collect())
        }
        BROKER => {
            let listed = broker_keys().iter().filter(|key| !key.hidden).map(|key| key.name);
            let names = listed.chain(settings.unlisted()).filter(|name| asked.wants(name));
            Ok(names
                .map(|name| {
                    let found = if name == "listeners" { listeners(broker) } else { None };
                    let found = found.unwrap_or_else(|| settings.broker_value(name));
                    asked.show(name, any_broker_key(name), is_read_only(name), found)
                })
                .collect())
        }
        BROKER_LOGGER => {
            if check_broker(broker, name)? {
                return Err(ResourceError::NoBroker);
            }
            let shown = |(name, level): (&str, &str)| logger(name, level);
            Ok(match broker.loggers() {
                Some(loggers) => {
                    loggers.levels().into_iter().filter(|(name, _)| asked.wants(name)).map(shown).collect()
                }
                None => Vec::from_iter(asked.wants(loggers::ROOT).then(root_logger)),
            })
        }
        GROUP if name.is_empty() => {
            Err(ResourceError::Subscription("Group name must not be empty".to_owned()))
        }
        GROUP => {
            let configs = broker.state().group_configs(name);
            Ok(asked.table(GROUP_KEYS, |key| settings.group_value(&configs, key)))
        }
        CLIENT_METRICS if name.is_empty() => {
            Err(ResourceError::Subscription("Client metrics subscription name must not be empty".to_owned()))
        }
        CLIENT_METRICS => {
            let current = broker.security().current();
            let set = current.content.client_metrics.get(name);
            Ok(asked.table(CLIENT_METRICS_KEYS, |key| {
                let own = set.and_then(|set| set.get(key.name));
                let source = own.map_or(Source::Default, |_| Source::ClientMetrics);
                let name = key.name.to_owned();
                Resolved {
                    value: own.cloned().or_else(|| key.default.map(str::to_owned)),
                    source,
                    synonyms: Vec::from_iter(own.map(|value| Synonym { name, value: value.clone(), source })),
                }
            }))
        }
        other => Err(ResourceError::Kind(other)),
    }
}

/// Whether a broker's value stays until the next start; what Kafka does not know by this very name does.
fn is_read_only(name: &str) -> bool {
    !broker_key(name).is_some_and(Definition::is_dynamic)
}

/// Where clients really come in.
fn listeners(broker: &Broker) -> Option<Resolved> {
    let value = broker.listening().addresses();
    if value.is_empty() {
        return None;
    }
    let (name, source) = ("listeners".to_owned(), Source::StaticBroker);
    let synonyms = vec![Synonym { name, value: value.clone(), source }];
    Some(Resolved { value: Some(value), source, synonyms })
}

/// Nobody said which loggers there are.
fn root_logger() -> DescribeConfigsResourceResult {
    logger(loggers::ROOT, &LevelFilter::current().to_string().to_ascii_uppercase())
}

fn logger(name: &str, level: &str) -> DescribeConfigsResourceResult {
    DescribeConfigsResourceResult {
        name: name.to_owned(),
        value: Some(level.to_owned()),
        config_source: LOGGER_SOURCE,
        ..Default::default()
    }
}
