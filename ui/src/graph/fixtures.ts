/** DAGs for the tests of this folder. */

import type { DagEdge, DagTask, TaskInstanceRow, TaskState } from "../gen/api";

export const task = (id: string, groups: string[] = []): DagTask => ({
  task_id: id,
  label: id,
  operator: "BashOperator",
  groups,
  trigger_rule: "all_success",
  retries: 0,
  doc_md: null,
  summary: "true",
});

/** `"a > b"`, or `"a > b : label"`. */
export const edge = (text: string): DagEdge => {
  const [ends = "", label] = text.split(" : ");
  const [upstream = "", downstream = ""] = ends.split(" > ");
  return { upstream, downstream, label: label ?? null };
};

export const instance = (
  task_id: string,
  state: TaskState,
  more: Partial<TaskInstanceRow> = {},
): TaskInstanceRow => ({
  task_id,
  map_index: -1,
  state,
  try_number: 1,
  max_tries: 0,
  operator: "BashOperator",
  queued_at_ms: null,
  started_at_ms: null,
  ended_at_ms: null,
  note: null,
  ...more,
});

export const branching = {
  tasks: [
    task("start"),
    task("load.one", ["load"]),
    task("load.two", ["load"]),
    task("load.check.rows", ["load", "load.check"]),
    task("end"),
  ],
  edges: [
    edge("start > load.one : small"),
    edge("start > load.two : large"),
    edge("load.one > load.check.rows"),
    edge("load.two > load.check.rows"),
    edge("load.check.rows > end"),
  ],
};
