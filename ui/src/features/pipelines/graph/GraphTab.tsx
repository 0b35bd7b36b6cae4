import "@xyflow/react/dist/style.css";
import {
  Background,
  BackgroundVariant,
  Panel as FlowPanel,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import { ErrorState } from "@/components/ErrorState";
import { stateLook } from "@/components/states";
import type { DagDetail, TaskInstanceRow } from "@/gen/api";
import { buildModel } from "@/graph/model";
import { centres, type Direction, neighbour } from "@/graph/navigate";
import { GraphControls } from "./GraphControls";
import classes from "./GraphTab.module.css";
import { GroupNode } from "./GroupNode";
import { RoutedEdge } from "./RoutedEdge";
import { TaskNode } from "./TaskNode";
import { type FlowNode, toFlowEdges, useFlowNodes, useStatuses } from "./toFlow";
import { useLayout } from "./useLayout";

interface GraphTabProps {
  dag: DagDetail;
  instances: readonly TaskInstanceRow[];
  selected: string | null;
  onSelect: (taskId: string | null) => void;
  folded: ReadonlySet<string>;
  onFold: (folded: ReadonlySet<string>) => void;
}

const nodeTypes = { task: TaskNode, group: GroupNode };
const edgeTypes = { routed: RoutedEdge };
const FIT = { padding: 0.12, maxZoom: 1 };
const ZOOM_MIN = 0.08;
const ZOOM_MAX = 2;

/** The DAG as a graph with the selected run's states on it. */
export function GraphTab(props: GraphTabProps) {
  return (
    <ReactFlowProvider>
      <Graph {...props} />
    </ReactFlowProvider>
  );
}

function Graph({ dag, instances, selected, onSelect, folded, onFold }: GraphTabProps) {
  const flow = useReactFlow();
  const canvas = useRef<HTMLDivElement>(null);
  const model = useMemo(
    () => buildModel(dag.tasks, dag.edges, folded),
    [dag.tasks, dag.edges, folded],
  );
  const { layout, error } = useLayout(model);
  const statuses = useStatuses(model, instances);
  const toggle = useRef<(groupId: string) => void>(() => {});
  toggle.current = (groupId) => {
    const next = new Set(folded);
    if (!next.delete(groupId)) next.add(groupId);
    onFold(next);
  };
  const nodes = useFlowNodes(layout, statuses, selected, toggle);
  const edges = useMemo(
    () => (layout === null ? [] : toFlowEdges(layout.model, layout.layout, selected)),
    [layout, selected],
  );
  const middles = useMemo(
    () => (layout === null ? new Map() : centres(layout.model, layout.layout)),
    [layout],
  );

  // A task chosen elsewhere (grid, panel) comes into view; one in sight does not move the view.
  useEffect(() => {
    const middle = selected === null ? undefined : middles.get(selected);
    const room = canvas.current?.getBoundingClientRect();
    if (middle === undefined || room === undefined) return;
    const at = flow.flowToScreenPosition(middle);
    const inside =
      at.x > room.left + 40 &&
      at.x < room.right - 40 &&
      at.y > room.top + 30 &&
      at.y < room.bottom - 30;
    if (!inside) void flow.setCenter(middle.x, middle.y, { zoom: flow.getZoom(), duration: 160 });
  }, [selected, middles, flow]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = ARROWS[event.key];
    if (direction !== undefined) {
      const next = neighbour(middles, selected, direction);
      if (next !== null && !next.startsWith("group:")) onSelect(next);
    } else if (event.key === "Escape" && selected !== null) onSelect(null);
    else if (event.key === "1") void flow.fitView({ ...FIT, duration: 160 });
    else if (event.key === "0") void flow.zoomTo(1, { duration: 160 });
    else if (event.key === "+" || event.key === "=") void flow.zoomIn({ duration: 120 });
    else if (event.key === "-") void flow.zoomOut({ duration: 120 });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  if (error !== null) return <ErrorState error={error} />;
  return (
    <div
      ref={canvas}
      className={classes.canvas}
      role="application"
      aria-label={`Graph of ${dag.row.dag_id}: arrow keys walk, 1 fits, 0 is full size`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the canvas is walked by arrow keys
      tabIndex={0}
      onKeyDown={onKeyDown}
      data-testid="dag-graph"
      data-ready={layout !== null || undefined}
    >
      {layout === null ? null : (
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          fitView
          fitViewOptions={FIT}
          minZoom={ZOOM_MIN}
          maxZoom={ZOOM_MAX}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          onlyRenderVisibleElements={nodes.length > 150}
          disableKeyboardA11y
          proOptions={{ hideAttribution: true }}
          onNodeClick={(_event, node) => {
            if (node.type === "task") onSelect(node.id);
          }}
          onPaneClick={() => onSelect(null)}
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1} color="var(--ph-line)" />
          <MiniMap<FlowNode>
            pannable
            zoomable
            className={classes.minimap}
            ariaLabel="Map of the graph"
            bgColor="var(--ph-surface)"
            maskColor="color-mix(in srgb, var(--ph-bg) 72%, transparent)"
            nodeBorderRadius={8}
            nodeColor={miniColour}
            nodeStrokeColor="var(--ph-line-strong)"
            nodeStrokeWidth={2}
            style={{ width: 168, height: 104 }}
          />
          <FlowPanel position="bottom-left">
            <GraphControls
              dag={dag}
              folded={folded}
              onFold={onFold}
              onFit={() => flow.fitView({ ...FIT, duration: 160 })}
            />
          </FlowPanel>
        </ReactFlow>
      )}
    </div>
  );
}

const ARROWS: Partial<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

const miniColour = (node: FlowNode): string => {
  if (node.type === "group" && !node.data.node.folded) return "transparent";
  return node.data.status ? stateLook(node.data.status.state).color : "var(--ph-line-strong)";
};
