import { describe, expect, it } from "vitest";
import type { DagRow, RunRow, RunState } from "@/gen/api";
import { allTags, type DagFilter, filterDags } from "./filter";

const run = (state: RunState): RunRow => ({
  dag_id: "d",
  run_id: state,
  run_type: "manual",
  state,
  logical_date_ms: null,
  data_interval_start_ms: null,
  data_interval_end_ms: null,
  queued_at_ms: null,
  started_at_ms: null,
  ended_at_ms: null,
  conf: null,
});

const dag = (dag_id: string, states: RunState[], more: Partial<DagRow> = {}): DagRow => ({
  dag_id,
  description: null,
  schedule: null,
  paused: false,
  tags: [],
  owner: null,
  tasks: 1,
  file: `${dag_id}.yaml`,
  next_run_ms: null,
  last_runs: states.map(run),
  ...more,
});

const dags = [
  dag("alpha", ["failed", "success"], { tags: ["b", "a"], description: "Loads the flights" }),
  dag("beta", ["success", "failed"], { owner: "team-x" }),
  dag("gamma", ["running"], { tags: ["a"] }),
  dag("delta", [], { paused: true }),
];

const check = (filter: DagFilter, expected: string) =>
  expect(
    filterDags(dags, filter)
      .map((one) => one.dag_id)
      .join(" "),
  ).toBe(expected);

describe("filterDags", () => {
  it("by state: the newest run decides what failed", () => {
    check({}, "alpha beta gamma delta");
    check({ show: "failed" }, "beta");
    check({ show: "running" }, "gamma");
    check({ show: "paused" }, "delta");
    check({ show: "active" }, "alpha beta gamma");
  });

  it("by tag and by words anywhere", () => {
    check({ tag: "a" }, "alpha gamma");
    check({ text: "LOADS fli" }, "alpha");
    check({ text: "team-x" }, "beta");
    check({ text: "a nothing" }, "");
    expect(allTags(dags)).toEqual(["a", "b"]);
  });
});
