/** The charts' time range: a word in the URL, a window for the query. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { clock, timestamp } from "@/format/format";
import type { ChartWindow } from "@/queries/cluster";

const MINUTE = 60_000;

export const ranges = [
  { value: "live", label: "Live", spanMs: 5 * MINUTE },
  { value: "15m", label: "15 m", spanMs: 15 * MINUTE },
  { value: "1h", label: "1 h", spanMs: 60 * MINUTE },
  { value: "6h", label: "6 h", spanMs: 360 * MINUTE },
  { value: "24h", label: "24 h", spanMs: 1_440 * MINUTE },
  { value: "7d", label: "7 d", spanMs: 10_080 * MINUTE },
] as const;

/** `live`, `15m` …, or `from..to` in milliseconds. */
export function windowOf(range: string | undefined): ChartWindow {
  const fixed = /^(\d{1,15})\.\.(\d{1,15})$/.exec(range ?? "");
  if (fixed) {
    const [fromMs, toMs] = [Number(fixed[1]), Number(fixed[2])];
    if (toMs > fromMs) return { kind: "fixed", fromMs, toMs };
  }
  const known = ranges.find((candidate) => candidate.value === range) ?? ranges[0];
  return { kind: "moving", spanMs: known.spanMs };
}

export const fixedRange = (fromMs: number, toMs: number): string =>
  `${Math.round(fromMs)}..${Math.round(toMs)}`;

/** What the picker says: `Live`, `1 h`, `12:04:10 – 12:06:00`. */
export function rangeLabel(range: string | undefined): string {
  const window = windowOf(range);
  if (window.kind === "moving") {
    return (ranges.find((candidate) => candidate.value === range) ?? ranges[0]).label;
  }
  const day = window.toMs - window.fromMs > 1_440 * MINUTE;
  const word = day ? (ms: number) => timestamp(ms, false).slice(5, 16) : clock;
  return `${word(window.fromMs)} – ${word(window.toMs)}`;
}

export function useTimeRange() {
  const { range } = useSearch({ strict: false });
  const navigate = useNavigate();
  return {
    range,
    window: windowOf(range),
    setRange: (next: string | undefined) =>
      navigate({
        to: ".",
        search: (before) => ({ ...before, range: next === "live" ? undefined : next }),
        replace: true,
      }),
  };
}
