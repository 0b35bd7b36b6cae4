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
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { ErrorState } from "@/components/ErrorState";
import { stateLook } from "@/components/states";
import { plural } from "@/format/format";
import type { DagDetail, TaskInstanceRow } from "@/gen/api";
import type { Point } from "@/graph/layout";
import { buildModel, GROUP_PREFIX } from "@/graph/model";
import { centres, corners, type Direction, neighbour } from "@/graph/navigate";
import { firstView, type View } from "@/graph/view";
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
  const whole = useRef(false);
  const anchor = useRef<{ groupId: string; before: Point } | null>(null);
  const toggle = useRef<(groupId: string) => void>(() => {});
  toggle.current = (groupId) => {
    const corner = layout === null ? undefined : corners(layout.model, layout.layout).get(groupId);
    anchor.current = corner === undefined ? null : { groupId, before: corner };
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
    () => (layout === null ? new Map<string, Point>() : centres(layout.model, layout.layout)),
    [layout],
  );

  const tasksAt = useMemo(
    () => new Map([...middles].filter(([id]) => !id.startsWith(GROUP_PREFIX))),
    [middles],
  );

  // Folding or unfolding all begins anew.
  useLayoutEffect(() => {
    const room = canvas.current;
    if (layout === null || room === null || !whole.current) return;
    whole.current = false;
    void flow.setViewport(
      firstView(layout.layout, { width: room.clientWidth, height: room.clientHeight }),
    );
  }, [layout, flow]);

  // Folding a group leaves its corner where it was on the screen.
  useLayoutEffect(() => {
    if (layout === null || anchor.current === null) return;
    const { groupId, before } = anchor.current;
    const after = corners(layout.model, layout.layout).get(groupId);
    anchor.current = null;
    if (after === undefined) return;
    const view = flow.getViewport();
    void flow.setViewport({
      ...view,
      x: view.x + (before.x - after.x) * view.zoom,
      y: view.y + (before.y - after.y) * view.zoom,
    });
  }, [layout, flow]);

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
      const next = neighbour(tasksAt, selected, direction);
      if (next !== null) onSelect(next);
    } else if (event.key === "Escape" && selected !== null) onSelect(null);
    else if (event.key === "1") void flow.fitView({ ...FIT, duration: 160 });
    else if (event.key === "0") void flow.zoomTo(1, { duration: 160 });
    else if (event.key === "+" || event.key === "=") void flow.zoomIn({ duration: 120 });
    else if (event.key === "-") void flow.zoomOut({ duration: 120 });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const startView = (): View => {
    const room = canvas.current;
    const size = room ? { width: room.clientWidth, height: room.clientHeight } : NO_SIZE;
    return firstView(layout?.layout ?? NO_SIZE, size);
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
      {layout === null ? (
        <p className={classes.waiting} role="status">
          Laying out {plural(dag.tasks.length, "task")}…
        </p>
      ) : (
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          defaultViewport={startView()}
          minZoom={ZOOM_MIN}
          maxZoom={ZOOM_MAX}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          onlyRenderVisibleElements={nodes.length > 150}
          disableKeyboardA11y
          attributionPosition="top-right"
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
              onFold={(next) => {
                anchor.current = null;
                whole.current = true;
                onFold(next);
              }}
              onFit={() => flow.fitView({ ...FIT, duration: 160 })}
            />
          </FlowPanel>
        </ReactFlow>
      )}
    </div>
  );
}

const NO_SIZE = { width: 0, height: 0 };

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
