/** The pages of this feature, for `app/router.tsx`. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";
import { oneOf, text } from "@/app/search";
import type { RunState, RunType } from "@/gen/api";

export const RUN_STATES = ["queued", "running", "success", "failed"] as const satisfies RunState[];
export const RUN_TYPES = ["scheduled", "manual", "backfill"] as const satisfies RunType[];

export interface RunsSearch {
  /** Words of the DAG's or the run's id. */
  q?: string;
  dag?: string;
  state?: RunState;
  type?: RunType;
}

export const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs",
  component: lazyRouteComponent(() => import("./RunsPage"), "RunsPage"),
  validateSearch: (search: Record<string, unknown>): RunsSearch => ({
    q: text(search.q),
    dag: text(search.dag),
    state: oneOf(search.state, RUN_STATES),
    type: oneOf(search.type, RUN_TYPES),
  }),
  staticData: { crumbs: () => [{ label: "Runs" }] },
});

export const runsRoutes = [runsRoute] as const;
