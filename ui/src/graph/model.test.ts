import { describe, expect, it } from "vitest";
import { branching } from "./fixtures";
import { allGroupIds, buildModel, shortName } from "./model";

const check = (folded: string[], nodes: string[], edges: string[]) => {
  const model = buildModel(branching.tasks, branching.edges, new Set(folded));
  expect(model.nodes.map((n) => (n.parent === null ? n.id : `${n.parent} ⊃ ${n.id}`))).toEqual(
    nodes,
  );
  expect(
    model.edges.map(
      (e) => `${e.id} ×${e.weight}${e.labels.length > 0 ? ` ${e.labels.join("|")}` : ""}`,
    ),
  ).toEqual(edges);
};

describe("buildModel", () => {
  it("nests tasks in their groups", () => {
    check(
      [],
      [
        "group:load",
        "group:load ⊃ group:load/load.check",
        "start",
        "group:load ⊃ load.one",
        "group:load ⊃ load.two",
        "group:load/load.check ⊃ load.check.rows",
        "end",
      ],
      [
        "start→load.one ×1 small",
        "start→load.two ×1 large",
        "load.one→load.check.rows ×1",
        "load.two→load.check.rows ×1",
        "load.check.rows→end ×1",
      ],
    );
  });

  it("lets a folded group stand for all inside, merging its edges", () => {
    check(
      ["group:load"],
      ["group:load", "start", "end"],
      ["start→group:load ×2 small|large", "group:load→end ×1"],
    );
  });

  it("folds an inner group alone", () => {
    check(
      ["group:load/load.check"],
      [
        "group:load",
        "group:load ⊃ group:load/load.check",
        "start",
        "group:load ⊃ load.one",
        "group:load ⊃ load.two",
        "end",
      ],
      [
        "start→load.one ×1 small",
        "start→load.two ×1 large",
        "load.one→group:load/load.check ×1",
        "load.two→group:load/load.check ×1",
        "group:load/load.check→end ×1",
      ],
    );
  });

  it("names every group, outermost first, and shortens nested names", () => {
    expect(allGroupIds(branching.tasks)).toEqual(["group:load", "group:load/load.check"]);
    expect(shortName("load.check", "load")).toBe("check");
    expect(shortName("check", "load")).toBe("check");
  });
});
