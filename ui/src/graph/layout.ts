/**
 * Positions for a graph model, by ELK's layered algorithm, left to right.
 *
 * The same model always gets the same positions: sizes depend on the model
 * alone, ELK's seed is fixed, and the order of tasks in the file decides
 * between otherwise equal places. Run states never reach this file.
 */

import type { ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api";
import type { GraphEdge, GraphModel, GraphNode } from "./model";

export type Point = { x: number; y: number };

/** Relative to the parent group's corner, or to the origin at the top. */
export type Box = { x: number; y: number; width: number; height: number };

export type EdgeRoute = {
  /** Absolute: source port, bends, target port. */
  points: Point[];
  /** Absolute middle of the label, when the edge has one. */
  label: Point | null;
};

export type Layout = {
  boxes: Map<string, Box>;
  routes: Map<string, EdgeRoute>;
  width: number;
  height: number;
};

/** Runs ELK: in a worker in the window, in the same thread in tests. */
export type LayoutEngine = (graph: ElkNode) => Promise<ElkNode>;

export const TASK_WIDTH_PX = 208;
export const TASK_HEIGHT_PX = 56;
export const GROUP_HEADER_PX = 32;
const GROUP_PADDING_PX = 14;
const LABEL_HEIGHT_PX = 18;
const LABEL_CHAR_PX = 6.4;
const LABEL_CHARS_MAX = 28;

const ROOT_OPTIONS: Record<string, string> = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.randomSeed": "1",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.json.edgeCoords": "ROOT",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
  "elk.spacing.nodeNode": "20",
  "elk.spacing.edgeNode": "16",
  "elk.spacing.edgeEdge": "10",
  "elk.layered.spacing.nodeNodeBetweenLayers": "44",
  "elk.layered.spacing.edgeNodeBetweenLayers": "16",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "10",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.nodePlacement.favorStraightEdges": "true",
};

/** Past this many nodes the exact ways take many seconds; these take one. */
const EXACT_NODES_MAX = 400;
const LARGE_OPTIONS: Record<string, string> = {
  ...ROOT_OPTIONS,
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.thoroughness": "1",
  "elk.layered.crossingMinimization.greedySwitch.type": "OFF",
};

const GROUP_OPTIONS: Record<string, string> = {
  "elk.padding": `[top=${GROUP_HEADER_PX + GROUP_PADDING_PX},left=${GROUP_PADDING_PX},bottom=${GROUP_PADDING_PX},right=${GROUP_PADDING_PX}]`,
};

/** Sources leave on the right and targets enter on the left, in the middle of the side. */
const LEAF_OPTIONS: Record<string, string> = { "elk.portConstraints": "FIXED_POS" };

export async function layout(model: GraphModel, engine: LayoutEngine): Promise<Layout> {
  return fromElk(await engine(toElk(model)), model);
}

/** What an edge's label reads: all of its texts, cut to a length that leaves room for nodes. */
export function edgeLabel(edge: GraphEdge): string | null {
  if (edge.labels.length === 0) return null;
  const text = edge.labels.join(", ");
  return text.length > LABEL_CHARS_MAX ? `${text.slice(0, LABEL_CHARS_MAX - 1)}…` : text;
}

/** The model in ELK's JSON. */
export function toElk(model: GraphModel): ElkNode {
  const shapes = new Map<string, ElkNode>();
  const roots: ElkNode[] = [];
  const leaves = new Set<string>();

  for (const node of model.nodes) {
    const shape = toShape(node);
    if (shape.ports !== undefined) leaves.add(node.id);
    shapes.set(node.id, shape);
    const parent = node.parent === null ? undefined : shapes.get(node.parent);
    (parent?.children ?? roots).push(shape);
  }

  const options = model.nodes.length > EXACT_NODES_MAX ? LARGE_OPTIONS : ROOT_OPTIONS;
  return {
    id: "root",
    layoutOptions: options,
    children: roots,
    edges: model.edges.map((edge) => toElkEdge(edge, leaves)),
  };
}

function toShape(node: GraphNode): ElkNode {
  if (node.kind === "group" && !node.folded) {
    return { id: node.id, layoutOptions: GROUP_OPTIONS, children: [] };
  }
  const middle = TASK_HEIGHT_PX / 2;
  return {
    id: node.id,
    width: TASK_WIDTH_PX,
    height: TASK_HEIGHT_PX,
    layoutOptions: LEAF_OPTIONS,
    ports: [
      { id: `${node.id}◂`, x: 0, y: middle, width: 0, height: 0 },
      { id: `${node.id}▸`, x: TASK_WIDTH_PX, y: middle, width: 0, height: 0 },
    ],
  };
}

function toElkEdge(edge: GraphEdge, leaves: Set<string>): ElkExtendedEdge {
  const text = edgeLabel(edge);
  return {
    id: edge.id,
    sources: [leaves.has(edge.source) ? `${edge.source}▸` : edge.source],
    targets: [leaves.has(edge.target) ? `${edge.target}◂` : edge.target],
    labels:
      text === null
        ? []
        : [
            {
              id: `${edge.id}#label`,
              text,
              width: text.length * LABEL_CHAR_PX + 12,
              height: LABEL_HEIGHT_PX,
            },
          ],
  };
}

function fromElk(root: ElkNode, model: GraphModel): Layout {
  const boxes = new Map<string, Box>();
  const visit = (shape: ElkNode) => {
    for (const child of shape.children ?? []) {
      boxes.set(child.id, {
        x: child.x ?? 0,
        y: child.y ?? 0,
        width: child.width ?? TASK_WIDTH_PX,
        height: child.height ?? TASK_HEIGHT_PX,
      });
      visit(child);
    }
  };
  visit(root);

  const routes = new Map<string, EdgeRoute>();
  for (const edge of root.edges ?? []) {
    const section = edge.sections?.[0];
    if (section === undefined) continue;
    const label = edge.labels?.[0];
    routes.set(edge.id, {
      points: [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(
        ({ x, y }) => ({ x, y }),
      ),
      label:
        label?.x === undefined || label.y === undefined
          ? null
          : { x: label.x + (label.width ?? 0) / 2, y: label.y + (label.height ?? 0) / 2 },
    });
  }
  return { boxes: inOrder(boxes, model), routes, width: root.width ?? 0, height: root.height ?? 0 };
}

function inOrder(boxes: Map<string, Box>, model: GraphModel): Map<string, Box> {
  const ordered = new Map<string, Box>();
  for (const node of model.nodes) {
    const box = boxes.get(node.id);
    if (box !== undefined) ordered.set(node.id, box);
  }
  return ordered;
}
