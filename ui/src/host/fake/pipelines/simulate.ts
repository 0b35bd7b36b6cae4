/**
 * A run of a fake DAG as a function of time: the same run at the same moment
 * always looks the same, so the window can be watched and tests can be exact.
 */
import type { RunRow, RunState, TaskInstanceRow, TaskState } from "@/gen/api";
import { topological } from "@/graph/navigate";
import type { FakeDag, FakeOutcome, FakeTask } from "./dags";

export interface FakeRun {
  dag: FakeDag;
  runId: string;
  type: RunRow["run_type"];
  /** Runs since; 0 is the newest. */
  age: number;
  startMs: number;
  logicalMs: number | null;
  conf: string | null;
  /** When someone stopped it. */
  stoppedMs: number | null;
  /** When each task was last cleared; then it succeeds. */
  clearedMs: ReadonlyMap<string, number>;
}

const QUEUE_MS = 350;
const RETRY_MS = 2_000;

interface Fate {
  state: TaskState;
  queuedMs: number | null;
  startMs: number | null;
  endMs: number | null;
  tryNumber: number;
  note: string | null;
  /** When its downstream may look at it. */
  settledMs: number;
}

export function simulate(run: FakeRun, nowMs: number): { run: RunRow; tasks: TaskInstanceRow[] } {
  const { dag } = run;
  const byId = new Map(dag.tasks.map((task) => [task.task_id, task]));
  const order = topological([...byId.keys()], dag.edges);
  const fates = new Map<string, Fate>();
  for (const id of order) {
    const task = byId.get(id);
    if (task === undefined) continue;
    const upstream = dag.edges
      .filter((edge) => edge.downstream === id)
      .flatMap((edge) => fates.get(edge.upstream) ?? []);
    fates.set(id, fateOf(run, task, upstream));
  }
  const endedMs = Math.max(run.startMs, ...[...fates.values()].map((fate) => fate.settledMs));
  const state = runState(run, fates, endedMs, nowMs);
  const row: RunRow = {
    dag_id: dag.id,
    run_id: run.runId,
    run_type: run.type,
    state,
    logical_date_ms: run.logicalMs,
    data_interval_start_ms: run.logicalMs,
    data_interval_end_ms: run.logicalMs === null ? null : run.logicalMs + (dag.everyS ?? 0) * 1_000,
    queued_at_ms: run.startMs - 120,
    started_at_ms: nowMs < run.startMs ? null : run.startMs,
    ended_at_ms: state === "success" || state === "failed" ? (run.stoppedMs ?? endedMs) : null,
    conf: run.conf,
  };
  const tasks = dag.tasks.map((task) => instanceAt(run, task, fates.get(task.task_id), nowMs));
  return { run: row, tasks };
}

function runState(
  run: FakeRun,
  fates: Map<string, Fate>,
  endedMs: number,
  nowMs: number,
): RunState {
  if (nowMs < run.startMs) return "queued";
  if (run.stoppedMs !== null && run.stoppedMs <= Math.min(nowMs, endedMs)) return "failed";
  if (nowMs < endedMs) return "running";
  const sources = new Set(run.dag.edges.map((edge) => edge.upstream));
  const leaves = [...fates].filter(([id]) => !sources.has(id)).map(([, fate]) => fate.state);
  return leaves.some((s) => s === "failed" || s === "upstream_failed") ? "failed" : "success";
}

function fateOf(run: FakeRun, task: FakeTask, upstream: readonly Fate[]): Fate {
  const cleared = run.clearedMs.get(task.task_id) ?? 0;
  const ready = Math.max(run.startMs, cleared, ...upstream.map((fate) => fate.settledMs));
  const verdict = ruleVerdict(
    task.trigger_rule,
    upstream.map((fate) => fate.state),
  );
  if (verdict !== "run") {
    const culprit = verdict === "skipped" ? "its upstream was skipped" : "an upstream task failed";
    return {
      state: verdict,
      queuedMs: null,
      startMs: null,
      endMs: ready,
      tryNumber: 0,
      note: `Not run: ${culprit}`,
      settledMs: ready,
    };
  }
  const outcome: FakeOutcome = cleared > 0 ? "success" : (task.ends?.(run.age) ?? "success");
  if (outcome === "skipped") {
    return {
      state: "skipped",
      queuedMs: null,
      startMs: null,
      endMs: ready,
      tryNumber: 0,
      note: "Not chosen by decide",
      settledMs: ready,
    };
  }
  const tries = outcome === "failed" ? task.retries + 1 : 1;
  const before = (tries - 1) * (task.seconds * 1_000 + RETRY_MS);
  const startMs = ready + QUEUE_MS + before;
  const endMs = startMs + task.seconds * 1_000 * (1 + ((run.age * 7) % 5) / 12);
  return {
    state: outcome,
    queuedMs: startMs - QUEUE_MS,
    startMs,
    endMs,
    tryNumber: tries + (cleared > 0 ? 1 : 0),
    note: outcome === "failed" ? "Exit code 1: see the log" : null,
    settledMs: endMs,
  };
}

function ruleVerdict(
  rule: string,
  states: readonly TaskState[],
): "run" | "skipped" | "upstream_failed" {
  if (states.length === 0) return "run";
  const bad = states.some((s) => s === "failed" || s === "upstream_failed");
  const skipped = states.some((s) => s === "skipped");
  switch (rule) {
    case "all_done":
    case "always":
      return "run";
    case "one_failed":
      return bad ? "run" : "skipped";
    case "none_failed_min_one_success":
      return bad ? "upstream_failed" : states.includes("success") ? "run" : "skipped";
    default:
      // The fake's only join of a branch wants what Airflow's `one_success` gives.
      if (bad) return "upstream_failed";
      return skipped && !states.includes("success") ? "skipped" : "run";
  }
}

function instanceAt(
  run: FakeRun,
  task: FakeTask,
  fate: Fate | undefined,
  nowMs: number,
): TaskInstanceRow {
  const row: TaskInstanceRow = {
    task_id: task.task_id,
    map_index: -1,
    state: "none",
    try_number: 0,
    max_tries: task.retries,
    operator: task.operator,
    queued_at_ms: null,
    started_at_ms: null,
    ended_at_ms: null,
    note: null,
  };
  if (fate === undefined) return row;
  const stopped =
    run.stoppedMs !== null && run.stoppedMs < fate.settledMs && run.stoppedMs <= nowMs;
  if (stopped) {
    const began = fate.startMs !== null && fate.startMs <= (run.stoppedMs ?? 0);
    return began
      ? {
          ...row,
          state: "failed",
          try_number: fate.tryNumber,
          queued_at_ms: fate.queuedMs,
          started_at_ms: fate.startMs,
          ended_at_ms: run.stoppedMs,
          note: "The run was stopped",
        }
      : { ...row, state: "skipped", ended_at_ms: run.stoppedMs, note: "The run was stopped" };
  }
  if (nowMs >= fate.settledMs) {
    return {
      ...row,
      state: fate.state,
      try_number: fate.tryNumber,
      queued_at_ms: fate.queuedMs,
      started_at_ms: fate.startMs,
      ended_at_ms: fate.endMs,
      note: fate.note,
    };
  }
  if (fate.startMs !== null && nowMs >= fate.startMs) {
    return {
      ...row,
      state: "running",
      try_number: fate.tryNumber,
      queued_at_ms: fate.queuedMs,
      started_at_ms: fate.startMs,
    };
  }
  if (fate.queuedMs !== null && nowMs >= fate.queuedMs) {
    return {
      ...row,
      state: "queued",
      try_number: fate.tryNumber,
      queued_at_ms: fate.queuedMs,
      note: "Waits for a free slot: 0 of 32 in use",
    };
  }
  return { ...row, note: "Waits for its upstream tasks" };
}
