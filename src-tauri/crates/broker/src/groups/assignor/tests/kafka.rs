//! What the assignors of Apache Kafka 4.3.1 gave members that come and go: `kafka.jsonl`, a case a line.

use serde::Deserialize;

use super::*;

type Parts = BTreeMap<String, BTreeSet<i32>>;

#[derive(Deserialize)]
struct Case {
    assignor: String,
    /// Of every topic, by its id.
    partitions: BTreeMap<String, i32>,
    members: Vec<CaseMember>,
    alike: bool,
    /// To each member, in their order.
    given: Vec<Parts>,
}

#[derive(Deserialize)]
struct CaseMember {
    id: String,
    instance: Option<String>,
    topics: Vec<String>,
    current: Parts,
}

fn id(text: &str) -> Uuid {
    Uuid::parse(text).unwrap()
}

fn assignment(parts: &Parts) -> Assignment {
    parts.iter().map(|(topic, partitions)| (id(topic), partitions.clone())).collect()
}

#[test]
fn everyone_gets_what_kafka_gives() {
    let mut differing = Vec::new();
    let cases = include_str!("kafka.jsonl").lines().enumerate();
    for (number, line) in cases {
        let case: Case = serde_json::from_str(line).unwrap();
        let topics: Vec<BTreeSet<Uuid>> =
            case.members.iter().map(|member| member.topics.iter().map(|topic| id(topic)).collect()).collect();
        let held: Vec<Assignment> = case.members.iter().map(|member| assignment(&member.current)).collect();
        let members = case.members.iter().zip(topics.iter().zip(&held));
        let members = members.map(|(member, (topics, current))| SpecMember {
            id: &member.id,
            instance_id: member.instance.as_deref(),
            topics,
            current,
        });
        let partitions = case.partitions.iter().map(|(topic, count)| (id(topic), *count)).collect();
        let spec = Spec { members: members.collect(), partitions: &partitions, alike: case.alike };
        let given = Assignor::named(&case.assignor).unwrap().assign(&spec);
        let expected: Vec<Assignment> = case.given.iter().map(assignment).collect();
        if given != expected {
            differing.push(format!("case {number}, {} {}", case.assignor, case.alike));
        }
    }
    assert!(differing.is_empty(), "{} cases, the first: {}", differing.len(), differing.join("\n"));
}
