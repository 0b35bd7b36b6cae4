/** A run on a time axis: when each task waited and when it worked. */

import type { DagEdge, RunRow, TaskInstanceRow } from "@/gen/api";
import { topological } from "@/graph/navigate";

export type GanttBar = { fromMs: number; toMs: number };

export type GanttRow = {
  instance: TaskInstanceRow;
  /** Queued and not yet started. */
  waiting: GanttBar | null;
  working: GanttBar | null;
};

export type Gantt = {
  startMs: number;
  endMs: number;
  rows: GanttRow[];
  ticksMs: number[];
};

/** Rows in the order work began; what has not begun follows in the DAG's order. */
export function gantt(
  run: RunRow,
  instances: readonly TaskInstanceRow[],
  edges: readonly DagEdge[],
  nowMs: number,
  ticksMax = TICKS_MAX,
): Gantt {
  const order = topological([...new Set(instances.map((i) => i.task_id))], edges);
  const place = new Map(order.map((id, at) => [id, at]));
  const rows = instances
    .map((instance) => toRow(instance, nowMs))
    .sort(
      (a, b) =>
        begin(a) - begin(b) ||
        (place.get(a.instance.task_id) ?? 0) - (place.get(b.instance.task_id) ?? 0) ||
        a.instance.map_index - b.instance.map_index,
    );
  const marks = rows
    .flatMap((row) => [row.waiting, row.working])
    .flatMap((bar) => (bar === null ? [] : [bar.fromMs, bar.toMs]));
  const startMs = Math.min(run.started_at_ms ?? run.queued_at_ms ?? nowMs, ...marks);
  const endMs = Math.max(
    run.ended_at_ms ?? (run.started_at_ms === null ? startMs : nowMs),
    ...marks,
    startMs + 1,
  );
  return { startMs, endMs, rows, ticksMs: ticks(endMs - startMs, ticksMax) };
}

const begin = (row: GanttRow): number =>
  row.waiting?.fromMs ?? row.working?.fromMs ?? Number.MAX_SAFE_INTEGER;

function toRow(instance: TaskInstanceRow, nowMs: number): GanttRow {
  const { queued_at_ms: queued, started_at_ms: started, ended_at_ms: ended } = instance;
  const waits = instance.state === "queued" || instance.state === "scheduled";
  const waiting =
    queued !== null && started !== null && started > queued
      ? { fromMs: queued, toMs: started }
      : queued !== null && started === null && waits
        ? { fromMs: queued, toMs: Math.max(queued, nowMs) }
        : null;
  const working =
    started === null ? null : { fromMs: started, toMs: Math.max(started, ended ?? nowMs) };
  return { instance, waiting, working };
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000,
  86_400_000,
];
const TICKS_MAX = 8;

/** Milliseconds after the start, at round distances, about so many at most. */
export function ticks(spanMs: number, ticksMax = TICKS_MAX): number[] {
  const step =
    STEPS_MS.find((candidate) => spanMs / candidate <= ticksMax) ??
    Math.ceil(spanMs / ticksMax / 86_400_000) * 86_400_000;
  const marks: number[] = [];
  for (let at = 0; at <= spanMs; at += step) marks.push(at);
  return marks;
}
