//! What is done with Connect, and what is left when it is done.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::super::end_offset::end_offset;
use super::super::pool;
use super::super::target::Target;
use super::worker::Worker;
use crate::peers::{self, Scratch};

const LIMIT: Duration = Duration::from_secs(180);
const SOURCE: &str = "/connectors/source";
const SINK: &str = "/connectors/sink";

/// Runs it all and returns an account in which nothing is of this one run.
pub(super) fn tell(target: &Target, jars: &Path, classes: &Path) -> anyhow::Result<Vec<String>> {
    let scratch = Scratch::new("connect")?;
    let folder = scratch.path();
    let files = Files { input: folder.join("in.txt"), output: folder.join("out.txt") };
    let mut account = Vec::new();

    let mut worker = Worker::start(jars, folder, &target.bootstrap())?;
    let mut lines = files.write(0..100)?;
    let made = worker.ask("PUT", &format!("{SOURCE}/config"), Some(&source(&files)))?;
    account.push(format!("made {}", made["name"]));
    worker.ask("PUT", &format!("{SINK}/config"), Some(&sink(&files)))?;
    files.wait(&mut worker, &lines)?;
    account.push(status(&mut worker, SOURCE)?);
    account.push(status(&mut worker, SINK)?);

    // A paused source leaves lines where they are: what it has read stays as it was.
    let before = worker.ask("GET", &format!("{SOURCE}/offsets"), None)?;
    worker.ask("PUT", &format!("{SOURCE}/pause"), None)?;
    wait_state(&mut worker, SOURCE, "PAUSED")?;
    lines += &files.write(100..150)?;
    let paused = worker.ask("GET", &format!("{SOURCE}/offsets"), None)?;
    ensure!(before == paused, "a paused source read on: {before} {paused}");
    account.push(status(&mut worker, SOURCE)?);
    worker.ask("PUT", &format!("{SOURCE}/resume"), None)?;
    files.wait(&mut worker, &lines)?;

    worker.ask("POST", &format!("{SOURCE}/tasks/0/restart"), None)?;
    worker.ask("POST", &format!("{SINK}/restart?includeTasks=true"), None)?;
    wait_state(&mut worker, SOURCE, "RUNNING")?;
    wait_state(&mut worker, SINK, "RUNNING")?;
    lines += &files.write(150..200)?;
    files.wait(&mut worker, &lines)?;

    // Killed once its positions are committed: the sink, which is at least once, would write lines again.
    wait_offsets(&mut worker, &target.bootstrap(), 200)?;
    worker.kill()?;
    lines += &files.write(200..250)?;
    let mut worker = Worker::start(jars, folder, &target.bootstrap())?;
    files.wait(&mut worker, &lines)?;
    wait_offsets(&mut worker, &target.bootstrap(), 250)?;
    for connector in [SOURCE, SINK] {
        let offsets = worker.ask("GET", &format!("{connector}/offsets"), None)?;
        account.push(format!("{connector} {offsets}").replace(&folder.display().to_string(), "FOLDER"));
    }

    // The sink goes back: it reads its last lines again.
    worker.ask("PUT", &format!("{SINK}/stop"), None)?;
    wait_state(&mut worker, SINK, "STOPPED")?;
    let back = json!({ "offsets": [{
        "partition": { "kafka_topic": "lines", "kafka_partition": 0 },
        "offset": { "kafka_offset": position(&mut worker)? - 1 },
    }]});
    let said = worker.ask("PATCH", &format!("{SINK}/offsets"), Some(&back))?;
    account.push(said.to_string());
    worker.ask("PUT", &format!("{SINK}/resume"), None)?;
    lines += "line 249\n";
    files.wait(&mut worker, &lines)?;

    account.extend(topics(target, jars, classes, folder)?);
    for connector in [SOURCE, SINK] {
        worker.ask("DELETE", connector, None)?;
    }
    worker.wait("the connectors to be gone", |worker| {
        let left = worker.send("GET", "/connectors", None)?;
        Ok(left.body == json!([]))
    })?;
    Ok(account)
}

struct Files {
    input: PathBuf,
    output: PathBuf,
}

impl Files {
    /// Appends numbered lines and returns them.
    fn write(&self, numbers: std::ops::Range<u32>) -> anyhow::Result<String> {
        let text: String = numbers.map(|number| format!("line {number}\n")).collect();
        let mut file = OpenOptions::new().create(true).append(true).open(&self.input)?;
        file.write_all(text.as_bytes())?;
        Ok(text)
    }

    /// Waits until as much has come out, and checks that it is what went in.
    fn wait(&self, worker: &mut Worker, lines: &str) -> anyhow::Result<()> {
        let mut seen = String::new();
        let output = self.output.clone();
        worker.wait(&format!("{} lines to come out", lines.lines().count()), |_| {
            seen = std::fs::read_to_string(&output).unwrap_or_default();
            Ok(seen.len() >= lines.len())
        })?;
        ensure!(seen == lines, "what came out is not what went in:\n{seen}");
        Ok(())
    }
}

fn source(files: &Files) -> Value {
    json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "tasks.max": "1",
        "file": files.input,
        "topic": "lines",
        "exactly.once.support": "required",
    })
}

fn sink(files: &Files) -> Value {
    json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "tasks.max": "1",
        "file": files.output,
        "topics": "lines",
        "consumer.override.isolation.level": "read_committed",
    })
}

fn state(body: &Value) -> Option<(&str, &str)> {
    Some((body["connector"]["state"].as_str()?, body["tasks"][0]["state"].as_str().unwrap_or("none")))
}

/// Waits until the connector and its task are in a state; a stopped one has no task.
fn wait_state(worker: &mut Worker, connector: &str, wanted: &str) -> anyhow::Result<()> {
    worker.wait(&format!("{connector} to be {wanted}"), |worker| {
        let answer = worker.send("GET", &format!("{connector}/status"), None)?;
        let Some((own, task)) = state(&answer.body) else { return Ok(false) };
        Ok(own == wanted && (task == wanted || wanted == "STOPPED" && task == "none"))
    })
}

fn status(worker: &mut Worker, connector: &str) -> anyhow::Result<String> {
    let body = worker.ask("GET", &format!("{connector}/status"), None)?;
    let (own, task) = state(&body).context("a state")?;
    Ok(format!("{connector} {own} {task} {}", body["type"]))
}

/// The sink's position in the topic.
fn position(worker: &mut Worker) -> anyhow::Result<i64> {
    let body = worker.ask("GET", &format!("{SINK}/offsets"), None)?;
    body["offsets"][0]["offset"]["kafka_offset"].as_i64().context("a position")
}

/// Waits until the source has noted that it has read so many lines, and the sink that it has read to the end.
fn wait_offsets(worker: &mut Worker, bootstrap: &str, lines: u32) -> anyhow::Result<()> {
    let bytes: u64 = (0..lines).map(|number| format!("line {number}\n").len() as u64).sum();
    worker.wait("the source's position", |worker| {
        let answer = worker.send("GET", &format!("{SOURCE}/offsets"), None)?;
        Ok(answer.body["offsets"][0]["offset"]["position"].as_u64() == Some(bytes))
    })?;
    // The last transaction's marker is no record.
    let read = end_offset(bootstrap, "lines")? - 1;
    worker.wait("the sink's position", |worker| {
        let answer = worker.send("GET", &format!("{SINK}/offsets"), None)?;
        Ok(answer.body["offsets"][0]["offset"]["kafka_offset"].as_i64() == Some(read))
    })
}

/// The commands from this one on list what has no order.
const LISTS_FROM: usize = 5;

/// The topics as Kafka's own tools see them: the lines, each once, and how Connect's own are kept.
fn topics(target: &Target, jars: &Path, classes: &Path, folder: &Path) -> anyhow::Result<Vec<String>> {
    let steps = folder.join("look.steps");
    let look = "topics --describe --topic connect-configs\n\
                topics --describe --topic connect-offsets\n\
                topics --describe --topic connect-status\n\
                topics --describe --topic lines\n\
                console-consumer --topic lines --from-beginning --isolation-level read_committed --max-messages 250 \
                --timeout-ms 20000\n\
                consumer-groups --list\n\
                transactions list\n";
    std::fs::write(&steps, look)?;
    let mut java = peers::java(jars, Some(classes), 256, "ToolSession");
    java.env("JDK_JAVA_OPTIONS", "--add-opens=java.base/java.lang=ALL-UNNAMED");
    java.arg(&steps).arg(folder).arg(format!("seen={}", target.bootstrap()));
    let ended = pool::run_for(&mut java, LIMIT)?;
    ensure!(ended.text.lines().any(|line| line == "done"), "the topics were not read:\n{}", ended.text);
    let lines: Vec<&str> = ended.text.lines().filter_map(|line| line.strip_prefix("seen| ")).collect();
    let mut answers: Vec<Vec<&str>> =
        lines.split_inclusive(|line| line.starts_with("exit ")).map(<[&str]>::to_vec).collect();
    // Groups, one with a random id, and transactions are listed in the order of their hashes.
    for list in answers.iter_mut().skip(LISTS_FROM) {
        list.sort_unstable();
    }
    Ok(answers.concat().into_iter().map(str::to_owned).collect())
}
