//! A topology against the topics there are: how many tasks it has, which internal topics are missing, and what
//! stands in the way.

use std::collections::{BTreeMap, BTreeSet};

use wire::ErrorCode;

use super::{Catalog, InternalTopic, Refusal, Subtopology, Topology};

/// What a member is told beside its tasks. The numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum StatusCode {
    StaleTopology = 0,
    MissingSourceTopics = 1,
    IncorrectlyPartitionedTopics = 2,
    MissingInternalTopics = 3,
    ShutdownApplication = 4,
    AssignmentDelayed = 5,
}

/// A status with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub code: StatusCode,
    pub detail: String,
}

impl Status {
    pub(super) fn new(code: StatusCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// An internal topic that has to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingTopic {
    pub name: String,
    pub partitions: i32,
    pub configs: Vec<(String, String)>,
}

/// A subtopology with its number of tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredSubtopology {
    pub tasks: i32,
    /// Whether its tasks have state that standbys can copy.
    pub stateful: bool,
}

/// What became of a topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// Nothing where the source topics do not allow to say.
    pub subtopologies: BTreeMap<String, ConfiguredSubtopology>,
    /// How many partitions internal topics have, or are to get.
    pub internal: BTreeMap<String, i32>,
    pub missing: Vec<MissingTopic>,
    /// Why there can be no tasks yet.
    pub problem: Option<Status>,
}

impl Configured {
    pub fn is_ready(&self) -> bool {
        self.problem.is_none()
    }

    /// How many an internal topic has.
    pub fn partitions_of(&self, topic: &str) -> Option<i32> {
        self.internal.get(topic).copied()
    }
}

/// Looks at a topology. A topology that can never work is refused.
pub(super) fn configure(topology: &Topology, topics: &dyn Catalog) -> Result<Configured, Refusal> {
    let unready = |problem| Configured {
        subtopologies: BTreeMap::new(),
        internal: BTreeMap::new(),
        missing: Vec::new(),
        problem: Some(problem),
    };
    let absent: BTreeSet<&str> = topology
        .subtopologies
        .values()
        .flat_map(|subtopology| &subtopology.sources)
        .map(String::as_str)
        .filter(|name| topics.topic(name).is_none())
        .collect();
    if !absent.is_empty() {
        let detail = format!("Source topics {} are missing.", summary(absent));
        return Ok(unready(Status::new(StatusCode::MissingSourceTopics, detail)));
    }
    let mut plan = Plan { topology, topics, counts: BTreeMap::new() };
    plan.count_repartitions()?;
    if let Err(problem) = plan.copartition()? {
        return Ok(unready(problem));
    }
    plan.count_changelogs()?;
    let subtopologies = topology
        .subtopologies
        .iter()
        .map(|(id, subtopology)| {
            let tasks = plan.inputs_max(subtopology).unwrap_or(0);
            (id.clone(), ConfiguredSubtopology { tasks, stateful: !subtopology.changelogs.is_empty() })
        })
        .collect();
    let internal = plan.internal().map(|(topic, partitions)| (topic.name.clone(), partitions)).collect();
    let missing = match plan.missing() {
        Ok(missing) => missing,
        Err(problem) => return Ok(unready(problem)),
    };
    let problem = (!missing.is_empty()).then(|| {
        let names = summary(missing.iter().map(|topic| topic.name.as_str()).collect());
        Status::new(StatusCode::MissingInternalTopics, format!("Internal topics are missing: {names}"))
    });
    Ok(Configured { subtopologies, internal, missing, problem })
}

/// How many partitions the internal topics get.
struct Plan<'a> {
    topology: &'a Topology,
    topics: &'a dyn Catalog,
    counts: BTreeMap<&'a str, i32>,
}

impl<'a> Plan<'a> {
    fn subtopologies(&self) -> impl Iterator<Item = &'a Subtopology> + use<'a> {
        self.topology.subtopologies.values()
    }

    fn repartitions(&self) -> impl Iterator<Item = &'a InternalTopic> + use<'a> {
        self.subtopologies().flat_map(|subtopology| &subtopology.repartitions)
    }

    /// What a topic has, or is to have.
    fn count(&self, name: &str) -> Option<i32> {
        self.topics.topic(name).map(|topic| topic.partitions).or_else(|| self.counts.get(name).copied())
    }

    fn inputs_max(&self, subtopology: &Subtopology) -> Option<i32> {
        subtopology.inputs().filter_map(|name| self.count(name)).max()
    }

    /// A repartition topic has as many partitions as the largest input of whoever writes it, step by step through
    /// the topology.
    fn count_repartitions(&mut self) -> Result<(), Refusal> {
        let fixed = self.repartitions().filter(|topic| topic.partitions != 0);
        self.counts = fixed.map(|topic| (topic.name.as_str(), topic.partitions)).collect();
        loop {
            let (mut waiting, mut progress) = (false, false);
            for subtopology in self.subtopologies() {
                let known =
                    subtopology.repartitions.iter().filter_map(|topic| self.counts.get(topic.name.as_str()));
                let sources = subtopology.sources.iter().filter_map(|name| self.count(name));
                let largest = known.copied().chain(sources).max();
                for sink in &subtopology.sinks {
                    if self.counts.contains_key(sink.as_str()) {
                        continue;
                    }
                    match largest {
                        None => waiting = true,
                        Some(count) => {
                            self.counts.insert(sink, count);
                            progress = true;
                        }
                    }
                }
            }
            if !waiting {
                break;
            }
            if !progress {
                return Err(invalid(
                    "Failed to compute number of partitions for all repartition topics. There may be loops in the \
                     topology that cannot be resolved.",
                ));
            }
        }
        if self.repartitions().any(|topic| !self.counts.contains_key(topic.name.as_str())) {
            return Err(invalid(
                "Failed to compute number of partitions for all repartition topics, because a repartition source \
                 topic is never used as a sink topic.",
            ));
        }
        Ok(())
    }

    /// Topics that are joined get the same number of partitions, where they are ours to choose.
    fn copartition(&mut self) -> Result<Result<(), Status>, Refusal> {
        let fixed: BTreeSet<&str> = self
            .repartitions()
            .filter(|topic| topic.partitions != 0)
            .map(|topic| topic.name.as_str())
            .collect();
        let ours: BTreeSet<&str> = self.repartitions().map(|topic| topic.name.as_str()).collect();
        for subtopology in self.subtopologies() {
            for group in &subtopology.copartitions {
                let names = subtopology.copartitioned(group);
                let mut counts = BTreeMap::new();
                for name in &names {
                    let count = self.count(name).ok_or_else(|| {
                        invalid(&format!("Number of partitions is not set for topic: {name}"))
                    })?;
                    counts.insert(*name, count);
                }
                // Sources decide, then repartition topics with a number of their own, then the largest.
                let sources =
                    counts.iter().filter(|(name, _)| !ours.contains(*name)).map(|(_, count)| *count);
                let mut deciding: Vec<i32> = sources.collect();
                if deciding.is_empty() {
                    deciding = counts
                        .iter()
                        .filter(|(name, _)| fixed.contains(*name))
                        .map(|(_, count)| *count)
                        .collect();
                }
                let wanted = match deciding.first() {
                    Some(first) if deciding.iter().any(|count| count != first) => {
                        let counts: Vec<String> =
                            counts.iter().map(|(topic, count)| format!("{topic}={count}")).collect();
                        let detail = format!(
                            "Following topics do not have the same number of partitions: [{{{}}}]",
                            counts.join(", ")
                        );
                        return Ok(Err(Status::new(StatusCode::IncorrectlyPartitionedTopics, detail)));
                    }
                    Some(first) => *first,
                    None => counts.values().copied().max().unwrap_or(0),
                };
                for (name, count) in counts.iter().filter(|(name, _)| ours.contains(*name)) {
                    if fixed.contains(name) && *count != wanted {
                        let detail = format!(
                            "Number of partitions [{count}] of repartition topic [{name}] doesn't match number of \
                             partitions [{wanted}] of the source topic."
                        );
                        return Ok(Err(Status::new(StatusCode::IncorrectlyPartitionedTopics, detail)));
                    }
                }
                let own: Vec<&'a str> = names.into_iter().filter(|name| ours.contains(name)).collect();
                self.counts.extend(own.into_iter().map(|name| (name, wanted)));
            }
        }
        Ok(Ok(()))
    }

    /// A changelog has a partition for each task.
    fn count_changelogs(&mut self) -> Result<(), Refusal> {
        for subtopology in self.subtopologies() {
            let tasks = self
                .inputs_max(subtopology)
                .ok_or_else(|| invalid("No source topics found for a subtopology."))?;
            self.counts.extend(subtopology.changelogs.iter().map(|topic| (topic.name.as_str(), tasks)));
        }
        Ok(())
    }

    /// Every internal topic with its number of partitions.
    fn internal(&self) -> impl Iterator<Item = (&'a InternalTopic, i32)> {
        let changelogs = self.subtopologies().flat_map(|subtopology| &subtopology.changelogs);
        self.repartitions().chain(changelogs).map(|topic| {
            let counted = self.counts.get(topic.name.as_str()).copied();
            (topic, if topic.partitions == 0 { counted.unwrap_or(0) } else { topic.partitions })
        })
    }

    /// Internal topics that are not there yet; one that is there must be as it is to be.
    fn missing(&self) -> Result<Vec<MissingTopic>, Status> {
        let mut missing: BTreeMap<&str, MissingTopic> = BTreeMap::new();
        for (topic, partitions) in self.internal() {
            match self.topics.topic(&topic.name) {
                None => {
                    let configs = topic.configs.clone();
                    missing
                        .insert(&topic.name, MissingTopic { name: topic.name.clone(), partitions, configs });
                }
                Some(found) if found.partitions != partitions => {
                    let detail = format!(
                        "Existing topic {} has different number of partitions: expected {partitions}, found {}",
                        topic.name, found.partitions
                    );
                    return Err(Status::new(StatusCode::IncorrectlyPartitionedTopics, detail));
                }
                Some(_) => {}
            }
        }
        Ok(missing.into_values().collect())
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(ErrorCode::StreamsInvalidTopology, message)
}

/// The first names of a list, and how many more there are.
fn summary(names: BTreeSet<&str>) -> String {
    const SHOWN: usize = 3;
    let first: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    match names.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} additional topics", first.join(", ")),
    }
}
