/** The laid-out model in React Flow's terms. */
import { type Edge, MarkerType, type Node } from "@xyflow/react";
import { type RefObject, useMemo, useRef } from "react";
import type { TaskInstanceRow } from "@/gen/api";
import { type EdgeRoute, edgeLabel, type Layout } from "@/graph/layout";
import type { GraphGroup, GraphModel, GraphTask } from "@/graph/model";
import { keepUnchanged, type NodeStatus, overlay } from "@/graph/overlay";
import type { Laid } from "./useLayout";

export type TaskFlowNode = Node<{ node: GraphTask; status: NodeStatus | null }, "task">;
export type GroupFlowNode = Node<
  { node: GraphGroup; status: NodeStatus | null; onToggle: (groupId: string) => void },
  "group"
>;
export type FlowNode = TaskFlowNode | GroupFlowNode;

export type RoutedFlowEdge = Edge<
  { route: EdgeRoute; label: string | null; near: boolean },
  "routed"
>;

/** Statuses whose objects stay the same while nothing about them changes. */
export function useStatuses(
  model: GraphModel,
  instances: readonly TaskInstanceRow[],
): Map<string, NodeStatus> {
  const last = useRef(new Map<string, NodeStatus>());
  return useMemo(() => {
    last.current = keepUnchanged(last.current, overlay(model, instances));
    return last.current;
  }, [model, instances]);
}

/** Nodes whose objects stay the same while neither place, state nor selection changes. */
export function useFlowNodes(
  laid: Laid | null,
  statuses: ReadonlyMap<string, NodeStatus>,
  selected: string | null,
  toggle: RefObject<(groupId: string) => void>,
): FlowNode[] {
  const last = useRef<{ laid: Laid | null; nodes: Map<string, FlowNode> }>({
    laid: null,
    nodes: new Map(),
  });
  const onToggle = useMemo(() => (groupId: string) => toggle.current(groupId), [toggle]);
  return useMemo(() => {
    if (laid === null) return [];
    const known = last.current.laid === laid ? last.current.nodes : new Map<string, FlowNode>();
    const nodes = new Map<string, FlowNode>();
    for (const node of laid.model.nodes) {
      const box = laid.layout.boxes.get(node.id);
      if (box === undefined) continue;
      const status = statuses.get(node.id) ?? null;
      const isSelected = node.id === selected;
      const old = known.get(node.id);
      if (old?.data.status === status && old.selected === isSelected) {
        nodes.set(node.id, old);
        continue;
      }
      const place = {
        id: node.id,
        position: { x: box.x, y: box.y },
        width: box.width,
        height: box.height,
        ...(node.parent === null ? {} : { parentId: node.parent }),
        selected: isSelected,
        draggable: false,
      };
      nodes.set(
        node.id,
        node.kind === "task"
          ? { ...place, type: "task", data: { node, status } }
          : { ...place, type: "group", data: { node, status, onToggle } },
      );
    }
    last.current = { laid, nodes };
    return [...nodes.values()];
  }, [laid, statuses, selected, onToggle]);
}

export function toFlowEdges(
  model: GraphModel,
  layout: Layout,
  selected: string | null,
): RoutedFlowEdge[] {
  return model.edges.flatMap((edge) => {
    const route = layout.routes.get(edge.id);
    if (route === undefined) return [];
    const near = edge.source === selected || edge.target === selected;
    return [
      {
        id: edge.id,
        source: edge.source,
        target: edge.target,
        type: "routed" as const,
        data: { route, label: edgeLabel(edge), near },
        zIndex: near ? 2 : 1,
        markerEnd: {
          type: MarkerType.ArrowClosed,
          width: 14,
          height: 14,
          color: near ? "var(--ph-accent)" : "var(--ph-edge)",
        },
      },
    ];
  });
}
