import { TriangleAlert } from "lucide-react";
import type { Payload } from "@/gen/api";
import classes from "./PayloadPreview.module.css";

/** What fits in a row. */
const PREVIEW_MAX = 260;

/** A payload on one line; the detail pane has the rest. */
export function PayloadPreview({ payload }: { payload: Payload }) {
  if (payload.encoding === "null") return <span className={classes.none}>null</span>;
  if (payload.encoding === "empty") return <span className={classes.none}>empty</span>;
  return (
    <span className={classes.text} data-encoding={payload.encoding}>
      {payload.error ? (
        <TriangleAlert size={12} className={classes.warning} aria-label={payload.error} />
      ) : null}
      {oneLine(payload.text)}
    </span>
  );
}

export function oneLine(text: string): string {
  const start = text.slice(0, PREVIEW_MAX).replace(/\s+/g, " ");
  return text.length > PREVIEW_MAX ? `${start}…` : start;
}
