import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";

export function OverviewPage() {
  return (
    <Page testId="page-overview">
      <PageHeader title="Overview" />
    </Page>
  );
}
