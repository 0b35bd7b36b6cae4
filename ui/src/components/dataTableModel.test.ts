import { describe, expect, it } from "vitest";
import { compareCells, gridTemplate } from "./dataTableModel";

describe("DataTable model", () => {
  it("sorts figures by size and words as people do", () => {
    expect([10, 9, 100].sort(compareCells)).toEqual([9, 10, 100]);
    expect(["p10", "p2", "P1"].sort(compareCells)).toEqual(["P1", "p2", "p10"]);
    expect([true, false].sort(compareCells)).toEqual([false, true]);
  });
  it("mixes fixed and growing columns", () => {
    expect(gridTemplate([{ width: 90 }, { grow: 2, minWidth: 120 }, {}])).toBe(
      "90px minmax(120px, 2fr) minmax(80px, 1fr)",
    );
  });
});
