//! Trigger rules against Airflow's answers.

use std::collections::HashMap;

use dag::{Decision, Edge, Task, TaskGraph, TaskState, TriggerRule, trigger_rule::evaluate};
use serde_json::Value;

use crate::oracle;

/// A task by id and state, as a setup or not; `subject` is the one asked about.
struct Case {
    tasks: Vec<Task>,
    edges: Vec<Edge>,
    states: HashMap<String, TaskState>,
}

impl Case {
    fn new() -> Self {
        Self { tasks: Vec::new(), edges: Vec::new(), states: HashMap::new() }
    }

    fn add(&mut self, id: &str, state: Option<&Value>) -> &mut Task {
        if let Some(state) = state {
            let state = state.as_str().expect("a state").parse().expect("a known state");
            self.states.insert(id.to_owned(), state);
        }
        self.tasks.push(Task::new(id, "EmptyOperator"));
        self.tasks.last_mut().expect("just added")
    }

    fn outcome(self, subject: &str) -> String {
        let graph = TaskGraph::new(self.tasks, self.edges).expect("a DAG");
        let position = graph.position(subject).expect("the subject");
        let state = |found: usize| self.states.get(&graph.tasks()[found].task_id).copied();
        match evaluate(&graph, position, state) {
            Decision::Run => "runs".to_owned(),
            Decision::Wait => "waits".to_owned(),
            Decision::Become(state) => state.to_string(),
        }
    }
}

fn rule(case: &Value) -> TriggerRule {
    case["rule"].as_str().expect("a rule").parse().expect("a known rule")
}

fn states<'a>(case: &'a Value, key: &str) -> &'a [Value] {
    case[key].as_array().expect("a list of states")
}

/// Compares every case of the file and shows all that differ.
fn check_all(file: &str, expected_cases: usize, outcome: impl Fn(&Value) -> String) {
    let cases = oracle(file);
    let cases = cases.as_array().expect("a list of cases");
    assert_eq!(cases.len(), expected_cases, "{file}");
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let found = outcome(case);
            (case["outcome"] != found.as_str()).then(|| format!("{case} but was {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn plain(value: &Value) -> String {
    let mut case = Case::new();
    for (at, state) in states(value, "upstream").iter().enumerate() {
        let id = format!("up{at}");
        case.add(&id, Some(state));
        case.edges.push(Edge::new(id, "subject"));
    }
    case.add("subject", None).trigger_rule = rule(value);
    case.outcome("subject")
}

#[test]
fn finished_upstreams() {
    check_all("trigger_rules.json", 245, plain);
}

#[test]
fn running_upstreams() {
    check_all("trigger_rules_partial.json", 168, plain);
}

#[test]
fn teardowns() {
    check_all("trigger_rules_setup.json", 232, |value| {
        let mut case = Case::new();
        let setups = states(value, "setups");
        for (at, state) in setups.iter().enumerate() {
            let id = format!("setup{at}");
            case.add(&id, Some(state)).is_setup = true;
            case.edges.push(Edge::new(id, "subject"));
        }
        for (at, state) in states(value, "work").iter().enumerate() {
            let id = format!("work{at}");
            case.add(&id, Some(state));
            case.edges.extend((0..setups.len()).map(|setup| Edge::new(format!("setup{setup}"), &id)));
            case.edges.push(Edge::new(id, "subject"));
        }
        let subject = case.add("subject", None);
        subject.trigger_rule = rule(value);
        subject.is_teardown = value["is_teardown"].as_bool().expect("a flag");
        case.outcome("subject")
    });
}

#[test]
fn indirect_setups() {
    check_all("trigger_rules_indirect_setup.json", 203, |value| {
        let mut case = Case::new();
        case.add("s", Some(&value["setup"])).is_setup = true;
        case.add("a", Some(&value["direct_upstream"]));
        case.add("b", None).trigger_rule = rule(value);
        case.add("t", None).is_teardown = true;
        case.edges =
            [("s", "a"), ("a", "b"), ("b", "t"), ("s", "t")].map(|(from, to)| Edge::new(from, to)).to_vec();
        case.outcome("b")
    });
}
