/** The pages of this feature, for `app/router.tsx`. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./SettingsPage"), "SettingsPage"),
  staticData: { crumbs: () => [{ label: "Settings" }] },
});

export const settingsRoutes = [settingsRoute] as const;
