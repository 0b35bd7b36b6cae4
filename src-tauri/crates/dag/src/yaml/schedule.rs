//! `schedule`: a cron, a preset, a duration, a timetable, or nothing.

use jiff::tz::TimeZone;

use super::{
    Diagnostic,
    dag::read_zone,
    fields::{self, Fields, wrong},
    tree::{Content, Node},
};
use crate::{
    cron::Cron,
    period::Period,
    schedule::{CronSchedule, DeltaSchedule, RunImmediately, Schedule, Style},
    suggest::nearest,
};

const TIMETABLES: [&str; 6] = [
    "CronTriggerTimetable",
    "MultipleCronTriggerTimetable",
    "CronDataIntervalTimetable",
    "DeltaTriggerTimetable",
    "DeltaDataIntervalTimetable",
    "EventsTimetable",
];

const EXPECTED: &str = "a cron expression in quotes, a preset such as @daily, a duration such as 5m or {hours: 2}, a timetable, or null";

pub(super) fn read(node: &Node, zone: &TimeZone, report: &mut Vec<Diagnostic>) -> Option<Schedule> {
    match &node.content {
        Content::Null => Some(Schedule::None),
        Content::Text(text) => match text.parse::<Period>() {
            Ok(period) => delta(period, node, report).map(Schedule::delta),
            Err(_) => text
                .parse()
                .map_err(|error: crate::schedule::ScheduleError| {
                    report.push(Diagnostic::new(node.at, error.to_string()));
                })
                .ok(),
        },
        Content::Number(_) => fields::period("schedule", node, report)
            .and_then(|period| delta(period, node, report))
            .map(Schedule::delta),
        Content::Map(entries) if entries.iter().any(|(key, _)| key.text == "timetable") => {
            timetable(node, zone, report)
        }
        Content::Map(_) => fields::period("schedule", node, report)
            .and_then(|period| delta(period, node, report))
            .map(Schedule::delta),
        Content::List(_) => {
            wrong("schedule", node, &format!("{EXPECTED} (assets are not supported)"), report);
            None
        }
        Content::Bool(_) => {
            wrong("schedule", node, EXPECTED, report);
            None
        }
    }
}

/// Runs more often than every second are a mistake.
fn delta(period: Period, node: &Node, report: &mut Vec<Diagnostic>) -> Option<Period> {
    if period.is_positive() && (period.months > 0 || period.as_seconds() >= 1.0) {
        return Some(period);
    }
    report.push(Diagnostic::new(node.at, format!("the schedule has to be at least a second, not {period}")));
    None
}

fn timetable(node: &Node, zone: &TimeZone, report: &mut Vec<Diagnostic>) -> Option<Schedule> {
    let mut fields = Fields::of(node, "the timetable", report)?;
    let name_node = fields.required("timetable", "the name of a timetable", report)?;
    let name = fields::text("timetable", name_node, report)?;
    let schedule = match name.as_str() {
        "CronTriggerTimetable" | "MultipleCronTriggerTimetable" => crons(&mut fields, report).map(|crons| {
            Schedule::Cron(CronSchedule {
                crons,
                timezone: fields.node("timezone").and_then(|node| read_zone(node, report)),
                style: trigger(&mut fields, report),
                run_immediately: run_immediately(&mut fields, report),
            })
        }),
        "CronDataIntervalTimetable" => crons(&mut fields, report).map(|crons| {
            Schedule::Cron(CronSchedule {
                crons,
                timezone: fields.node("timezone").and_then(|node| read_zone(node, report)),
                style: Style::Interval,
                run_immediately: RunImmediately::Grace,
            })
        }),
        "DeltaTriggerTimetable" | "DeltaDataIntervalTimetable" => {
            let node = fields.required("delta", "the time from run to run", report);
            let found = node.and_then(|node| {
                let period = fields::period("delta", node, report)?;
                delta(period, node, report)
            });
            let style =
                if name == "DeltaTriggerTimetable" { trigger(&mut fields, report) } else { Style::Interval };
            found.map(|delta| Schedule::Delta(DeltaSchedule { delta, style }))
        }
        "EventsTimetable" => {
            let node = fields.required("event_dates", "a list of dates", report);
            node.and_then(|node| {
                let Content::List(items) = &node.content else {
                    wrong("event_dates", node, "a list of dates", report);
                    return None;
                };
                let mut dates: Vec<_> =
                    items.iter().filter_map(|item| fields::time("event_dates", item, zone, report)).collect();
                dates.sort();
                Some(Schedule::Events { dates })
            })
        }
        other => {
            let hint = nearest(other, TIMETABLES).map_or_else(
                || format!("; known are {}", TIMETABLES.join(", ")),
                |near| format!("; did you mean '{near}'?"),
            );
            report.push(Diagnostic::new(name_node.at, format!("there is no timetable '{other}'{hint}")));
            return None;
        }
    };
    if schedule.is_some() {
        fields.finish(report);
    }
    schedule
}

fn crons(fields: &mut Fields<'_>, report: &mut Vec<Diagnostic>) -> Option<Vec<Cron>> {
    let at = fields.required("cron", "a cron expression or a list of them", report)?.at;
    let mut crons = Vec::new();
    for (text, at) in fields.texts("cron", report) {
        match text.parse() {
            Ok(cron) => crons.push(cron),
            Err(error) => report.push(Diagnostic::new(at, format!("{error}"))),
        }
    }
    if crons.is_empty() && report.is_empty() {
        report.push(Diagnostic::new(at, "the timetable needs at least one cron expression"));
    }
    (!crons.is_empty()).then_some(crons)
}

fn trigger(fields: &mut Fields<'_>, report: &mut Vec<Diagnostic>) -> Style {
    let interval = fields.node("interval").and_then(|node| fields::period("interval", node, report));
    Style::Trigger { interval: interval.unwrap_or_default() }
}

fn run_immediately(fields: &mut Fields<'_>, report: &mut Vec<Diagnostic>) -> RunImmediately {
    match fields.node("run_immediately") {
        None => RunImmediately::Grace,
        Some(node) => match &node.content {
            Content::Bool(true) => RunImmediately::Always,
            Content::Bool(false) => RunImmediately::Grace,
            _ => fields::duration("run_immediately", node, report).map_or(RunImmediately::Grace, |within| {
                RunImmediately::Within(i64::try_from(within.as_secs()).unwrap_or(i64::MAX))
            }),
        },
    }
}
