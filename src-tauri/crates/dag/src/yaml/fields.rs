//! Reading a map key by key: typed values, and an error for every key nobody asked for.

use std::{collections::HashSet, str::FromStr, time::Duration};

use jiff::{Timestamp, civil, tz::TimeZone};

use super::{
    DIAGNOSTICS_MAX, Diagnostic, Position,
    tree::{Content, Key, Node},
};
use crate::{period::Period, state::UnknownName, suggest::nearest};

/// Keys of Airflow with another name here.
const RENAMED: &[(&str, &str)] = &[
    ("schedule_interval", "schedule"),
    ("timetable", "schedule"),
    ("concurrency", "max_active_tasks"),
    ("task_concurrency", "max_active_tis_per_dag"),
    ("fail_stop", "fail_fast"),
    ("display_name", "dag_display_name"),
    ("display_name", "task_display_name"),
    ("dependencies", "upstream"),
    ("upstream_task_ids", "upstream"),
    ("downstream_task_ids", "downstream"),
    ("depends_on", "upstream"),
    ("sql_conn_id", "conn_id"),
    ("postgres_conn_id", "conn_id"),
    ("sqlite_conn_id", "conn_id"),
];

/// Keys of Airflow that do nothing here, so they are refused rather than ignored.
const UNSUPPORTED: &[&str] = &[
    "email",
    "email_on_failure",
    "email_on_retry",
    "on_success_callback",
    "on_failure_callback",
    "on_retry_callback",
    "on_execute_callback",
    "on_skipped_callback",
    "sla",
    "sla_miss_callback",
    "executor",
    "executor_config",
    "run_as_user",
    "resources",
    "inlets",
    "outlets",
    "access_control",
    "jinja_environment_kwargs",
    "user_defined_macros",
    "user_defined_filters",
    "template_searchpath",
    "expand",
    "partial",
    "map_index_template",
];

/// The entries of a map while they are read.
pub(super) struct Fields<'a> {
    /// For messages: `the DAG`, `task 'load'`.
    what: String,
    pub at: Position,
    entries: Vec<(&'a Key, &'a Node)>,
    asked: HashSet<&'static str>,
    taken: HashSet<&'a str>,
}

impl<'a> Fields<'a> {
    /// None, with an error, if the node is no map.
    pub(super) fn of(node: &'a Node, what: impl Into<String>, report: &mut Vec<Diagnostic>) -> Option<Self> {
        let what = what.into();
        match &node.content {
            Content::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key, value)).collect();
                Some(Self { what, at: node.at, entries, asked: HashSet::new(), taken: HashSet::new() })
            }
            _ => {
                let message = format!("{what} has to be a map of keys and values, not {}", node.describe());
                report.push(Diagnostic::new(node.at, message));
                None
            }
        }
    }

    /// Adds an entry unless the map has its key.
    pub(super) fn add_default(&mut self, key: &'a Key, value: &'a Node) {
        if !self.entries.iter().any(|(known, _)| known.text == key.text) {
            self.entries.push((key, value));
        }
    }

    /// The value as written, null included.
    pub(super) fn raw(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.insert(key);
        let (found, node) = *self.entries.iter().find(|(found, _)| found.text == key)?;
        self.taken.insert(&found.text);
        Some(node)
    }

    /// The value; null counts as left out.
    pub(super) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.raw(key).filter(|node| !node.is_null())
    }

    pub(super) fn required(
        &mut self,
        key: &'static str,
        expected: &str,
        report: &mut Vec<Diagnostic>,
    ) -> Option<&'a Node> {
        let found = self.node(key);
        if found.is_none() {
            report.push(Diagnostic::new(self.at, format!("{} needs '{key}': {expected}", self.what)));
        }
        found
    }

    /// Reports every key that was not asked for, with the one that was probably meant.
    pub(super) fn finish(self, report: &mut Vec<Diagnostic>) {
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.taken.contains(key.text.as_str())) {
            if report.len() >= DIAGNOSTICS_MAX {
                return;
            }
            let renamed = RENAMED.iter().find(|(old, new)| *old == key.text && self.asked.contains(new));
            let message = if let Some((_, new)) = renamed {
                format!("{} has no '{}': here it is called '{new}'", self.what, key.text)
            } else if UNSUPPORTED.contains(&key.text.as_str()) {
                format!("'{}' of Airflow is not supported: leave it out", key.text)
            } else {
                let known = self.asked.iter().copied();
                match nearest(&key.text, known) {
                    Some(near) => format!("{} has no '{}'; did you mean '{near}'?", self.what, key.text),
                    None => {
                        let mut known: Vec<&str> = self.asked.iter().copied().collect();
                        known.sort_unstable();
                        format!("{} has no '{}'; it knows {}", self.what, key.text, known.join(", "))
                    }
                }
            };
            report.push(Diagnostic::new(key.at, message));
        }
    }

    pub(super) fn text(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Option<String> {
        self.node(key).and_then(|node| text(key, node, report))
    }

    pub(super) fn boolean(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Option<bool> {
        self.node(key).and_then(|node| boolean(key, node, report))
    }

    /// A whole number from `least`.
    pub(super) fn count(
        &mut self,
        key: &'static str,
        least: u32,
        report: &mut Vec<Diagnostic>,
    ) -> Option<u32> {
        self.node(key).and_then(|node| {
            let found = match &node.content {
                Content::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
                _ => None,
            };
            let found = found.filter(|found| *found >= least);
            if found.is_none() {
                wrong(key, node, &format!("a whole number from {least}"), report);
            }
            found
        })
    }

    pub(super) fn duration(&mut self, key: &'static str, report: &mut Vec<Diagnostic>) -> Option<Duration> {
        self.node(key).and_then(|node| duration(key, node, report))
    }

    pub(super) fn time(
        &mut self,
        key: &'static str,
        zone: &TimeZone,
        report: &mut Vec<Diagnostic>,
    ) -> Option<Timestamp> {
        self.node(key).and_then(|node| time(key, node, zone, report))
    }

    /// A text or a list of texts, each with its position.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
        report: &mut Vec<Diagnostic>,
    ) -> Vec<(String, Position)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let items = match &node.content {
            Content::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        items.iter().filter_map(|item| Some((text(key, item, report)?, item.at))).collect()
    }

    /// One of an enum's names.
    pub(super) fn name<T: FromStr<Err = UnknownName>>(
        &mut self,
        key: &'static str,
        report: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        let node = self.node(key)?;
        let given = text(key, node, report)?;
        match given.parse() {
            Ok(found) => Some(found),
            Err(error) => {
                let meant = nearest(&given, error.known.iter().copied());
                let hint = meant.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
                report.push(Diagnostic::new(node.at, format!("{error}{hint}")));
                None
            }
        }
    }
}

/// Reports that a value is not what its key asks for.
pub(super) fn wrong(key: &str, node: &Node, expected: &str, report: &mut Vec<Diagnostic>) {
    report.push(Diagnostic::new(node.at, format!("'{key}' has to be {expected}, not {}", node.describe())));
}

pub(super) fn text(key: &str, node: &Node, report: &mut Vec<Diagnostic>) -> Option<String> {
    match &node.content {
        Content::Text(text) => return Some(text.clone()),
        Content::Number(_) | Content::Bool(_) => wrong(key, node, "text; put it in quotes", report),
        _ => wrong(key, node, "text", report),
    }
    None
}

pub(super) fn boolean(key: &str, node: &Node, report: &mut Vec<Diagnostic>) -> Option<bool> {
    match &node.content {
        Content::Bool(value) => return Some(*value),
        Content::Text(text) if matches!(text.to_ascii_lowercase().as_str(), "yes" | "on" | "y") => {
            wrong(key, node, "true or false (write true)", report);
        }
        Content::Text(text) if matches!(text.to_ascii_lowercase().as_str(), "no" | "off" | "n") => {
            wrong(key, node, "true or false (write false)", report);
        }
        _ => wrong(key, node, "true or false", report),
    }
    None
}

/// A span of time as a number of seconds, as text, or as timedelta's arguments.
pub(super) fn period(key: &str, node: &Node, report: &mut Vec<Diagnostic>) -> Option<Period> {
    const EXPECTED: &str = "a duration such as 30s, 5m, 1h30m, a number of seconds, or {minutes: 5}";
    let seconds = |seconds: f64| {
        Period { months: 0, duration: jiff::SignedDuration::try_from_secs_f64(seconds).ok()? }.into()
    };
    let found = match &node.content {
        Content::Number(number) => number.as_f64().and_then(seconds),
        Content::Text(text) => text.parse().ok(),
        Content::Map(_) => {
            let mut fields = Fields::of(node, format!("'{key}'"), report)?;
            let mut amount = |key: &'static str, report: &mut Vec<Diagnostic>| -> Option<f64> {
                let Some(node) = fields.node(key) else { return Some(0.0) };
                match &node.content {
                    Content::Number(number) => number.as_f64(),
                    _ => {
                        wrong(key, node, "a number", report);
                        None
                    }
                }
            };
            let mut total = 0.0;
            for (unit, seconds) in [
                ("weeks", 604_800.0),
                ("days", 86_400.0),
                ("hours", 3_600.0),
                ("minutes", 60.0),
                ("seconds", 1.0),
                ("milliseconds", 1e-3),
                ("microseconds", 1e-6),
            ] {
                total += amount(unit, report)? * seconds;
            }
            let months = amount("years", report)? * 12.0 + amount("months", report)?;
            fields.finish(report);
            let whole = months.fract() == 0.0 && months.abs() <= 120_000.0;
            seconds(total).filter(|_| whole).map(|period: Period| Period { months: months as i32, ..period })
        }
        _ => None,
    };
    if found.is_none() {
        wrong(key, node, EXPECTED, report);
    }
    found
}

/// A span of fixed length, not negative.
pub(super) fn duration(key: &str, node: &Node, report: &mut Vec<Diagnostic>) -> Option<Duration> {
    let period = period(key, node, report)?;
    let fixed = (period.months == 0).then(|| Duration::try_from(period.duration).ok()).flatten();
    if fixed.is_none() {
        wrong(key, node, "a duration of fixed length that is not negative", report);
    }
    fixed
}

/// A date or a time; without an offset it is meant in `zone`.
pub(super) fn time(
    key: &str,
    node: &Node,
    zone: &TimeZone,
    report: &mut Vec<Diagnostic>,
) -> Option<Timestamp> {
    const EXPECTED: &str = "a date or time such as 2026-01-31, 2026-01-31T06:30 or 2026-01-31T06:30:00+02:00";
    let found = match &node.content {
        Content::Text(text) => parse_time(text.trim(), zone),
        _ => None,
    };
    if found.is_none() {
        wrong(key, node, EXPECTED, report);
    }
    found
}

fn parse_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(zoned) = text.parse::<jiff::Zoned>() {
        return Some(zoned.timestamp());
    }
    let wall = match text.parse::<civil::DateTime>() {
        Ok(wall) => wall,
        Err(_) => text.parse::<civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    zone.to_timestamp(wall).ok()
}
