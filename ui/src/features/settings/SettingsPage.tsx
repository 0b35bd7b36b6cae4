import { QuickstartCard } from "@/app/quickstart/QuickstartCard";
import { ErrorState } from "@/components/ErrorState";
import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";
import { PageSkeleton } from "@/components/Skeletons";
import { useSettings, useStatus } from "@/queries/platform";
import { Addresses } from "./Addresses";
import { Appearance } from "./Appearance";
import { ClustersPanel } from "./ClustersPanel";
import { Paths } from "./Paths";
import { SettingsForm } from "./SettingsForm";
import classes from "./SettingsPage.module.css";

export function SettingsPage() {
  const { data: settings, error, refetch } = useSettings();
  const { data: status } = useStatus();
  if (error && !settings) return <ErrorState error={error} onRetry={refetch} />;
  if (!settings) return <PageSkeleton />;
  return (
    <Page testId="page-settings">
      <PageHeader title="Settings" />
      <div className={classes.columns}>
        <div className={classes.main}>
          <ClustersPanel />
          <SettingsForm key={JSON.stringify(settings.editable)} settings={settings} />
        </div>
        <div className={classes.side}>
          <Addresses services={status?.services ?? []} />
          <Paths settings={settings} status={status} />
          <Appearance />
          <QuickstartCard />
        </div>
      </div>
    </Page>
  );
}
