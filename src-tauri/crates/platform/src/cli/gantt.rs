//! A run drawn as a Gantt chart: one bar a task, in Airflow's state colours.

use std::path::Path;

use dag::TaskState;
use jiff::Timestamp;
use orchestrator::RunOutcome;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::CliError;

const WIDTH_PX: u32 = 1_000;
const ROW_PX: u32 = 28;
const HEADER_PX: u32 = 56;
const FOOTER_PX: u32 = 36;
/// Room for task ids on the left and durations on the right.
const LABEL_PX: i32 = 220;
const DURATION_PX: i32 = 90;

struct Bar {
    label: String,
    state: TaskState,
    /// Seconds since the run began; none: it never started.
    span: Option<(f64, f64)>,
}

/// Writes the picture of a finished run as SVG.
pub(crate) fn write(outcome: &RunOutcome, path: &Path) -> Result<(), CliError> {
    let bars = bars(outcome);
    let height = HEADER_PX + FOOTER_PX + ROW_PX * u32::try_from(bars.len()).unwrap_or(u32::MAX / ROW_PX / 2);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH_PX, height)).into_drawing_area();
        let title = format!("{}  {}  {}", outcome.run.key.dag_id, outcome.run.key.run_id, outcome.run.state);
        draw(&area, &title, &bars)
            .map_err(|error| CliError::Input(format!("the chart can't be drawn: {error}")))?;
    }
    std::fs::write(path, svg).map_err(|source| CliError::Write { path: path.display().to_string(), source })
}

fn bars(outcome: &RunOutcome) -> Vec<Bar> {
    let begin = outcome.run.started_at.unwrap_or(outcome.run.run_after);
    let seconds = |at: Timestamp| (at.as_millisecond() - begin.as_millisecond()).max(0) as f64 / 1_000.0;
    let mut bars: Vec<Bar> = outcome
        .tasks
        .iter()
        .map(|task| Bar {
            label: task.instance.key.task_id.clone(),
            state: task.instance.state,
            span: task
                .instance
                .started_at
                .map(|from| (seconds(from), task.instance.ended_at.map_or_else(|| seconds(from), seconds))),
        })
        .collect();
    let start = |bar: &Bar| bar.span.map_or(f64::INFINITY, |(from, _)| from);
    bars.sort_by(|a, b| start(a).total_cmp(&start(b)));
    bars
}

fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    title: &str,
    bars: &[Bar],
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let (ink, pale) = (RGBColor(31, 41, 51), RGBColor(203, 210, 217));
    let text = |px: i32, h, v| TextStyle::from(("sans-serif", px)).color(&ink).pos(Pos::new(h, v));
    let total = bars.iter().filter_map(|bar| bar.span).map(|(_, to)| to).fold(0.001, f64::max);
    let width = (WIDTH_PX as i32 - LABEL_PX - DURATION_PX) as f64;
    let x = |at: f64| LABEL_PX + (at / total * width) as i32;
    let row = |index: usize| (HEADER_PX + ROW_PX * index as u32) as i32;
    let bottom = row(bars.len());

    area.fill(&WHITE)?;
    area.draw_text(title, &text(15, HPos::Left, VPos::Center), (16, 24))?;
    for step in 0..=4 {
        let at = total * f64::from(step) / 4.0;
        area.draw(&PathElement::new(vec![(x(at), HEADER_PX as i32 - 8), (x(at), bottom)], pale))?;
        area.draw_text(&format!("{at:.2} s"), &text(11, HPos::Center, VPos::Top), (x(at), bottom + 8))?;
    }
    for (index, bar) in bars.iter().enumerate() {
        let (top, middle) = (row(index) + 4, row(index) + ROW_PX as i32 / 2);
        area.draw_text(&bar.label, &text(12, HPos::Right, VPos::Center), (LABEL_PX - 12, middle))?;
        let Some((from, to)) = bar.span else {
            area.draw_text(bar.state.as_str(), &text(11, HPos::Left, VPos::Center), (LABEL_PX + 6, middle))?;
            continue;
        };
        let (left, right) = (x(from), x(to).max(x(from) + 2));
        let corners = [(left, top), (right, top + ROW_PX as i32 - 8)];
        area.draw(&Rectangle::new(corners, colour(bar.state).filled()))?;
        let said = format!("{:.2} s {}", to - from, bar.state);
        area.draw_text(&said, &text(11, HPos::Left, VPos::Center), (right + 6, middle))?;
    }
    area.present()
}

/// Airflow's own colours.
fn colour(state: TaskState) -> RGBColor {
    match state {
        TaskState::Success => RGBColor(0, 128, 0),
        TaskState::Running => RGBColor(0, 255, 0),
        TaskState::Failed => RGBColor(255, 0, 0),
        TaskState::UpForRetry => RGBColor(255, 215, 0),
        TaskState::UpForReschedule => RGBColor(64, 224, 208),
        TaskState::Skipped => RGBColor(255, 105, 180),
        TaskState::UpstreamFailed => RGBColor(255, 165, 0),
        TaskState::Deferred | TaskState::AwaitingInput => RGBColor(147, 112, 219),
        TaskState::Scheduled => RGBColor(210, 180, 140),
        TaskState::Restarting => RGBColor(238, 130, 238),
        TaskState::None | TaskState::Queued | TaskState::Removed => RGBColor(128, 128, 128),
    }
}
