//! Who answers interactive queries for which partitions.

use super::{Catalog, Group, TaskMap};

/// What one process answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointPartitions {
    pub host: String,
    pub port: u16,
    /// Topics with the partitions whose active tasks it has.
    pub active: Vec<(String, Vec<i32>)>,
    /// The same of its standbys.
    pub standby: Vec<(String, Vec<i32>)>,
}

impl Group {
    /// Every member with an endpoint, and what it has.
    pub(super) fn endpoints(&self, topics: &dyn Catalog) -> Vec<EndpointPartitions> {
        let members = self.members.values().filter_map(|member| Some((member, member.endpoint.as_ref()?)));
        members
            .map(|(member, (host, port))| {
                let tasks = member.assigned.plain();
                EndpointPartitions {
                    host: host.clone(),
                    port: *port,
                    active: self.partitions_of(&tasks.active, topics),
                    standby: self.partitions_of(&tasks.standby, topics),
                }
            })
            .collect()
    }

    fn partitions_of(&self, tasks: &TaskMap, topics: &dyn Catalog) -> Vec<(String, Vec<i32>)> {
        let Some(topology) = &self.topology else { return Vec::new() };
        let mut found = Vec::new();
        for (id, partitions) in tasks {
            let Some(subtopology) = topology.subtopologies.get(id) else { continue };
            for name in subtopology.inputs() {
                let Some(topic) = topics.topic(name) else { continue };
                let there = partitions.iter().copied().filter(|partition| *partition < topic.partitions);
                found.push((name.to_owned(), there.collect()));
            }
        }
        found
    }
}
