//! What a DAG must be beside well written.

use jiff::Timestamp;

use crate::{
    model::Dag,
    schedule::Schedule,
    timetable::{TimetableError, next_run},
};

/// Why a DAG cannot be scheduled as it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleProblem {
    #[error("catchup needs a start_date: from when on should missed runs be made up for?")]
    CatchupWithoutStart,
    #[error("@continuous needs max_active_runs 1, not {0}: a run follows on the one before")]
    ContinuousRuns(u32),
    #[error(transparent)]
    Timetable(#[from] TimetableError),
}

/// Whether the schedule fits the DAG and comes to a run at all.
///
/// `now` only matters for schedules whose dates end.
pub fn check_schedule(dag: &Dag, now: Timestamp) -> Result<(), ScheduleProblem> {
    if dag.catchup && dag.start_date.is_none() && !matches!(dag.schedule, Schedule::None) {
        return Err(ScheduleProblem::CatchupWithoutStart);
    }
    if dag.schedule == Schedule::Continuous && dag.max_active_runs > 1 {
        return Err(ScheduleProblem::ContinuousRuns(dag.max_active_runs));
    }
    next_run(dag, None, now)?;
    Ok(())
}
