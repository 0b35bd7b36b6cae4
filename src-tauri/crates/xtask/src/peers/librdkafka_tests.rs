//! librdkafka's own test runner, built once into the cache from the sources the crate `rdkafka-sys` brings along.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::librdkafka::source;
use crate::{cache, sh};

/// What is changed in the tests before they are built: (file, what stands there, what is put instead).
/// One broker keeps one replica; and since Kafka 4 a segment has at least a mebibyte, but for Kafka's own tests.
const ADAPTED: &[(&str, &str, &str)] = &[
    ("0098-consumer-txn.cpp", "c_str(), 1, 3, 5000", "c_str(), 1, 1, 5000"),
    ("0098-consumer-txn.cpp", "c_str(), 2, 3, 5000", "c_str(), 2, 1, 5000"),
    ("0103-transactions.c", "topic, partition_cnt, 3, 5000", "topic, partition_cnt, 1, 5000"),
    ("0103-transactions.c", "_topic, 4, 3, 5000", "_topic, 4, 1, 5000"),
    ("0103-transactions.c", "(p, topic, 1, 3, 5000)", "(p, topic, 1, 1, 5000)"),
    ("0107-topic_recreate.c", "topic, part_cnt_1, 3, 5000", "topic, part_cnt_1, 1, 5000"),
    ("0107-topic_recreate.c", "topic, part_cnt_2, 3, 5000", "topic, part_cnt_2, 1, 5000"),
    ("0111-delay_create_topics.cpp", "c_str(), 1, 3);", "c_str(), 1, 1);"),
    ("0077-compaction.c", "--config segment.bytes=10000", "--config internal.segment.bytes=10000"),
    ("0129-fetch_aborted_msgs.c", "\"segment.bytes\", \"20000\"", "\"internal.segment.bytes\", \"20000\""),
];

/// The folder with `src/`, `src-cpp/` and `tests/test-runner`.
pub(crate) fn librdkafka_tests() -> anyhow::Result<PathBuf> {
    let source = source()?;
    let version = source.parent().and_then(|package| package.file_name()).context("a package folder")?;
    let home = cache::dir().join("peers").join("librdkafka-tests").join(version);
    let done = home.join(".built");
    let adapted = format!("{ADAPTED:?}");
    if std::fs::read_to_string(&done).is_ok_and(|was| was == adapted) {
        return Ok(home);
    }
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    copy(&source, &home).with_context(|| format!("can't copy {}", source.display()))?;
    for (file, from, to) in ADAPTED {
        let path = home.join("tests").join(file);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
        if !text.contains(from) {
            bail!("{file} of librdkafka's tests has no {from:?} any more");
        }
        std::fs::write(&path, text.replace(from, to))?;
    }
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    sh::step("configure librdkafka", Command::new("bash").arg("./configure").current_dir(&home))?;
    for (name, args) in
        [("build librdkafka", &["libs"][..]), ("build librdkafka's tests", &["-C", "tests", "build"])]
    {
        let mut make = Command::new("make");
        sh::step(name, make.arg(format!("-j{jobs}")).args(args).current_dir(&home))?;
    }
    std::fs::write(&done, adapted)?;
    Ok(home)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
