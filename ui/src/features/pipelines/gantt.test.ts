import { describe, expect, it } from "vitest";
import type { RunRow } from "@/gen/api";
import { edge, instance } from "@/graph/fixtures";
import { gantt, ticks } from "./gantt";

const run: RunRow = {
  dag_id: "d",
  run_id: "r",
  run_type: "manual",
  state: "running",
  logical_date_ms: null,
  data_interval_start_ms: null,
  data_interval_end_ms: null,
  queued_at_ms: 900,
  started_at_ms: 1_000,
  ended_at_ms: null,
  conf: null,
};

describe("gantt", () => {
  it("shows waiting and working, by when it began", () => {
    const chart = gantt(
      run,
      [
        instance("c", "none"),
        instance("b", "running", { queued_at_ms: 2_000, started_at_ms: 2_500 }),
        instance("a", "success", { queued_at_ms: 1_000, started_at_ms: 1_100, ended_at_ms: 2_000 }),
        instance("d", "queued", { queued_at_ms: 2_900 }),
      ],
      [edge("a > b"), edge("b > c")],
      4_000,
    );
    expect(chart.rows.map((r) => [r.instance.task_id, r.waiting, r.working])).toEqual([
      ["a", { fromMs: 1_000, toMs: 1_100 }, { fromMs: 1_100, toMs: 2_000 }],
      ["b", { fromMs: 2_000, toMs: 2_500 }, { fromMs: 2_500, toMs: 4_000 }],
      ["d", { fromMs: 2_900, toMs: 4_000 }, null],
      ["c", null, null],
    ]);
    expect([chart.startMs, chart.endMs]).toEqual([1_000, 4_000]);
  });

  it("has an axis even before anything began", () => {
    const chart = gantt(
      { ...run, state: "queued", started_at_ms: null },
      [instance("a", "none")],
      [],
      5_000,
    );
    expect(chart.endMs).toBeGreaterThan(chart.startMs);
  });
});

describe("ticks", () => {
  it("are round and few", () => {
    expect(ticks(4_000)).toEqual([0, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000]);
    expect(ticks(65_000)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    expect(ticks(40 * 86_400_000).length).toBeLessThanOrEqual(9);
  });
});
