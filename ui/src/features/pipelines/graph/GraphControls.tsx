import { ActionIcon, Tooltip } from "@mantine/core";
import { useReactFlow } from "@xyflow/react";
import { FoldVertical, Maximize, Minus, Plus, UnfoldVertical } from "lucide-react";
import { useMemo } from "react";
import type { DagDetail } from "@/gen/api";
import { allGroupIds } from "@/graph/model";
import classes from "./GraphTab.module.css";

interface GraphControlsProps {
  dag: DagDetail;
  folded: ReadonlySet<string>;
  onFold: (folded: ReadonlySet<string>) => void;
  onFit: () => void;
}

/** Zoom, fit, and folding of all groups at once. */
export function GraphControls({ dag, folded, onFold, onFit }: GraphControlsProps) {
  const flow = useReactFlow();
  const groups = useMemo(() => allGroupIds(dag.tasks), [dag.tasks]);
  const buttons = [
    { label: "Zoom in (+)", icon: Plus, act: () => flow.zoomIn({ duration: 120 }) },
    { label: "Zoom out (−)", icon: Minus, act: () => flow.zoomOut({ duration: 120 }) },
    { label: "Fit to the window (1)", icon: Maximize, act: onFit },
    ...(groups.length === 0
      ? []
      : [
          folded.size > 0
            ? { label: "Unfold all groups", icon: UnfoldVertical, act: () => onFold(new Set()) }
            : { label: "Fold all groups", icon: FoldVertical, act: () => onFold(new Set(groups)) },
        ]),
  ];
  return (
    <div className={classes.controls}>
      {buttons.map(({ label, icon: Icon, act }) => (
        <Tooltip key={label} label={label} position="right">
          <ActionIcon size={28} radius={0} aria-label={label} onClick={() => void act()}>
            <Icon size={15} />
          </ActionIcon>
        </Tooltip>
      ))}
    </div>
  );
}
