//! Schedules against Airflow's answers.

use dag::{
    Dag, Schedule,
    period::Period,
    schedule::{CronSchedule, DeltaSchedule, RunImmediately, Style},
    timetable::{DataInterval, manual_interval, next_run},
    validate::check_schedule,
};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use serde_json::Value;

use crate::oracle;

fn time(value: &Value) -> Timestamp {
    let text = value.as_str().expect("a time");
    text.parse().unwrap_or_else(|_| {
        let wall: civil::DateTime = text.parse().expect("a UTC wall clock");
        wall.to_zoned(TimeZone::UTC).expect("in range").timestamp()
    })
}

fn optional_time(value: &Value) -> Option<Timestamp> {
    (!value.is_null()).then(|| time(value))
}

fn trigger(interval: &str) -> Style {
    Style::Trigger { interval: interval.parse().expect("a period") }
}

fn cron(text: &str, style: Style) -> Result<CronSchedule, String> {
    let crons = vec![text.parse().map_err(|error: dag::cron::CronError| error.to_string())?];
    Ok(CronSchedule { crons, timezone: None, style, run_immediately: RunImmediately::Grace })
}

/// The timetables written as Python in the cases.
fn timetable(text: &str) -> Result<Schedule, String> {
    let (class, arguments) = text.split_once('(').expect("a call");
    let quoted: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    let zone = || {
        text.split("timezone=\"")
            .nth(1)
            .map(|rest| TimeZone::get(rest.split('"').next().expect("a name")).expect("a zone"))
    };
    let with_interval = |argument: &str| match arguments.split(argument).nth(1) {
        Some(rest) if rest.starts_with("timedelta(days=1)") => trigger("24h"),
        Some(rest) if rest.starts_with("timedelta(hours=2)") => trigger("2h"),
        Some(rest) => panic!("unknown interval {rest}"),
        None => Style::default(),
    };
    Ok(match class {
        "CronDataIntervalTimetable" => {
            Schedule::Cron(CronSchedule { timezone: zone(), ..cron(quoted[0], Style::Interval)? })
        }
        "CronTriggerTimetable" => Schedule::Cron(CronSchedule {
            timezone: zone(),
            run_immediately: match arguments.split("run_immediately=").nth(1) {
                None => RunImmediately::Grace,
                Some("True)") => RunImmediately::Always,
                Some("timedelta(hours=2))") => RunImmediately::Within(7_200),
                Some(other) => panic!("unknown run_immediately {other}"),
            },
            ..cron(quoted[0], with_interval(", interval="))?
        }),
        "MultipleCronTriggerTimetable" => {
            let mut both = cron(quoted[0], Style::default())?;
            both.crons.push(quoted[1].parse().expect("a cron"));
            Schedule::Cron(CronSchedule { timezone: zone(), ..both })
        }
        "DeltaDataIntervalTimetable" | "DeltaTriggerTimetable" => {
            let delta = if arguments.starts_with("relativedelta(months=1)") { "1mo" } else { "6h" };
            let style =
                if class == "DeltaTriggerTimetable" { with_interval(", interval=") } else { Style::Interval };
            Schedule::Delta(DeltaSchedule { delta: delta.parse().expect("a period"), style })
        }
        "EventsTimetable" => Schedule::Events {
            dates: ["2024-01-03T00Z", "2024-01-09T12Z", "2024-01-12T00Z", "2024-01-12T00Z", "2024-02-01T00Z"]
                .map(|date| date.parse().expect("a date"))
                .to_vec(),
        },
        other => panic!("unknown timetable {other}"),
    })
}

fn schedule(case: &Value) -> Result<Schedule, String> {
    let intervals = case["config"]["create_cron_data_intervals"] == Value::Bool(true);
    let style = || if intervals { Style::Interval } else { Style::default() };
    match (&case["schedule"], case["schedule_kind"].as_str()) {
        (Value::Null, _) => Ok(Schedule::None),
        (Value::Object(delta), _) => {
            let seconds = delta["timedelta_seconds"].as_f64().expect("seconds");
            let delta = Period { months: 0, duration: SignedDuration::from_secs_f64(seconds) };
            Ok(Schedule::Delta(DeltaSchedule { delta, style: style() }))
        }
        (Value::String(text), Some("timetable")) => timetable(text),
        (Value::String(text), _) => {
            let parsed: Schedule =
                text.parse().map_err(|error: dag::schedule::ScheduleError| error.to_string())?;
            Ok(match parsed {
                Schedule::Cron(cron) => Schedule::Cron(CronSchedule { style: style(), ..cron }),
                other => other,
            })
        }
        (other, _) => panic!("unknown schedule {other}"),
    }
}

/// Walks the case as its file describes the procedure; returns what differs.
fn walk(case: &Value) -> Result<(), String> {
    let mut dag = Dag::new("x");
    dag.schedule = schedule(case)?;
    dag.start_date = optional_time(&case["start_date"]);
    dag.end_date = optional_time(&case["end_date"]);
    dag.catchup = case["catchup"].as_bool().expect("a flag");
    let zone = case["dag_timezone"].as_str().or(case["timezone"].as_str()).expect("a zone");
    dag.timezone = TimeZone::get(zone).expect("a known zone");
    if dag.schedule == Schedule::Continuous {
        dag.max_active_runs = 1;
    }
    let start = time(&case["now"]);
    let mut now = start;
    check_schedule(&dag, now).map_err(|error| error.to_string())?;

    let mut last: Option<DataInterval> = None;
    let runs = case["runs"].as_array().expect("runs");
    for (at, expected) in runs.iter().enumerate() {
        let computed_at = time(&expected["computed_at"]);
        if computed_at != now {
            // A jump, or a continuous run's end: the file says when.
            assert!(computed_at > now, "{case}");
            now = computed_at;
        }
        let run = next_run(&dag, last, now).map_err(|error| error.to_string())?;
        let run = run.ok_or_else(|| format!("run {at}: none, expected {expected}"))?;
        let wanted = DataInterval {
            start: time(&expected["data_interval"][0]),
            end: time(&expected["data_interval"][1]),
        };
        let same = run.logical_date == time(&expected["logical_date"])
            && run.data_interval == wanted
            && run.run_after == time(&expected["run_after"])
            && expected["due_at_now"] == Value::Bool(run.run_after <= start);
        if !same {
            return Err(format!("run {at} at {now}: {run:?}, expected {expected}"));
        }
        last = Some(run.data_interval);
        now = now.max(run.run_after);
    }
    if let Some(ends_after) = case["ends_after"].as_u64() {
        assert_eq!(ends_after, runs.len() as u64, "{case}");
        let more = next_run(&dag, last, now).map_err(|error| error.to_string())?;
        if let Some(run) = more {
            return Err(format!("a run beyond the last: {run:?}"));
        }
    }
    if let Some(manual) = case.get("manual_data_interval_at_now").filter(|manual| !manual.is_null()) {
        let found = manual_interval(&dag, time(&case["now"])).map_err(|error| error.to_string())?;
        let wanted = DataInterval { start: time(&manual[0]), end: time(&manual[1]) };
        if found != wanted {
            return Err(format!("manual interval {found:?}, expected {wanted:?}"));
        }
    }
    Ok(())
}

#[test]
fn every_case() {
    let oracle = oracle("schedule.json");
    let cases = oracle["cases"].as_array().expect("a list of cases");
    assert_eq!(cases.len(), 200);
    let mut wrong = Vec::new();
    for case in cases {
        let id = case["id"].as_str().expect("an id");
        // A class of the Python package, not a schedule: it fails to serialize there.
        if id.starts_with("tt-SdkEvents") {
            continue;
        }
        match (walk(case), case["error"].is_null()) {
            (Ok(()), true) | (Err(_), false) => {}
            (Ok(()), false) => wrong.push(format!("{id}: taken, Airflow says {}", case["error"]["message"])),
            (Err(error), true) => wrong.push(format!("{id}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
