/** Where looking at a graph begins. */

export type Size = { width: number; height: number };

/** A point on the screen for the graph's origin, and a scale. */
export type View = { x: number; y: number; zoom: number };

const MARGIN_PX = 28;
/** Below this labels can no longer be read. */
const READABLE_ZOOM_MIN = 0.8;

/**
 * The whole graph in the middle when its labels stay readable; otherwise its
 * beginning at the left, and the rest is a scroll away.
 */
export function firstView(graph: Size, room: Size): View {
  const fit = Math.min(
    1,
    (room.width - 2 * MARGIN_PX) / Math.max(1, graph.width),
    (room.height - 2 * MARGIN_PX) / Math.max(1, graph.height),
  );
  const zoom = Math.max(fit, READABLE_ZOOM_MIN);
  const place = (size: number, space: number) =>
    size * zoom + 2 * MARGIN_PX <= space + 1 ? (space - size * zoom) / 2 : MARGIN_PX;
  return { x: place(graph.width, room.width), y: place(graph.height, room.height), zoom };
}
