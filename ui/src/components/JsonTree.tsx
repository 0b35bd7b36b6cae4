import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { JsonNode } from "@/json/parse";
import { printScalar } from "@/json/print";
import { type TreeRow, treeRows } from "@/json/tree";
import classes from "./JsonTree.module.css";

interface JsonTreeProps {
  node: JsonNode;
  label: string;
  maxHeight?: number | string;
}

const ROW_PX = 22;
/** A longer string is cut in its row; the raw view has all of it. */
const SHOWN_MAX = 2_000;

/** A JSON value that folds; only the rows in view exist. */
export function JsonTree({ node, label, maxHeight = "100%" }: JsonTreeProps) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => treeRows(node, toggled), [node, toggled]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  const current = Math.min(at, rows.length - 1);

  const toggle = (row: TreeRow) =>
    setToggled((before) => {
      const after = new Set(before);
      if (!after.delete(row.path)) after.add(row.path);
      return after;
    });
  const go = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    setAt(to);
    virtual.scrollToIndex(to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[current];
    if (!row) return;
    const step = stepOf(event.key, row, rows, current);
    if (step === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (step === "toggle") toggle(row);
    else go(step);
  };

  return (
    <div ref={scroller} className={classes.scroller} style={{ maxHeight }}>
      <div
        role="tree"
        aria-label={label}
        tabIndex={0}
        className={classes.tree}
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the tree holds the focus
            <div
              key={row.path}
              role="treeitem"
              aria-level={row.depth + 1}
              aria-expanded={row.size > 0 ? row.open : undefined}
              aria-selected={item.index === current}
              className={classes.row}
              style={{ transform: `translateY(${item.start}px)`, paddingLeft: 6 + row.depth * 14 }}
              onClick={() => {
                setAt(item.index);
                if (row.size > 0) toggle(row);
              }}
            >
              <span className={classes.arrow} data-open={row.open || undefined}>
                {row.size > 0 ? <ChevronRight size={12} aria-hidden /> : null}
              </span>
              {row.name === null ? null : (
                <span className={row.inArray ? classes.index : classes.key}>
                  {row.name}
                  <span className={classes.colon}>:</span>
                </span>
              )}
              <Value row={row} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Value({ row }: { row: TreeRow }) {
  const { node, open, size } = row;
  if (node.kind === "object" || node.kind === "array") {
    const [left, right] = node.kind === "object" ? ["{", "}"] : ["[", "]"];
    if (size === 0) return <span className={classes.colon}>{left + right}</span>;
    const what = node.kind === "object" ? "field" : "item";
    return (
      <span className={classes.colon}>
        {open ? left : `${left}…${right}`}
        <span className={classes.size}>
          {size} {size === 1 ? what : `${what}s`}
        </span>
      </span>
    );
  }
  const text = printScalar(node);
  return (
    <span
      className={classes[node.kind]}
      title={text.length > 60 ? text.slice(0, SHOWN_MAX) : undefined}
    >
      {text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text}
    </span>
  );
}

/** Where a key leads: a row's index, or folding; null when it means nothing here. */
function stepOf(
  key: string,
  row: TreeRow,
  rows: readonly TreeRow[],
  current: number,
): number | "toggle" | null {
  switch (key) {
    case "ArrowDown":
      return current + 1;
    case "ArrowUp":
      return current - 1;
    case "Home":
      return 0;
    case "End":
      return rows.length - 1;
    case "ArrowRight":
      return row.size > 0 && !row.open ? "toggle" : current + 1;
    case "ArrowLeft":
      return row.open ? "toggle" : parentOf(rows, current);
    case "Enter":
      return row.size > 0 ? "toggle" : null;
    default:
      return null;
  }
}

function parentOf(rows: readonly TreeRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  for (let i = index - 1; i >= 0; i--) if ((rows[i]?.depth ?? 0) < depth) return i;
  return 0;
}
