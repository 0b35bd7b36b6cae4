import { describe, expect, it } from "vitest";
import type { TaskState } from "../gen/api";
import { branching, instance } from "./fixtures";
import { buildModel } from "./model";
import { overlay, summarise } from "./overlay";

const check = (states: TaskState[], expected: TaskState | undefined) => {
  expect(summarise(states.map((state, i) => instance("t", state, { map_index: i })))?.state).toBe(
    expected,
  );
};

describe("summarise", () => {
  it("shows what a person must see first", () => {
    check([], undefined);
    check(["success", "success"], "success");
    check(["success", "skipped"], "skipped");
    check(["success", "running", "none"], "running");
    check(["running", "failed", "success"], "failed");
    check(["upstream_failed", "success", "failed"], "failed");
    check(["queued", "up_for_retry"], "up_for_retry");
  });

  it("spans from the first start to the last end, open while one is unfinished", () => {
    const done = instance("t", "success", { started_at_ms: 10, ended_at_ms: 20 });
    const longer = instance("t", "success", { started_at_ms: 5, ended_at_ms: 40 });
    const open = instance("t", "running", { started_at_ms: 7 });
    expect(summarise([done, longer])).toMatchObject({
      startedAtMs: 5,
      endedAtMs: 40,
      tryNumber: null,
    });
    expect(summarise([done, open])).toMatchObject({ startedAtMs: 7, endedAtMs: null });
    expect(summarise([done])).toMatchObject({ tryNumber: 1, instances: 1 });
  });
});

describe("overlay", () => {
  it("gives tasks their state and groups their most urgent one", () => {
    const model = buildModel(branching.tasks, branching.edges, new Set(["group:load/load.check"]));
    const statuses = overlay(model, [
      instance("start", "success"),
      instance("load.one", "success"),
      instance("load.check.rows", "failed", { note: "exit code 1" }),
      instance("gone", "removed"),
    ]);
    expect(statuses.get("start")?.state).toBe("success");
    expect(statuses.get("load.two")).toBeUndefined();
    expect(statuses.get("group:load/load.check")).toMatchObject({
      state: "failed",
      note: "exit code 1",
    });
    expect(statuses.get("group:load")?.counts).toEqual([
      { state: "failed", count: 1 },
      { state: "success", count: 1 },
    ]);
    expect(statuses.has("gone")).toBe(false);
  });
});
