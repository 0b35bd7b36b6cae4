import ELK from "elkjs/lib/elk.bundled.js";
import { describe, expect, it } from "vitest";
import { branching, edge, instance, task } from "./fixtures";
import { edgeLabel, type Layout, type LayoutEngine, layout, TASK_WIDTH_PX } from "./layout";
import { buildModel } from "./model";
import { centres } from "./navigate";
import { overlay } from "./overlay";

const elk = new ELK();
const engine: LayoutEngine = (graph) => elk.layout(graph);

const flat = (result: Layout) => JSON.stringify([[...result.boxes], [...result.routes]]);

describe("layout", () => {
  it("gives the same positions for the same graph, run or no run", async () => {
    const model = buildModel(branching.tasks, branching.edges);
    const before = await layout(model, engine);
    overlay(model, [instance("start", "running"), instance("end", "failed")]);
    const after = await layout(buildModel(branching.tasks, branching.edges), engine);
    expect(flat(after)).toBe(flat(before));
  });

  it("runs from left to right and keeps members inside their group", async () => {
    const model = buildModel(branching.tasks, branching.edges);
    const result = await layout(model, engine);
    const at = centres(model, result);
    for (const { source, target } of model.edges) {
      expect(at.get(source)?.x).toBeLessThan(at.get(target)?.x ?? 0);
    }
    for (const node of model.nodes) {
      if (node.parent === null) continue;
      const inner = result.boxes.get(node.id);
      const outer = result.boxes.get(node.parent);
      expect(inner).toBeDefined();
      expect((inner?.x ?? 0) + (inner?.width ?? 0)).toBeLessThanOrEqual(outer?.width ?? 0);
      expect((inner?.y ?? 0) + (inner?.height ?? 0)).toBeLessThanOrEqual(outer?.height ?? 0);
    }
  });

  it("ends edges at the nodes' sides, in absolute coordinates", async () => {
    const model = buildModel(branching.tasks, branching.edges);
    const result = await layout(model, engine);
    const at = centres(model, result);
    for (const one of model.edges) {
      const points = result.routes.get(one.id)?.points ?? [];
      const source = at.get(one.source);
      const target = at.get(one.target);
      expect(points[0]?.x).toBeCloseTo((source?.x ?? 0) + TASK_WIDTH_PX / 2, 0);
      expect(points[0]?.y).toBeCloseTo(source?.y ?? 0, 0);
      expect(points.at(-1)?.x).toBeCloseTo((target?.x ?? 0) - TASK_WIDTH_PX / 2, 0);
      expect(points.at(-1)?.y).toBeCloseTo(target?.y ?? 0, 0);
    }
    expect(result.routes.get("start→load.one")?.label).not.toBeNull();
  });

  it("never lays two tasks over each other, in a wide graph too", async () => {
    const ids = Array.from({ length: 120 }, (_, i) => `t${i}`);
    const model = buildModel(
      ids.map((id) => task(id)),
      ids.slice(1).map((id, i) => edge(`t${Math.floor(i / 3)} > ${id}`)),
    );
    const boxes = [...(await layout(model, engine)).boxes.values()];
    const overlaps = boxes.some((a, i) =>
      boxes
        .slice(i + 1)
        .some(
          (b) =>
            a.x < b.x + b.width &&
            b.x < a.x + a.width &&
            a.y < b.y + b.height &&
            b.y < a.y + a.height,
        ),
    );
    expect(overlaps).toBe(false);
  });

  it("lays out a DAG without edges, and one without tasks", async () => {
    expect((await layout(buildModel([task("alone")], []), engine)).boxes.size).toBe(1);
    expect((await layout(buildModel([], []), engine)).boxes.size).toBe(0);
  });

  it("cuts a long label", () => {
    const one = { id: "a→b", source: "a", target: "b", labels: ["x".repeat(60)], weight: 1 };
    expect(edgeLabel(one)).toHaveLength(28);
    expect(edgeLabel({ ...one, labels: [] })).toBeNull();
  });
});
