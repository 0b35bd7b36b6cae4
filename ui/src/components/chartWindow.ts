import { useNow } from "@/format/useNow";
import type { ChartWindow } from "@/queries/cluster";

/** The ends of a chart's axis now: a moving window's end follows the clock. */
export function useWindowEnds(window: ChartWindow): { fromMs: number; toMs: number } {
  const now = useNow();
  if (window.kind === "fixed") return { fromMs: window.fromMs, toMs: window.toMs };
  return { fromMs: now - window.spanMs, toMs: now };
}
