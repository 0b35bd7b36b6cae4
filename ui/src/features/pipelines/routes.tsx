/** The pages of this feature, for `app/router.tsx`. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";
import { flag, int, oneOf, text } from "@/app/search";
import { SHOWS, type Show } from "./filter";

export interface DagsSearch {
  q?: string;
  tag?: string;
  show?: Show;
}

export const TABS = ["graph", "grid", "gantt", "runs", "code", "details"] as const;
export type Tab = (typeof TABS)[number];

export const PANELS = ["log", "xcom", "rendered", "details"] as const;
export type PanelTab = (typeof PANELS)[number];

export interface DagSearch {
  tab?: Tab;
  /** The selected run; absent: the latest. */
  run?: string;
  /** The selected task, and the instance of a mapped one. */
  task?: string;
  map?: number;
  panel?: PanelTab;
  /** The try whose log is read; absent: the latest. */
  try?: number;
  /** The trigger form is open. */
  trigger?: true;
}

export const dagsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/dags",
  component: lazyRouteComponent(() => import("./DagsPage"), "DagsPage"),
  validateSearch: (search: Record<string, unknown>): DagsSearch => ({
    q: text(search.q),
    tag: text(search.tag),
    show: oneOf(search.show, SHOWS),
  }),
  staticData: { crumbs: () => [{ label: "DAGs" }] },
});

export const dagRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/dags/$dagId",
  component: lazyRouteComponent(() => import("./DagPage"), "DagPage"),
  validateSearch: (search: Record<string, unknown>): DagSearch => ({
    tab: oneOf(search.tab, TABS),
    run: text(search.run),
    task: text(search.task),
    map: int(search.map),
    panel: oneOf(search.panel, PANELS),
    try: int(search.try),
    trigger: flag(search.trigger),
  }),
  staticData: {
    crumbs: ({ dagId = "" }) => [{ label: "DAGs", to: "/dags" }, { label: dagId }],
  },
});

export const pipelinesRoutes = [dagsRoute, dagRoute] as const;
