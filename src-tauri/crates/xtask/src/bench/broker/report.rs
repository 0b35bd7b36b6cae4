//! The table: a row per measurement, a column per broker.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::subject::Who;
use crate::bench::measure::median;
use crate::sh;

/// What a row is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target {
    /// Pumphouse's value by Kafka's is to be at least this.
    RatioMin(f64),
    /// … at most this.
    RatioMax(f64),
    /// Pumphouse's value is to be at most this.
    Max(f64),
    None,
}

/// One measurement.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) target: Target,
    values: BTreeMap<Who, Vec<f64>>,
}

impl Row {
    pub(super) fn median(&self, who: Who) -> Option<f64> {
        let mut values = self.values.get(&who)?.clone();
        (!values.is_empty()).then(|| median(&mut values))
    }

    /// Pumphouse's by Kafka's.
    pub(super) fn ratio(&self) -> Option<f64> {
        Some(self.median(Who::Pumphouse)? / self.median(Who::Kafka)?)
    }

    /// Whether the target is met; `None` where that cannot be said.
    pub(super) fn is_met(&self) -> Option<bool> {
        match self.target {
            Target::RatioMin(min) => self.ratio().map(|ratio| ratio >= min),
            Target::RatioMax(max) => self.ratio().map(|ratio| ratio <= max),
            Target::Max(max) => self.median(Who::Pumphouse).map(|value| value <= max),
            Target::None => None,
        }
    }
}

/// Everything measured, in the order it was first named.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) rows: Vec<Row>,
}

impl Report {
    /// Adds one round's value.
    pub(super) fn add(&mut self, name: &str, unit: &'static str, target: Target, who: Who, value: f64) {
        eprintln!("    {name}: {who:?} {} {unit}", figure(value));
        let row = match self.rows.iter().position(|row| row.name == name) {
            Some(index) => &mut self.rows[index],
            None => {
                let row = Row { name: name.to_owned(), unit, target, values: BTreeMap::new() };
                self.rows.push(row);
                self.rows.last_mut().expect("just pushed")
            }
        };
        row.values.entry(who).or_default().push(value);
    }

    /// The table and how it came about.
    pub(super) fn markdown(&self, rounds: usize, quick: bool) -> String {
        let mut out = String::from("# The broker measured\n\n");
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let kernel = sh::capture("uname", &["-sr"]).unwrap_or_default();
        // The rest says whose build it is.
        let kernel = kernel.split('.').take(2).collect::<Vec<_>>().join(".");
        let _ = writeln!(
            out,
            "`cargo xtask bench broker`: Pumphouse (`serve`, all services) and Apache Kafka 4.3.1 (KRaft, one node, \
             its own scripts' settings) in turn, on one machine ({cores} cores, {kernel}) with the same clients, \
             topics of one partition and default configuration. Medians of {rounds} interleaved rounds{}.\n",
            if quick { " of a tenth of the records" } else { "" }
        );
        let tansu = self.rows.iter().any(|row| row.median(Who::Tansu).is_some());
        out.push_str("| measure | Pumphouse | Apache Kafka | ratio |");
        out.push_str(if tansu { " tansu (memory) | target |\n" } else { " target |\n" });
        out.push_str(if tansu { "|---|--:|--:|--:|--:|---|\n" } else { "|---|--:|--:|--:|---|\n" });
        for row in &self.rows {
            let cell = |who| row.median(who).map_or("–".to_owned(), figure);
            let ratio = row.ratio().map_or("–".to_owned(), times);
            let _ = write!(
                out,
                "| {}, {} | {} | {} | {ratio} |",
                row.name,
                row.unit,
                cell(Who::Pumphouse),
                cell(Who::Kafka)
            );
            if tansu {
                let _ = write!(out, " {} |", cell(Who::Tansu));
            }
            let _ = writeln!(out, " {} |", target(row));
        }
        out.push_str(HOW);
        out
    }
}

fn target(row: &Row) -> String {
    let wanted = match row.target {
        Target::RatioMin(min) => format!("≥ {min} × Kafka"),
        Target::RatioMax(max) => format!("≤ {max} × Kafka"),
        Target::Max(max) => format!("≤ {max}"),
        Target::None => return String::new(),
    };
    match row.is_met() {
        Some(true) => format!("{wanted}: met"),
        Some(false) => format!("{wanted}: missed"),
        None => wanted,
    }
}

/// Three significant digits, no more than two after the point.
pub(super) fn figure(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A ratio; what is next to nothing does not look like nothing.
pub(super) fn times(ratio: f64) -> String {
    if ratio < 0.005 { "< 0.01".to_owned() } else { format!("{ratio:.2}") }
}

const HOW: &str = "
How: *produce* and *consume (Java)* are `kafka-producer-perf-test` and `kafka-consumer-perf-test` (the rate while
it fetched) with their defaults; *rdkafka* is librdkafka's `rdkafka_performance` (1 KiB, acks=1). *CPU* is the
broker's utime + stime of `/proc/PID/stat` during the latter, by the gigabytes produced and fetched. *Latency* is
from `send` to `poll` in one process, librdkafka without linger, 100-byte records, acks=all; *fsync* the same on a
topic with `flush.messages=1`. *Disk alone* is a file written in 1 MiB pieces and synced; *synced* a file that as
many bytes are appended to every millisecond, each append until a sync covers it. Before each measurement deleted
topics are removed (both brokers are told not to wait a minute for that), everything is synced, and a file of 1.5 GiB
is written and removed, so that all find the page cache's memory alike. Memory is VmRSS and VmHWM of
`/proc/PID/status`. *First acknowledged record* is from spawning the process to the acknowledgement, seen by a
client that tries every half millisecond. MB are 10⁶ bytes, MiB and GiB powers of two.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_held_against_the_target() {
        let mut report = Report::default();
        for value in [3.0, 900.0, 2.0] {
            report.add("a", "ms", Target::RatioMax(0.5), Who::Pumphouse, value);
        }
        report.add("a", "ms", Target::RatioMax(0.5), Who::Kafka, 5.0);
        assert_eq!(report.rows[0].ratio(), Some(0.6));
        assert_eq!(report.rows[0].is_met(), Some(false));
        let text = report.markdown(3, false);
        assert!(text.contains("| a, ms | 3.00 | 5.00 | 0.60 | ≤ 0.5 × Kafka: missed |"), "{text}");
    }

    #[test]
    fn figures() {
        assert_eq!([1234.5, 45.678, 0.123].map(figure), ["1234", "45.7", "0.12"]);
        assert_eq!([1.634, 0.005, 0.002].map(times), ["1.63", "0.01", "< 0.01"]);
    }
}
