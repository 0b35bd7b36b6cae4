/** The pages of this feature, for `app/router.tsx`. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";
import { int, text } from "@/app/search";

export interface BrokersSearch {
  /** The broker whose configuration is shown; absent: the first. */
  broker?: number;
  /** Filters its configuration. */
  q?: string;
}

const brokersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/brokers",
  component: lazyRouteComponent(() => import("./BrokersPage"), "BrokersPage"),
  validateSearch: (search: Record<string, unknown>): BrokersSearch => ({
    broker: int(search.broker),
    q: text(search.q),
  }),
  staticData: { crumbs: () => [{ label: "Brokers" }] },
});

export const brokersRoutes = [brokersRoute] as const;
