import { Button, SegmentedControl, Select } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { useMemo, useState } from "react";
import { useQuickstartSteps } from "@/app/quickstart/useQuickstartSteps";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { FilterInput } from "@/components/FilterInput";
import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/Skeletons";
import { plural } from "@/format/format";
import type { DagRow } from "@/gen/api";
import { useDags } from "@/queries/dags";
import { DagsTable } from "./DagsTable";
import { allTags, type DagFilter, filterDags, matchesShow, SHOWS, type Show } from "./filter";
import { ImportErrors } from "./ImportErrors";
import { TriggerDialog } from "./TriggerDialog";

/** All DAGs: Airflow's list. */
export function DagsPage() {
  const search = useSearch({ from: "/dags" });
  const navigate = useNavigate({ from: "/dags" });
  const dags = useDags();
  const [triggering, setTriggering] = useState<string | null>(null);
  const filter: DagFilter = { text: search.q, tag: search.tag, show: search.show };
  const rows = useMemo(
    () =>
      filterDags(dags.data?.dags ?? [], {
        text: search.q,
        tag: search.tag,
        show: search.show,
      }),
    [dags.data, search.q, search.tag, search.show],
  );
  const set = (change: Partial<typeof search>) =>
    navigate({ search: (current) => ({ ...current, ...change }), replace: true });

  if (dags.error && !dags.data) {
    return <ErrorState error={dags.error} onRetry={() => dags.refetch()} />;
  }
  const all = dags.data?.dags ?? [];
  const errors = dags.data?.import_errors ?? [];
  return (
    <Page mode="fill" testId="dags-page">
      <PageHeader
        title="DAGs"
        aside={
          dags.data ? <span className="dim">{countWords(all.length, rows.length)}</span> : null
        }
        actions={
          <>
            <ShowFilter dags={all} value={filter.show} onChange={(show) => set({ show })} />
            <Select
              aria-label="Tag"
              placeholder="Any tag"
              data={allTags(all)}
              value={filter.tag ?? null}
              onChange={(tag) => set({ tag: tag ?? undefined })}
              clearable
              searchable
              w={140}
              data-testid="dags-tag"
            />
            <FilterInput
              value={filter.text ?? ""}
              onChange={(q) => set({ q: q === "" ? undefined : q })}
              placeholder="Filter DAGs"
              width={220}
              testId="dags-filter"
            />
          </>
        }
      />
      {errors.length > 0 ? <ImportErrors errors={errors} /> : null}
      <Panel flush fill>
        {dags.data === undefined ? (
          <TableSkeleton />
        ) : (
          <DagsTable
            dags={rows}
            onTrigger={setTriggering}
            empty={
              all.length === 0 ? (
                <NoDags />
              ) : (
                <EmptyState
                  compact
                  icon={Workflow}
                  title="No DAG matches"
                  body="Other words, another tag or another state may find it."
                  action={
                    <Button
                      variant="default"
                      onClick={() => set({ q: undefined, tag: undefined, show: undefined })}
                    >
                      Clear filters
                    </Button>
                  }
                />
              )
            }
          />
        )}
      </Panel>
      <TriggerDialog dagId={triggering} onClose={() => setTriggering(null)} />
    </Page>
  );
}

const countWords = (all: number, shown: number): string =>
  all === shown ? plural(all, "DAG") : `${shown} of ${plural(all, "DAG")}`;

interface ShowFilterProps {
  dags: readonly DagRow[];
  value: Show | undefined;
  onChange: (show: Show | undefined) => void;
}

function ShowFilter({ dags, value, onChange }: ShowFilterProps) {
  const label = (show: Show | undefined, word: string) => (
    <>
      {word} <span className="dim num">{dags.filter((dag) => matchesShow(dag, show)).length}</span>
    </>
  );
  return (
    <SegmentedControl
      aria-label="Which DAGs"
      value={value ?? "all"}
      onChange={(next) => onChange(SHOWS.find((show) => show === next))}
      data={[
        { value: "all", label: label(undefined, "All") },
        { value: "active", label: label("active", "Active") },
        { value: "paused", label: label("paused", "Paused") },
        { value: "running", label: label("running", "Running") },
        { value: "failed", label: label("failed", "Failed") },
      ]}
    />
  );
}

function NoDags() {
  const { take, busy } = useQuickstartSteps();
  return (
    <EmptyState
      icon={Workflow}
      testId="dags-empty"
      title="No DAGs yet"
      body={
        <>
          A DAG is a YAML file in the folder <code>dags</code> of the data directory: put one there
          and it appears here by itself. The quickstart brings one that runs every minute on this
          computer's own figures.
        </>
      }
      action={
        <Button onClick={() => take("start")} loading={busy} data-testid="dags-quickstart">
          Start the quickstart
        </Button>
      }
    />
  );
}
