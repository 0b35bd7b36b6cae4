/** A cluster at a glance: overview, charts, brokers. */
import { useQuery } from "@tanstack/react-query";
import { rpc } from "@/host/rpc";

export const clusterKeys = {
  overview: (cluster: string) => ["overview", cluster] as const,
  brokers: (cluster: string) => ["brokers", cluster] as const,
  brokerConfig: (cluster: string, broker: number) => ["broker_config", cluster, broker] as const,
};

export const useOverview = (cluster: string) =>
  useQuery({
    queryKey: clusterKeys.overview(cluster),
    queryFn: ({ signal }) => rpc("overview", { cluster }, signal),
    refetchInterval: 1_000,
  });

export const useBrokers = (cluster: string) =>
  useQuery({
    queryKey: clusterKeys.brokers(cluster),
    queryFn: ({ signal }) => rpc("brokers_list", { cluster }, signal),
    refetchInterval: 5_000,
  });

export const useBrokerConfig = (cluster: string, broker: number | undefined) =>
  useQuery({
    queryKey: clusterKeys.brokerConfig(cluster, broker ?? -1),
    queryFn: ({ signal }) => rpc("broker_config", { cluster, broker: broker ?? -1 }, signal),
    enabled: broker !== undefined,
  });

/** What a chart shows: a window that moves with the clock, or one that stands still. */
export type ChartWindow =
  | { kind: "moving"; spanMs: number }
  | { kind: "fixed"; fromMs: number; toMs: number };

const POINTS_MAX = 600;

/** Series over the window, one time axis; a moving window is asked for again as points arrive. */
export const useMetrics = (cluster: string, series: readonly string[], window: ChartWindow) =>
  useQuery({
    queryKey: ["metrics", cluster, series.join(" "), window] as const,
    queryFn: ({ signal }) => {
      const now = Date.now();
      const [from_ms, to_ms] =
        window.kind === "moving" ? [now - window.spanMs, now] : [window.fromMs, window.toMs];
      const params = { cluster, series: [...series], from_ms, to_ms, points_max: POINTS_MAX };
      return rpc("metrics", params, signal);
    },
    // Another range of the same lines waits behind the one shown.
    placeholderData: (previous, query) =>
      query?.queryKey[1] === cluster && query.queryKey[2] === series.join(" ")
        ? previous
        : undefined,
    refetchInterval: window.kind === "moving" ? refreshMs(window.spanMs) : false,
  });

/** A second for short windows; for long ones about as often as a new point appears. */
export const refreshMs = (spanMs: number): number =>
  Math.min(60_000, Math.max(1_000, Math.floor(spanMs / POINTS_MAX)));
