/** The pages of this feature, for `app/router.tsx`. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./OverviewPage"), "OverviewPage"),
  staticData: { crumbs: () => [{ label: "Overview" }], charts: true },
});

export const overviewRoutes = [overviewRoute] as const;
