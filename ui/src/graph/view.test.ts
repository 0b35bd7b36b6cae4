import { expect, it } from "vitest";
import { firstView } from "./view";

const check = (
  graph: [number, number],
  room: [number, number],
  expected: [number, number, number],
) => {
  const view = firstView(
    { width: graph[0], height: graph[1] },
    { width: room[0], height: room[1] },
  );
  expect([view.x, view.y, view.zoom].map((n) => Math.round(n * 100) / 100)).toEqual(expected);
};

it("shows all of a graph whose labels stay readable, else its beginning", () => {
  check([400, 100], [1000, 600], [300, 250, 1]);
  check([1180, 100], [1000, 600], [28, 260, 0.8]);
  check([4000, 100], [1000, 600], [28, 260, 0.8]);
  check([400, 4000], [1000, 600], [340, 28, 0.8]);
  check([0, 0], [1000, 600], [500, 300, 1]);
});
