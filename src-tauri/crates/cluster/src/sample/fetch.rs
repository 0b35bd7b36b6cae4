//! One look: metadata, offsets, groups. Blocks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::client::Shared;
use crate::error::Result;
use crate::ffi::{
    self, ClusterDescription, ConfigValue, GroupDescription, GroupListing, ListedOffset, OffsetSpec,
    Resource, TopicPartition,
};
use crate::metadata::Metadata;

/// Partitions asked for in one call.
const PARTITIONS_A_CALL: usize = 10_000;

/// What this look fetches beyond the end offsets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Recent enough to be used again.
    pub(crate) metadata: Option<Arc<Metadata>>,
    pub(crate) starts: bool,
    pub(crate) nodes: bool,
    /// Groups to describe besides those just seen for the first time or changed.
    pub(crate) describe: Vec<String>,
    /// Groups whose committed offsets are fetched, by name; empty: all that fit.
    pub(crate) known_groups: BTreeMap<String, ffi::GroupState>,
    /// Groups looked at in one go; the next look goes on behind the last of them.
    pub(crate) groups_max: usize,
    pub(crate) groups_after: Option<String>,
    /// Topics whose cleanup policy is wanted.
    pub(crate) policies: Vec<String>,
}

/// What was seen.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) metadata: Arc<Metadata>,
    pub(crate) ends: Vec<ListedOffset>,
    pub(crate) starts: Option<Vec<ListedOffset>>,
    pub(crate) nodes: Option<ClusterDescription>,
    pub(crate) groups: Vec<GroupListing>,
    pub(crate) described: Vec<GroupDescription>,
    pub(crate) committed: BTreeMap<String, Vec<(TopicPartition, i64)>>,
    pub(crate) policies: Vec<(String, Option<String>)>,
    pub(crate) groups_last: Option<String>,
}

pub(crate) fn look(client: &Shared, plan: Plan, limit: Duration) -> Result<Look> {
    let metadata = match plan.metadata {
        Some(recent) => recent,
        None => Arc::new(Metadata::fetch(client, limit)?),
    };
    let ends = offsets(client, &metadata, OffsetSpec::Latest, limit)?;
    let starts =
        if plan.starts { Some(offsets(client, &metadata, OffsetSpec::Earliest, limit)?) } else { None };
    let nodes = if plan.nodes { Some(ffi::describe_cluster(client, limit)?) } else { None };

    // A cluster may forbid looking at groups or configs: the rest is still worth showing.
    let mut groups = ffi::list_groups(client, limit).unwrap_or_default();
    groups.sort_by(|a, b| a.group.cmp(&b.group));
    let names: Vec<String> = groups.iter().map(|group| group.group.clone()).collect();
    let batch = rotate(&names, plan.groups_after.as_deref(), plan.groups_max);
    let changed = groups
        .iter()
        .filter(|group| plan.known_groups.get(&group.group) != Some(&group.state))
        .map(|group| group.group.clone());
    let mut describe: Vec<String> =
        changed.chain(plan.describe.into_iter().filter(|name| names.contains(name))).collect();
    describe.sort();
    describe.dedup();
    describe.truncate(plan.groups_max);
    let described = ffi::describe_groups(client, &describe, limit).unwrap_or_default();
    let committed = if batch.is_empty() {
        BTreeMap::new()
    } else {
        ffi::group_offsets(client, &batch, limit).unwrap_or_default()
    };

    let topics: Vec<Resource> = plan
        .policies
        .iter()
        .filter(|topic| metadata.topics.contains_key(topic.as_str()))
        .map(|topic| Resource::Topic(topic.clone()))
        .collect();
    let configs = ffi::describe_configs(client, &topics, limit).unwrap_or_default();
    Ok(Look {
        metadata,
        ends,
        starts,
        nodes,
        groups,
        described,
        committed,
        policies: configs.into_iter().map(|(topic, values)| (topic, policy(&values))).collect(),
        groups_last: batch.last().cloned(),
    })
}

fn offsets(
    client: &Shared,
    metadata: &Metadata,
    spec: OffsetSpec,
    limit: Duration,
) -> Result<Vec<ListedOffset>> {
    let wanted: Vec<_> = metadata.online().map(|at| (at, spec)).collect();
    let mut found = Vec::with_capacity(wanted.len());
    for chunk in wanted.chunks(PARTITIONS_A_CALL) {
        found.extend(ffi::list_offsets(client, chunk, limit)?);
    }
    Ok(found)
}

fn policy(values: &[ConfigValue]) -> Option<String> {
    values.iter().find(|value| value.name == "cleanup.policy").and_then(|value| value.value.clone())
}

/// At most `max` sorted names behind `after`, going round.
fn rotate(names: &[String], after: Option<&str>, max: usize) -> Vec<String> {
    if names.len() <= max {
        return names.to_vec();
    }
    let first = after.map_or(0, |after| names.partition_point(|name| name.as_str() <= after));
    names.iter().cycle().skip(first).take(max).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(after: Option<&str>, max: usize, expected: &[&str]) {
        let names: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!(rotate(&names, after, max), expected);
    }

    #[test]
    fn groups_take_turns() {
        check(None, 9, &["a", "b", "c", "d"]);
        check(None, 2, &["a", "b"]);
        check(Some("b"), 2, &["c", "d"]);
        check(Some("c"), 3, &["d", "a", "b"]);
        check(Some("gone"), 2, &["a", "b"]);
        check(Some("bb"), 1, &["c"]);
    }
}
