/** The pages of this feature, for `app/router.tsx`. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";
import { flag, oneOf, text } from "@/app/search";

export interface ConsumersSearch {
  q?: string;
  /** Only groups in this state, by Kafka's word. */
  state?: string;
}

export const GROUP_TABS = ["partitions", "members"] as const;
export type GroupTab = (typeof GROUP_TABS)[number];

export interface GroupSearch {
  tab?: GroupTab;
  /** The reset dialog is open. */
  reset?: true;
}

const consumersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/consumers",
  component: lazyRouteComponent(() => import("./ConsumersPage"), "ConsumersPage"),
  validateSearch: (search: Record<string, unknown>): ConsumersSearch => ({
    q: text(search.q),
    state: text(search.state),
  }),
  staticData: { crumbs: () => [{ label: "Consumers" }] },
});

const groupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/consumers/$group",
  component: lazyRouteComponent(() => import("./GroupPage"), "GroupPage"),
  validateSearch: (search: Record<string, unknown>): GroupSearch => ({
    tab: oneOf(search.tab, GROUP_TABS),
    reset: flag(search.reset),
  }),
  staticData: {
    crumbs: ({ group = "" }) => [{ label: "Consumers", to: "/consumers" }, { label: group }],
    charts: true,
  },
});

export const consumersRoutes = [consumersRoute, groupRoute] as const;
