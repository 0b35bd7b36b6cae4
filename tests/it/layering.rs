//! Which crate may know which: the picture of ARCHITECTURE.md, checked.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::support::run;

/// The allowed edges among our own crates (tests and dev-dependencies aside).
const ALLOWED: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("payload", &[]),
    ("dag", &[]),
    ("api", &[]),
    ("testkit", &[]),
    ("xtask", &[]),
    ("tour", &["api"]),
    ("commitlog", &["wire"]),
    ("broker", &["commitlog", "wire"]),
    ("registry", &["payload"]),
    ("orchestrator", &["dag"]),
    ("cluster", &["payload"]),
    ("platform", &["api", "broker", "cluster", "dag", "orchestrator", "payload", "registry", "wire"]),
    ("pumphouse", &["api", "platform"]),
];

/// Pure crates know neither sockets nor files nor clocks.
const PURE: &[&str] = &["wire", "payload", "dag", "api"];
const IMPURE: &[&str] = &["tokio", "rdkafka", "sqlx", "reqwest", "axum", "notify", "rustix", "fs4"];

#[test]
fn crates_know_only_what_they_may() {
    let metadata = run(
        "cargo metadata",
        Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
            .current_dir(env!("CARGO_MANIFEST_DIR")),
    );
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(name, may)| (*name, may.iter().copied().collect())).collect();
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let Some(may) = allowed.get(name) else {
            faults.push(format!("{name} is not in the list of crates"));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            if dependency["kind"] == "dev" || dependency["kind"] == "build" {
                continue;
            }
            let other = dependency["name"].as_str().expect("a name");
            if allowed.contains_key(other) && !may.contains(other) {
                faults.push(format!("{name} must not know {other}"));
            }
            if PURE.contains(&name) && IMPURE.contains(&other) {
                faults.push(format!("{name} is pure and must not know {other}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Only the desktop shell names Tauri.
#[test]
fn only_the_shell_names_tauri() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut faults = Vec::new();
    look(&root.join("src-tauri/crates"), &mut faults);
    for file in ["src-tauri/src/main.rs", "src-tauri/src/cli.rs", "src-tauri/src/serve.rs"] {
        look(&root.join(file), &mut faults);
    }
    assert!(faults.is_empty(), "these name tauri: {faults:?}");
}

fn look(path: &std::path::Path, faults: &mut Vec<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder") {
            look(&entry.expect("an entry").path(), faults);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        let text = std::fs::read_to_string(path).expect("source");
        if text.contains("use tauri") || text.contains("tauri::") {
            faults.push(path.display().to_string());
        }
    }
}
