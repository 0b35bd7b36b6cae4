import { describe, expect, it } from "vitest";
import { fromLocalInput, toLocalInput } from "@/format/localInput";
import { browseParams, placeOf } from "./seek";

describe("reading, from the URL", () => {
  it("asks for what the URL says", () => {
    const check = (search: Parameters<typeof browseParams>[2], expected: unknown) =>
      expect(browseParams("local", "t", search)?.seek ?? null).toEqual(expected);
    check({}, { from: "newest" });
    check({ seek: "live" }, null);
    check({ seek: "offset", offset: 42 }, { from: "offset", offset: 42 });
    check({ seek: "offset", offset: -1 }, { from: "offset", offset: 0 });
    check({ seek: "time", time: 5 }, { from: "time", timestamp_ms: 5 });
    expect(browseParams("local", "t", { limit: 9_999 })?.limit).toBe(1_000);
  });
  it("reads places and times", () => {
    expect(placeOf("3:1042")).toEqual({ partition: 3, offset: 1042 });
    expect(placeOf("x")).toBeNull();
    expect(fromLocalInput(toLocalInput(1_700_000_001_000))).toBe(1_700_000_001_000);
    expect(fromLocalInput("2026-")).toBeUndefined();
  });
});
