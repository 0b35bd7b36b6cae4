import { describe, expect, it } from "vitest";
import { fixedRange, windowOf } from "./timeRange";

describe("time range", () => {
  const check = (range: string | undefined, expected: ReturnType<typeof windowOf>) =>
    expect(windowOf(range)).toEqual(expected);

  it("reads the URL's word, and is live when it makes no sense", () => {
    check(undefined, { kind: "moving", spanMs: 300_000 });
    check("1h", { kind: "moving", spanMs: 3_600_000 });
    check("yesterday", { kind: "moving", spanMs: 300_000 });
    check("20..10", { kind: "moving", spanMs: 300_000 });
    check(fixedRange(1_000.4, 61_000), { kind: "fixed", fromMs: 1000, toMs: 61_000 });
  });
});
