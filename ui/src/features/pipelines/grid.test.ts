import { expect, it } from "vitest";
import { branching } from "@/graph/fixtures";
import { gridRows } from "./grid";

const check = (folded: string[], expected: string[]) =>
  expect(
    gridRows(branching.tasks, branching.edges, new Set(folded)).map(
      (row) =>
        `${"·".repeat(row.depth)}${row.label}${row.kind === "group" ? ` (${row.taskIds.length})` : ""}`,
    ),
  ).toEqual(expected);

it("lists tasks under their groups, causes above effects", () => {
  check([], ["start", "load (3)", "·one", "·two", "·check (1)", "··rows", "end"]);
  check(["group:load"], ["start", "load (3)", "end"]);
});
