import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type uPlot from "uplot";
import { clock } from "@/format/format";
import classes from "./TimeChart.module.css";
import { loadPlot, options, type Plot } from "./timeChartOptions";

export interface ChartSeries {
  label: string;
  /** A CSS custom property, e.g. `--ph-chart-1`. */
  color: string;
  /** One per time; a gap is null. */
  values: readonly (number | null)[];
  fill?: boolean;
}

export interface TimeChartProps {
  title: string;
  timesMs: readonly number[];
  series: readonly ChartSeries[];
  /** What the axis spans, even where there is no data. */
  fromMs: number;
  toMs: number;
  /** The value under the crosshair, with its unit. */
  format: (value: number) => string;
  /** The same on the axis, shorter. */
  axisFormat: (value: number) => string;
  /** The axis steps in powers of two. */
  binary?: boolean;
  height?: number;
  /** Charts of one key share the crosshair. */
  syncKey?: string;
  /** A stretch was dragged over. */
  onBrush?: (fromMs: number, toMs: number) => void;
  /** A double click: back to the whole. */
  onReset?: () => void;
  testId?: string;
}

/** Lines over time: the crosshair reads values, dragging zooms. */
export function TimeChart(props: TimeChartProps) {
  const { title, timesMs, series, fromMs, toMs, format, height = 150, syncKey, testId } = props;
  const scheme = useComputedColorScheme("dark");
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = series.map(({ label, color, fill }) => `${label}${color}${fill}`).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new look or shape is a new plot
  useEffect(() => {
    const parent = holder.current;
    if (!parent) return;
    let gone = false;
    let observer: ResizeObserver | undefined;
    loadPlot().then((Plot: Plot) => {
      if (gone) return;
      const width = Math.max(60, parent.clientWidth);
      const made = new Plot(
        options({ width, height, syncKey, read: () => latest.current, onCursor: setAt }),
        dataOf(latest.current),
        parent,
      );
      plot.current = made;
      observer = new ResizeObserver(() => {
        made.setSize({ width: Math.max(60, parent.clientWidth), height });
      });
      observer.observe(parent);
    });
    return () => {
      gone = true;
      observer?.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [scheme, shape, height, syncKey]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the axis moves with its ends
  useEffect(() => {
    plot.current?.setData(dataOf(latest.current));
  }, [timesMs, series, fromMs, toMs]);

  const index = at !== null && at < timesMs.length ? at : null;
  const time = index === null ? undefined : timesMs[index];
  return (
    <figure className={classes.figure} data-testid={testId}>
      <figcaption className={classes.caption}>
        <span className={classes.title}>{title}</span>
        {time === undefined ? null : <span className={classes.time}>{clock(time)}</span>}
        <span className={classes.legend}>
          {series.map(({ label, color, values }) => (
            <span key={label} className={classes.item}>
              <span
                className={classes.swatch}
                style={{ background: `var(${color})` }}
                aria-hidden
              />
              {series.length > 1 ? <span className={classes.name}>{label}</span> : null}
              <strong>{shown(index === null ? last(values) : values[index], format)}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={holder} className={classes.plot} style={{ height }} aria-hidden />
    </figure>
  );
}

const dataOf = ({ timesMs, series }: TimeChartProps): uPlot.AlignedData => [
  timesMs as number[],
  ...series.map(({ values }) => values as (number | null)[]),
];

function last(values: readonly (number | null)[]): number | null {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (value != null) return value;
  }
  return null;
}

const shown = (value: number | null | undefined, format: (value: number) => string): string =>
  value == null ? "–" : format(value);
