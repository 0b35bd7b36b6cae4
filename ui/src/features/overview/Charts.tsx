import { useCluster } from "@/app/cluster";
import { fixedRange, useTimeRange } from "@/app/timeRange";
import { useWindowEnds } from "@/components/chartWindow";
import { Panel } from "@/components/Panel";
import { TimeChart } from "@/components/TimeChart";
import { bytes, count, rate } from "@/format/format";
import { useRoom } from "@/format/useRoom";
import type { MetricsReply, Overview } from "@/gen/api";
import { useMetrics } from "@/queries/cluster";
import classes from "./Charts.module.css";

const NAMES = ["messages_in", "bytes_in", "bytes_out", "total_lag"];
const NONE: number[] = [];

/** Three charts on one crosshair and one range; brushing one zooms all. */
export function Charts({ overview }: { overview: Overview | undefined }) {
  const cluster = useCluster();
  const { window, setRange } = useTimeRange();
  const { data } = useMetrics(cluster, NAMES, window);
  const ends = useWindowEnds(window);
  const { chartPx } = useRoom();
  const shared = {
    ...ends,
    timesMs: data?.times_ms ?? NONE,
    syncKey: "overview",
    height: chartPx,
    onBrush: (from: number, to: number) => setRange(fixedRange(from, to)),
    onReset: () => setRange(undefined),
  };
  const noBytes = overview !== undefined && overview.bytes_in_per_s === null;
  return (
    <div className={classes.charts}>
      <Panel flush>
        <TimeChart
          {...shared}
          title="Messages in"
          testId="chart-messages-in"
          format={perSecond}
          axisFormat={rate}
          series={[
            {
              label: "per second",
              color: "--ph-chart-1",
              fill: true,
              values: pick(data, "messages_in"),
            },
          ]}
        />
      </Panel>
      <Panel flush>
        <TimeChart
          {...shared}
          title="Throughput"
          testId="chart-bytes"
          format={bytesPerSecond}
          axisFormat={bytes}
          binary
          series={[
            { label: "in", color: "--ph-chart-1", fill: true, values: pick(data, "bytes_in") },
            { label: "out", color: "--ph-chart-2", values: pick(data, "bytes_out") },
          ]}
        />
        {noBytes ? (
          <p className={classes.note}>
            This cluster does not tell its bytes: Kafka has no request for it.
          </p>
        ) : null}
      </Panel>
      <Panel flush>
        <TimeChart
          {...shared}
          title="Total lag"
          testId="chart-lag"
          format={count}
          axisFormat={count}
          series={[
            {
              label: "messages",
              color: "--ph-chart-3",
              fill: true,
              values: pick(data, "total_lag"),
            },
          ]}
        />
      </Panel>
    </div>
  );
}

const perSecond = (value: number): string => `${rate(value)}/s`;
const bytesPerSecond = (value: number): string => `${bytes(value)}/s`;

const pick = (reply: MetricsReply | undefined, name: string): (number | null)[] =>
  reply?.series.find((series) => series.name === name)?.values ?? [];
