/** The root of the route tree: the shell, and what every page keeps in the URL. */
import { createRootRoute, retainSearchParams } from "@tanstack/react-router";
import { NotFound } from "./NotFound";
import { text } from "./search";
import { Shell } from "./shell/Shell";

export interface Crumb {
  label: string;
  to?: string;
}

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** The way here, for the top bar. The last one is the page itself. */
    crumbs?: (params: Record<string, string>) => Crumb[];
    /** The page has charts (with this search): the top bar shows the time range. */
    charts?: boolean | ((search: Record<string, unknown>) => boolean);
  }
}

/** Kept while moving between pages. */
export interface RootSearch {
  /** The cluster looked at; absent: `local`. */
  cluster?: string;
  /** The charts' time range, e.g. `15m`; absent: live. */
  range?: string;
}

export const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  validateSearch: (search: Record<string, unknown>): RootSearch => ({
    cluster: text(search.cluster),
    range: text(search.range),
  }),
  search: { middlewares: [retainSearchParams(["cluster", "range"])] },
});
