import { useViewportSize } from "@mantine/hooks";

/** What fits a page in this window: taller charts and longer lists where there is room. */
export function useRoom(): { chartPx: number; rows: number } {
  const { height } = useViewportSize();
  return {
    chartPx: Math.round(Math.max(150, Math.min(280, height * 0.2))),
    rows: height >= 1000 ? 10 : height >= 900 ? 8 : 6,
  };
}
