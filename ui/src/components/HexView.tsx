import { useVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import classes from "./HexView.module.css";
import { hexRow, hexRows, type RowBytes } from "./hexDump";

interface HexViewProps {
  /** Hex digits, two a byte. */
  digits: string;
  label: string;
  maxHeight?: number | string;
}

const ROW_PX = 19;
/** Sixteen bytes with their offset and letters. */
const WIDE_PX = 530;

export function HexView({ digits, label, maxHeight = "100%" }: HexViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<RowBytes>(16);
  const virtual = useVirtualizer({
    count: hexRows(digits, size),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      setSize(element.clientWidth >= WIDE_PX ? 16 : 8);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
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
          const row = hexRow(digits, item.index, size);
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
