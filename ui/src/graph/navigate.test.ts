import { describe, expect, it } from "vitest";
import { branching, edge } from "./fixtures";
import { downstreamOf, neighbour, topological, upstreamOf } from "./navigate";
import { roundedPath } from "./path";

describe("downstreamOf, upstreamOf", () => {
  it("reach through, without the start", () => {
    expect([...downstreamOf(branching.edges, "load.one")].sort()).toEqual([
      "end",
      "load.check.rows",
    ]);
    expect([...upstreamOf(branching.edges, "load.check.rows")].sort()).toEqual([
      "load.one",
      "load.two",
      "start",
    ]);
    expect([...downstreamOf([edge("a > b"), edge("b > a")], "a")]).toEqual(["b"]);
  });
});

describe("topological", () => {
  const check = (ids: string, edges: string[], expected: string) =>
    expect(topological(ids.split(" "), edges.map(edge)).join(" ")).toBe(expected);

  it("puts causes first and keeps the file's order otherwise", () => {
    check("c b a", ["a > b", "b > c"], "a b c");
    check("x y z", [], "x y z");
    check("d a b", ["a > d", "b > d"], "a b d");
    check("a b c", ["a > b", "b > a"], "c a b");
    check("a b", ["gone > b"], "a b");
  });
});

describe("neighbour", () => {
  const middles = new Map([
    ["a", { x: 0, y: 0 }],
    ["b", { x: 100, y: -40 }],
    ["c", { x: 100, y: 30 }],
    ["d", { x: 300, y: 0 }],
  ]);
  it("goes to the nearest in that direction and stops at the rim", () => {
    expect(neighbour(middles, null, "right")).toBe("a");
    expect(neighbour(middles, "a", "right")).toBe("c");
    expect(neighbour(middles, "c", "up")).toBe("b");
    expect(neighbour(middles, "c", "right")).toBe("d");
    expect(neighbour(middles, "d", "right")).toBeNull();
    expect(neighbour(middles, "gone", "left")).toBe("a");
  });
});

describe("roundedPath", () => {
  it("rounds corners by at most half a leg", () => {
    expect(roundedPath([])).toBe("");
    expect(
      roundedPath([
        { x: 0, y: 0 },
        { x: 50, y: 0 },
      ]),
    ).toBe("M0,0L50,0");
    expect(
      roundedPath([
        { x: 0, y: 0 },
        { x: 50, y: 0 },
        { x: 50, y: 10 },
      ]),
    ).toBe("M0,0L42,0Q50,0 50,5L50,10");
  });
});
