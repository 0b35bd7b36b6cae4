/** The pages of this feature, for `app/router.tsx`. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";
import { flag, int, oneOf, text } from "@/app/search";

export interface SubjectsSearch {
  q?: string;
  /** The form for a new subject is open. */
  register?: true;
}

export const SUBJECT_TABS = ["schema", "diff", "evolve"] as const;
export type SubjectTab = (typeof SUBJECT_TABS)[number];

export interface SubjectSearch {
  tab?: SubjectTab;
  /** The version shown; absent: the latest. */
  version?: number;
  /** The older side of the diff; absent: the one before. */
  from?: number;
  /** The diff in one column. */
  unified?: true;
}

export const subjectsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/schemas",
  component: lazyRouteComponent(() => import("./SubjectsPage"), "SubjectsPage"),
  validateSearch: (search: Record<string, unknown>): SubjectsSearch => ({
    q: text(search.q),
    register: flag(search.register),
  }),
  staticData: { crumbs: () => [{ label: "Schemas" }] },
});

export const subjectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/schemas/$subject",
  component: lazyRouteComponent(() => import("./SubjectPage"), "SubjectPage"),
  validateSearch: (search: Record<string, unknown>): SubjectSearch => ({
    tab: oneOf(search.tab, SUBJECT_TABS),
    version: int(search.version),
    from: int(search.from),
    unified: flag(search.unified),
  }),
  staticData: {
    crumbs: ({ subject = "" }) => [{ label: "Schemas", to: "/schemas" }, { label: subject }],
  },
});

export const schemasRoutes = [subjectsRoute, subjectRoute] as const;
