/** The pages of this feature, for `app/router.tsx`. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";
import { flag } from "@/app/search";

export interface SettingsSearch {
  /** The form for another cluster is open. */
  attach?: true;
}

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./SettingsPage"), "SettingsPage"),
  validateSearch: (search: Record<string, unknown>): SettingsSearch => ({
    attach: flag(search.attach),
  }),
  staticData: { crumbs: () => [{ label: "Settings" }] },
});

export const settingsRoutes = [settingsRoute] as const;
