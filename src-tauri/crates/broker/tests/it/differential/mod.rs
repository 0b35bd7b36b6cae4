//! Random requests sent to Pumphouse and to a real Apache Kafka, the answers compared field by field.
//!
//! `PUMPHOUSE_PEER_BROKER` is the address of that Kafka; without it the test names itself as skipped. A failure
//! prints its seed: `PUMPHOUSE_SEED=… cargo test -p broker --test it differential` repeats it.

mod batch;
mod club;
mod crowd;
mod differences;
mod flow;
mod group_configs;
mod pool;
mod ready;
mod script;
mod session;
mod settle;
mod side;
mod small;
mod steps;
mod steps_of_flows;
mod steps_of_groups;
mod steps_of_pools;
mod tree;

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use broker::BrokerConfig;
use testkit::{Random, Seed, TempDir};

use crate::server::Server;
use script::{Script, Subject};
use side::Side;
use steps::Step;
use tree::{Node, compare};

/// Steps of one sequence.
const STEPS: usize = 150;
/// What `xtask` sets for the other broker too, with more that is so here anyway (`peers::COMPARED`): groups answer at
/// once, nobody is taken for dead while a busy machine is slow, and nothing is tidied up in the midst of a sequence.
const SET_ON_BOTH: [(&str, &str); 16] = [
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.consumer.assignment.interval.ms", "0"),
    ("group.streams.assignment.interval.ms", "0"),
    ("group.streams.initial.rebalance.delay.ms", "0"),
    ("group.consumer.max.session.timeout.ms", "600000"),
    ("group.consumer.session.timeout.ms", "600000"),
    ("group.share.max.session.timeout.ms", "600000"),
    ("group.share.session.timeout.ms", "600000"),
    ("group.streams.max.session.timeout.ms", "600000"),
    ("group.streams.session.timeout.ms", "600000"),
    ("group.share.max.record.lock.duration.ms", "600000"),
    ("group.share.record.lock.duration.ms", "600000"),
    ("log.initial.task.delay.ms", "86400000"),
    ("log.retention.check.interval.ms", "86400000"),
    ("log.cleaner.backoff.ms", "86400000"),
    ("offsets.retention.check.interval.ms", "86400000"),
];
/// Looks at an answer that may still change, 50 ms apart: Kafka's brokers learn of changes a moment later.
const LOOKS: usize = 60;
/// How long one broker may take for one step: a minute on a busy machine is a hang.
const STEP_LIMIT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn answers_equal_those_of_a_real_kafka() {
    sequences(Subject::Everything, 62, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_about_consumer_groups_of_several_equal_those_of_a_real_kafka() {
    sequences(Subject::ConsumerGroups, 1, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_about_share_groups_equal_those_of_a_real_kafka() {
    sequences(Subject::ShareGroups, 1, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_about_streams_groups_equal_those_of_a_real_kafka() {
    sequences(Subject::StreamsGroups, 1, 1).await;
}

/// Without a number of runs always the same ones; with one, from a fresh seed.
async fn sequences(subject: Subject, usual_seed: u64, usual_runs: usize) {
    let Ok(peer) = std::env::var("PUMPHOUSE_PEER_BROKER") else {
        skip(
            "differential: a real Apache Kafka (PUMPHOUSE_PEER_BROKER is not set; cargo xtask test sets it)",
        );
        return;
    };
    let peer: SocketAddr = peer.parse().expect("PUMPHOUSE_PEER_BROKER is an address");
    let runs = std::env::var("PUMPHOUSE_DIFFERENTIAL_RUNS").ok();
    let fresh = runs.is_some() || std::env::var_os("PUMPHOUSE_SEED").is_some();
    let seed = if fresh { Seed::from_env() } else { Seed::of(usual_seed) };
    let runs = runs.map_or(usual_runs, |runs| runs.parse().expect("a number"));
    let mut random = seed.random();
    for run in 0..runs {
        sequence(subject, peer, &mut random, run).await;
    }
}

async fn sequence(subject: Subject, peer: SocketAddr, random: &mut Random, run: usize) {
    let dir = TempDir::new();
    let config = BrokerConfig::new(dir.path());
    let config = SET_ON_BOTH.iter().fold(config, |config, (name, value)| config.with(*name, *value));
    let server = Server::with_system_clock(config).await;
    // The other broker keeps what earlier runs left, those of the same seed too.
    let prefix =
        format!("d{:x}.", SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos());
    let mut ours = Side::connect(server.address, &prefix).await;
    let mut theirs = Side::connect(peer, &prefix).await;
    theirs.warm_up().await;
    ours.warm_up().await;
    let mut script = Script::new(subject, random.clone(), ours.apis());
    // All of it is played: one fault may explain another.
    let mut faults: Vec<String> = Vec::new();
    for number in 0..STEPS {
        if number == script::OPENING {
            ours.group_coordinator_knows().await;
            theirs.group_coordinator_knows().await;
        }
        let step = script.next();
        eprintln!("{number}: {step:?}");
        let found = play(&step, &mut ours, &mut theirs).await;
        if !found.is_empty() {
            eprintln!("    {}", found.join("\n    "));
            faults.push(format!("{number}: {step:?}\n    {}", found.join("\n    ")));
        }
    }
    ours.close_sessions().await;
    theirs.close_sessions().await;
    assert!(faults.is_empty(), "run {run}: answers differ (Pumphouse ≠ Kafka):\n{}", faults.join("\n"));
    for _ in 0..random.below(8) + 1 {
        random.next_u64();
    }
    drop((ours, theirs));
    server.stop().await;
}

/// Plays a step on both sides. Returns where the answers differ.
async fn play(step: &Step, ours: &mut Side, theirs: &mut Side) -> Vec<String> {
    let mut our_answer = in_time("Pumphouse", step, ours).await;
    let mut their_answer = in_time("Kafka", step, theirs).await;
    let mut faults = differing(step, &our_answer, &their_answer);
    let mut looks = 0;
    while !faults.is_empty() && step.only_looks() && looks < LOOKS {
        tokio::time::sleep(Duration::from_millis(50)).await;
        our_answer = in_time("Pumphouse", step, ours).await;
        their_answer = in_time("Kafka", step, theirs).await;
        faults = differing(step, &our_answer, &their_answer);
        looks += 1;
    }
    if faults.is_empty()
        && let Some(look) = step.seen_by()
    {
        // What it changed is seen the same way by both before the next step relies on it.
        let faults = Box::pin(play(&look, ours, theirs)).await;
        if step.makes_partitions() {
            ours.lead().await;
            theirs.lead().await;
        }
        return faults;
    }
    faults
}

async fn in_time(broker: &str, step: &Step, side: &mut Side) -> Node {
    match tokio::time::timeout(STEP_LIMIT, side.play(step)).await {
        Ok(answer) => answer,
        Err(_) => panic!("{broker} did not end within {} s: {step:?}", STEP_LIMIT.as_secs()),
    }
}

fn differing(step: &Step, ours: &Node, theirs: &Node) -> Vec<String> {
    let mut faults = compare(ours, theirs);
    faults.retain(|fault| differences::reason(step, fault).is_none());
    faults
}

pub(crate) fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "skipped, and CI=true: {reason}");
    if let Some(path) = std::env::var_os("PUMPHOUSE_SKIPS") {
        use std::io::Write;
        let mut file =
            std::fs::OpenOptions::new().append(true).create(true).open(path).expect("the skip file");
        writeln!(file, "{reason}").expect("the skip file");
    }
    eprintln!("skipped: {reason}");
}
