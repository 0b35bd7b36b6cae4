//! Brokers of a cluster.

use api::ApiError;
use api::cluster::{BrokerConfigGet, BrokerRow, BrokersList, ConfigEntry};
use broker::configs::{Definition, broker_keys};
use cluster::{ConfigValue, Resource};

use super::count;
use crate::error::of_cluster;
use crate::platform::Services;

pub(super) async fn brokers(it: &Services, params: BrokersList) -> Result<Vec<BrokerRow>, ApiError> {
    let view = it.clusters.get(&params.cluster)?.view().await.map_err(of_cluster)?;
    Ok(view
        .nodes
        .iter()
        .map(|node| {
            let (partitions, leaders) = view.loads.get(&node.id).copied().unwrap_or_default();
            BrokerRow {
                id: node.id,
                host: node.host.clone(),
                port: node.port,
                rack: node.rack.clone(),
                controller: view.controller == Some(node.id),
                partitions: count(partitions),
                leaders: count(leaders),
            }
        })
        .collect())
}

pub(super) async fn broker_config(
    it: &Services,
    params: BrokerConfigGet,
) -> Result<Vec<ConfigEntry>, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let values = cluster.configs(Resource::Broker(params.broker)).await.map_err(of_cluster)?;
    Ok(values.into_iter().map(|value| entry(value, broker_keys().iter().copied())).collect())
}

/// `known` tells what Kafka's keys mean, which librdkafka does not hand on.
pub(super) fn entry(value: ConfigValue, mut known: impl Iterator<Item = &'static Definition>) -> ConfigEntry {
    let definition = known.find(|definition| definition.name == value.name);
    ConfigEntry {
        documentation: definition.map(|definition| definition.doc.to_owned()),
        name: value.name,
        value: value.value,
        source: value.source.to_owned(),
        is_default: value.is_default,
        read_only: value.read_only,
        sensitive: value.sensitive,
    }
}
