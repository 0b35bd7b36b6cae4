/** The pages of this feature, for `app/router.tsx`. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";
import { flag, int, oneOf, text } from "@/app/search";

export interface TopicsSearch {
  q?: string;
  /** Internal topics too. */
  internal?: true;
  /** The create dialog is open. */
  create?: true;
}

export const TOPIC_TABS = ["overview", "messages", "consumers", "configuration"] as const;
export type TopicTab = (typeof TOPIC_TABS)[number];

export const SEEKS = ["live", "newest", "oldest", "offset", "time"] as const;
export type SeekWord = (typeof SEEKS)[number];

export interface TopicSearch {
  tab?: TopicTab;
  /** Where reading begins; absent: newest. */
  seek?: SeekWord;
  /** For `seek=offset`. */
  offset?: number;
  /** For `seek=time`, milliseconds since 1970. */
  time?: number;
  partition?: number;
  /** Only messages that contain this. */
  q?: string;
  limit?: number;
  /** The message shown in full: `partition:offset`. */
  at?: string;
  /** The produce dialog is open. */
  produce?: true;
}

const topicsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/topics",
  component: lazyRouteComponent(() => import("./TopicsPage"), "TopicsPage"),
  validateSearch: (search: Record<string, unknown>): TopicsSearch => ({
    q: text(search.q),
    internal: flag(search.internal),
    create: flag(search.create),
  }),
  staticData: { crumbs: () => [{ label: "Topics" }] },
});

const topicRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/topics/$topic",
  component: lazyRouteComponent(() => import("./TopicPage"), "TopicPage"),
  validateSearch: (search: Record<string, unknown>): TopicSearch => ({
    tab: oneOf(search.tab, TOPIC_TABS),
    seek: oneOf(search.seek, SEEKS),
    offset: int(search.offset),
    time: int(search.time),
    partition: int(search.partition),
    q: text(search.q),
    limit: int(search.limit),
    at: text(search.at),
    produce: flag(search.produce),
  }),
  staticData: {
    crumbs: ({ topic = "" }) => [{ label: "Topics", to: "/topics" }, { label: topic }],
    charts: ({ tab }) => tab === undefined,
  },
});

export const topicsRoutes = [topicsRoute, topicRoute] as const;
