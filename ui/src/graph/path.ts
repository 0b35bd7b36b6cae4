/** Edge routes as SVG path data, corners rounded. */

import type { Point } from "./layout";

const CORNER_PX = 8;

/** An absolute polyline as a path; each corner is an arc no longer than half its legs. */
export function roundedPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${round(first.x)},${round(first.y)}`;
  rest.forEach((corner, index) => {
    const before = points[index];
    const after = points[index + 2];
    if (before === undefined || after === undefined) {
      path += `L${round(corner.x)},${round(corner.y)}`;
      return;
    }
    const enter = towards(corner, before);
    const leave = towards(corner, after);
    path += `L${round(enter.x)},${round(enter.y)}Q${round(corner.x)},${round(corner.y)} ${round(leave.x)},${round(leave.y)}`;
  });
  return path;
}

/** The point a corner's radius away from `from` on the way to `to`. */
function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return from;
  const share = Math.min(CORNER_PX, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

const round = (value: number): number => Math.round(value * 10) / 10;
