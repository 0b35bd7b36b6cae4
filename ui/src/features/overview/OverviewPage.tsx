import { LOCAL, useCluster } from "@/app/cluster";
import { QuickstartCard } from "@/app/quickstart/QuickstartCard";
import { ErrorState } from "@/components/ErrorState";
import { Page } from "@/components/Page";
import { useOverview } from "@/queries/cluster";
import { BusiestTopics } from "./BusiestTopics";
import { Charts } from "./Charts";
import { Health } from "./Health";
import classes from "./OverviewPage.module.css";
import { RecentRuns } from "./RecentRuns";
import { SlowestGroups } from "./SlowestGroups";

export function OverviewPage() {
  const cluster = useCluster();
  const { data, error, refetch } = useOverview(cluster);
  if (error && !data) return <ErrorState error={error} onRetry={refetch} />;
  return (
    <Page testId="page-overview">
      <h1 className="visually-hidden">Overview</h1>
      <Health overview={data} />
      <Charts overview={data} />
      <div className={classes.columns}>
        <BusiestTopics topics={data?.busiest_topics} />
        <SlowestGroups groups={data?.slowest_groups} />
        <RecentRuns runs={data?.recent_runs} />
      </div>
      {cluster === LOCAL ? <QuickstartCard /> : null}
    </Page>
  );
}
