import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import classes from "./HexView.module.css";
import { hexRow, hexRows } from "./hexDump";

interface HexViewProps {
  /** Hex digits, two a byte. */
  digits: string;
  label: string;
  maxHeight?: number | string;
}

const ROW_PX = 19;

export function HexView({ digits, label, maxHeight = "100%" }: HexViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: hexRows(digits),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      style={{ maxHeight }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
      tabIndex={0}
      aria-label={label}
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const row = hexRow(digits, item.index);
          return (
            <div
              key={item.index}
              className={classes.row}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <span className={classes.offset}>{row.offset}</span>
              <span>{row.hex}</span>
              <span className={classes.ascii}>{row.ascii}</span>
            </div>
          );
        })}
      </div>
    </section>
  );
}
