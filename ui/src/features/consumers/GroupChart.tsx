import { useCluster } from "@/app/cluster";
import { fixedRange, useTimeRange } from "@/app/timeRange";
import { useWindowEnds } from "@/components/chartWindow";
import { Panel } from "@/components/Panel";
import { TimeChart } from "@/components/TimeChart";
import { count } from "@/format/format";
import { useRoom } from "@/format/useRoom";
import { useMetrics } from "@/queries/cluster";

const NONE: number[] = [];

export function GroupChart({ group }: { group: string }) {
  const cluster = useCluster();
  const { window, setRange } = useTimeRange();
  const { data } = useMetrics(cluster, [`group_lag:${group}`], window);
  const ends = useWindowEnds(window);
  const { chartPx } = useRoom();
  return (
    <Panel flush>
      <TimeChart
        title="Total lag"
        testId="chart-group-lag"
        {...ends}
        timesMs={data?.times_ms ?? NONE}
        series={[
          {
            label: "messages",
            color: "--ph-chart-3",
            fill: true,
            values: data?.series[0]?.values ?? [],
          },
        ]}
        axisFormat={count}
        format={count}
        height={chartPx}
        onBrush={(from, to) => setRange(fixedRange(from, to))}
        onReset={() => setRange(undefined)}
      />
    </Panel>
  );
}
