//! A Streams application's topology, as its members describe it.

use std::collections::BTreeMap;

/// All of an application, at an epoch the application counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topology {
    pub epoch: i32,
    pub subtopologies: BTreeMap<String, Subtopology>,
}

/// Processors that are connected by more than topics: its partitions are the tasks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subtopology {
    pub sources: Vec<String>,
    pub changelogs: Vec<InternalTopic>,
    /// Repartition topics it writes.
    pub sinks: Vec<String>,
    /// Repartition topics it reads.
    pub repartitions: Vec<InternalTopic>,
    pub copartitions: Vec<Copartition>,
}

/// Topics that must have the same number of partitions, by their places in the lists of the subtopology.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copartition {
    pub sources: Vec<i16>,
    pub repartitions: Vec<i16>,
}

/// A topic that the coordinator makes for the application.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InternalTopic {
    pub name: String,
    /// 0 to follow what it is made from.
    pub partitions: i32,
    /// 0 for the default.
    pub replication_factor: i16,
    pub configs: Vec<(String, String)>,
}

impl Subtopology {
    /// Every topic it reads.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        let repartitions = self.repartitions.iter().map(|topic| &topic.name);
        self.sources.iter().chain(repartitions).map(String::as_str)
    }

    /// The names of one copartition group. Places outside the lists are left out.
    pub(super) fn copartitioned<'a>(&'a self, group: &'a Copartition) -> Vec<&'a str> {
        let place = |index: &i16| usize::try_from(*index).ok();
        let sources = group.sources.iter().filter_map(move |index| self.sources.get(place(index)?));
        let repartitions = group
            .repartitions
            .iter()
            .filter_map(move |index| Some(&self.repartitions.get(place(index)?)?.name));
        sources.chain(repartitions).map(String::as_str).collect()
    }
}

impl Topology {
    /// Every topic the application needs.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        self.subtopologies.values().flat_map(|subtopology| {
            subtopology.inputs().chain(subtopology.changelogs.iter().map(|topic| topic.name.as_str()))
        })
    }

    /// The subtopology that reads a topic.
    pub fn reader_of(&self, topic: &str) -> Option<&str> {
        let found =
            self.subtopologies.iter().find(|(_, subtopology)| subtopology.inputs().any(|name| name == topic));
        found.map(|(id, _)| id.as_str())
    }
}
