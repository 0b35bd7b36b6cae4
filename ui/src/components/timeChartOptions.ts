/** uPlot, set up the way every chart of the window looks. */
import type uPlot from "uplot";
import { clock, timestamp } from "@/format/format";
import type { TimeChartProps } from "./TimeChart";

export type Plot = typeof uPlot;

export const loadPlot = async (): Promise<Plot> => (await import("uplot")).default;

interface Setup {
  width: number;
  height: number;
  syncKey: string | undefined;
  read: () => TimeChartProps;
  onCursor: (index: number | null) => void;
}

export function options({ width, height, syncKey, read, onCursor }: Setup): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = "11px 'Inter Variable', sans-serif";
  const axis = { stroke: colour("--ph-text-3"), font, ticks: { show: false } };
  return {
    width,
    height,
    ms: 1,
    padding: [8, 14, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 6, width: 1.5 },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      sync: syncKey === undefined ? undefined : { key: syncKey, setSeries: false },
    },
    scales: {
      x: { time: true, range: () => [read().fromMs, read().toMs] },
      y: { range: (_plot, _low, high) => [0, niceTop(high)] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        space: (_plot, _axis, min, max, width) => labelSpace((max - min) / width),
        grid: { show: false },
        values: (_plot, splits, _axis, _space, incrMs) => splits.map((ms) => timeLabel(ms, incrMs)),
      },
      {
        ...axis,
        size: 54,
        gap: 6,
        space: 34,
        incrs: read().binary ? BINARY_STEPS : undefined,
        grid: { stroke: colour("--ph-chart-grid"), width: 1 },
        values: (_plot, splits) => splits.map((value) => read().axisFormat(value)),
      },
    ],
    series: [
      {},
      ...read().series.map(({ label, color, fill }) => ({
        label,
        stroke: colour(color),
        width: 1.5,
        fill: fill ? `${colour(color)}1a` : undefined,
        points: { show: false },
        gaps: (plot: uPlot, _series: number, _from: number, _to: number, gaps: uPlot.Series.Gaps) =>
          gaps.filter(([left, right]) => (right - left) * msPerPixel(plot) > GAP_MS),
      })),
    ],
    hooks: {
      setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width: dragged } = plot.select;
          if (dragged < 6) return;
          const from = plot.posToVal(left, "x");
          const to = plot.posToVal(left + dragged, "x");
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          read().onBrush?.(from, to);
        },
      ],
      ready: [(plot) => plot.over.addEventListener("dblclick", () => read().onReset?.())],
    },
  };
}

/** Bytes are counted in powers of two, and so are the lines of their charts. */
const BINARY_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A sample that came late is no gap; a longer silence is. */
const GAP_MS = 10_000;

/** Of the canvas, whose pixels may be finer than the page's. */
function msPerPixel({ scales, bbox }: uPlot): number {
  const { min, max } = scales.x ?? {};
  return min == null || max == null ? 0 : (max - min) / bbox.width;
}

/** Pixels between labels: `12:04:30` needs more room than `12:04`. */
function labelSpace(msPerPixel: number): number {
  const halfMinute = 30_000 / msPerPixel;
  return halfMinute >= 72 ? 72 : Math.max(46, Math.ceil(halfMinute) + 1);
}

/** As fine as the distance between two labels: `12:04:30`, `12:05`, `11-21`. */
function timeLabel(ms: number, incrMs: number): string {
  if (incrMs < MINUTE_MS) return clock(ms);
  return incrMs < DAY_MS ? clock(ms).slice(0, 5) : timestamp(ms).slice(5, 10);
}

/** The axis ends a little above the highest value, and is never flat. */
export const niceTop = (high: number | null | undefined): number =>
  high == null || high <= 0 ? 1 : high * 1.12;
