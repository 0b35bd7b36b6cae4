import { expect, it } from "vitest";
import type { GroupPartition } from "@/gen/api";
import { emptyHistory, HISTORY_MAX, record } from "./lagHistory";

const partition = (number: number, lag: number | null): GroupPartition => ({
  topic: "t",
  partition: number,
  current_offset: 0,
  start_offset: 0,
  end_offset: 0,
  lag,
  member_id: null,
  client_id: null,
  host: null,
});

it("keeps one axis for all partitions, bounded", () => {
  let history = record(emptyHistory, [partition(0, 5)], 1);
  history = record(history, [partition(0, 6), partition(1, null)], 2);
  expect(history.timesMs).toEqual([1, 2]);
  expect(history.lags.get("t/0")).toEqual([5, 6]);
  expect(history.lags.get("t/1")).toEqual([null, null]);
  for (let i = 0; i < 500; i++) history = record(history, [partition(0, i)], i);
  expect(history.timesMs.length).toBe(HISTORY_MAX);
  expect(history.lags.get("t/0")?.length).toBe(HISTORY_MAX);
  expect(history.lags.has("t/1")).toBe(false);
});
