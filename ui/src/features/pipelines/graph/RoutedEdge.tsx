import { BaseEdge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { roundedPath } from "@/graph/path";
import classes from "./nodes.module.css";
import type { RoutedFlowEdge } from "./toFlow";

/** An edge along the route the layout gave it. */
export const RoutedEdge = memo(function RoutedEdge({
  id,
  data,
  markerEnd,
}: EdgeProps<RoutedFlowEdge>) {
  if (data === undefined) return null;
  return (
    <>
      <BaseEdge
        id={id}
        path={roundedPath(data.route.points)}
        markerEnd={markerEnd}
        interactionWidth={0}
        className={data.near ? classes.edgeNear : classes.edge}
      />
      {data.label === null || data.route.label === null ? null : (
        <EdgeLabelRenderer>
          <span
            className={classes.edgeLabel}
            style={{
              transform: `translate(-50%, -50%) translate(${data.route.label.x}px, ${data.route.label.y}px)`,
            }}
          >
            {data.label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
