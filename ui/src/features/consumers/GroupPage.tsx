import { Button, Tabs } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { READ_ONLY, useCluster, useReadOnly } from "@/app/cluster";
import { ErrorState } from "@/components/ErrorState";
import { HumanNumber } from "@/components/Figures";
import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { PageSkeleton } from "@/components/Skeletons";
import { StatePill } from "@/components/StatePill";
import { Stat, StatStrip } from "@/components/StatStrip";
import { groupState } from "@/components/states";
import { useGroup } from "@/queries/groups";
import { DeleteGroup } from "./DeleteGroup";
import { GroupChart } from "./GroupChart";
import { GroupMembers } from "./GroupMembers";
import { GroupPartitions } from "./GroupPartitions";
import { ResetDialog } from "./reset/ResetDialog";
import { GROUP_TABS } from "./routes";
import { useLagHistory } from "./useLagHistory";

const FROM = { from: "/consumers/$group" } as const;

export function GroupPage() {
  const cluster = useCluster();
  const { group } = useParams(FROM);
  const { tab = "partitions", reset = false } = useSearch(FROM);
  const navigate = useNavigate(FROM);
  const readOnly = useReadOnly();
  const { data, error, refetch, dataUpdatedAt } = useGroup(cluster, group);
  const history = useLagHistory(group, data, dataUpdatedAt);
  if (error && !data) return <ErrorState error={error} onRetry={refetch} />;
  if (!data) return <PageSkeleton />;
  const { row, partitions, members } = data;
  const setReset = (open: true | undefined) =>
    navigate({ search: (before) => ({ ...before, reset: open }), replace: true });
  return (
    <Page mode="fill" testId="page-group">
      <PageHeader
        title={group}
        aside={<StatePill state={groupState(row.state)} title={row.state} />}
        actions={
          <>
            <Button
              variant="default"
              leftSection={<RotateCcw size={13} />}
              disabled={readOnly}
              title={readOnly ? READ_ONLY : undefined}
              onClick={() => setReset(true)}
              data-testid="group-reset"
            >
              Reset offsets
            </Button>
            {readOnly ? null : <DeleteGroup group={group} />}
          </>
        }
      />
      <StatStrip label="Group figures" testId="group-stats">
        <Stat label="Total lag">
          <HumanNumber value={row.total_lag} />
        </Stat>
        <Stat label="Members">{row.members}</Stat>
        <Stat label="Topics">{row.topics.length}</Stat>
        <Stat label="Partitions">{partitions.length}</Stat>
        <Stat label="Assignor">{row.protocol === "" ? "–" : row.protocol}</Stat>
        <Stat label="Coordinator" wide>
          {row.coordinator ?? "–"}
        </Stat>
      </StatStrip>
      <GroupChart group={group} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) =>
          navigate({
            search: (before) => ({
              ...before,
              tab: GROUP_TABS.find((known) => known === next && known !== "partitions"),
            }),
            replace: true,
          })
        }
      >
        <Tabs.List>
          <Tabs.Tab value="partitions" data-testid="tab-partitions">
            Lag per partition
          </Tabs.Tab>
          <Tabs.Tab value="members" data-testid="tab-members">
            Members {members.length}
          </Tabs.Tab>
        </Tabs.List>
      </Tabs>
      <Panel flush fill>
        {tab === "partitions" ? (
          <GroupPartitions partitions={partitions} history={history} />
        ) : (
          <GroupMembers members={members} />
        )}
      </Panel>
      <ResetDialog detail={data} opened={reset && !readOnly} onClose={() => setReset(undefined)} />
    </Page>
  );
}
