//! kcat: metadata, produce and consume, every codec, headers, offsets by time.

use std::process::Command;

use crate::support::{Server, run, run_with_input, skip};

fn kcat(server: &Server, args: &[&str]) -> Command {
    let mut command = Command::new("kcat");
    command.args(["-b", &server.kafka, "-X", "socket.timeout.ms=20000"]).args(args);
    command
}

fn is_missing() -> bool {
    let missing = Command::new("kcat").arg("-V").output().is_err();
    if missing {
        skip("kcat: not installed (Debian's package kcat)");
    }
    missing
}

#[test]
fn every_codec_passes_through() {
    if is_missing() {
        return;
    }
    let server = Server::start();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = format!("codec.{codec}");
        let input: String = (0..2_000).map(|n| format!("key-{n}:value {n} of {codec}\n")).collect();
        run_with_input("kcat -P", &mut kcat(&server, &["-P", "-t", &topic, "-K:", "-z", codec]), &input);
        let output = run("kcat -C", &mut kcat(&server, &["-C", "-t", &topic, "-e", "-q", "-K:"]));
        assert_eq!(output, input, "{codec}");
    }
}

#[test]
fn headers_null_and_empty_values_come_back() {
    if is_missing() {
        return;
    }
    let server = Server::start();
    let produce = ["-P", "-t", "shapes", "-K:", "-Z", "-H", "trace=42", "-H", "empty="];
    run_with_input("kcat -P", &mut kcat(&server, &produce), "a:full\nb:\n:no key\n");
    let output =
        run("kcat -C", &mut kcat(&server, &["-C", "-t", "shapes", "-e", "-q", "-Z", "-f", "%k|%s|%h|%o\n"]));
    assert_eq!(output, "a|full|trace=42,empty=|0\nb|NULL|trace=42,empty=|1\nNULL|no key|trace=42,empty=|2\n");
}

#[test]
fn offsets_are_found_by_time_and_from_the_end() {
    if is_missing() {
        return;
    }
    let server = Server::start();
    run_with_input("kcat -P", &mut kcat(&server, &["-P", "-t", "times"]), "one\ntwo\nthree\n");
    let last = run("kcat -C", &mut kcat(&server, &["-C", "-t", "times", "-o", "-1", "-e", "-q"]));
    assert_eq!(last, "three\n");
    let ends = run("kcat -Q", &mut kcat(&server, &["-Q", "-t", "times:0:-1"]));
    assert!(ends.contains("offset 3"), "{ends}");
    let all = run("kcat -C", &mut kcat(&server, &["-C", "-t", "times", "-o", "s@1", "-e", "-q"]));
    assert_eq!(all, "one\ntwo\nthree\n");
}

#[test]
fn metadata_names_the_address_the_client_used() {
    if is_missing() {
        return;
    }
    let server = Server::start();
    let listing = run("kcat -L", &mut kcat(&server, &["-L"]));
    assert!(listing.contains(&server.kafka), "{listing}");
    let port = server.kafka.rsplit(':').next().expect("a port");
    let by_name = run("kcat -L", Command::new("kcat").args(["-L", "-b", &format!("localhost:{port}")]));
    assert!(by_name.contains(&format!(":{port}")), "{by_name}");
}

#[test]
fn a_balanced_group_reads_everything_once() {
    if is_missing() {
        return;
    }
    let server = Server::start();
    let input: String = (0..500).map(|n| format!("{n}\n")).collect();
    run_with_input("kcat -P", &mut kcat(&server, &["-P", "-t", "grouped"]), &input);
    let group = ["-G", "readers", "-X", "auto.offset.reset=earliest", "-e", "-q", "grouped"];
    let first = run("kcat -G", &mut kcat(&server, &group));
    assert_eq!(first, input);
    // Its offsets are committed: a second reader of the group finds nothing.
    let second = run("kcat -G", &mut kcat(&server, &group));
    assert_eq!(second, "");
}
