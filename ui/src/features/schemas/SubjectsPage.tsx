import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { FilePlus2, Shapes } from "lucide-react";
import { useMemo } from "react";
import { READ_ONLY, useCluster, useReadOnly } from "@/app/cluster";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { FilterInput } from "@/components/FilterInput";
import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/Skeletons";
import { plural } from "@/format/format";
import type { SubjectRow } from "@/gen/api";
import { useSubjects } from "@/queries/schemas";
import { CompatibilityMenu } from "./CompatibilityMenu";
import { explainLevel } from "./levels";
import { RegisterDialog } from "./RegisterDialog";

/** All subjects of the registry. */
export function SubjectsPage() {
  const cluster = useCluster();
  const readOnly = useReadOnly();
  const search = useSearch({ from: "/schemas" });
  const navigate = useNavigate({ from: "/schemas" });
  const subjects = useSubjects(cluster);
  const q = search.q ?? "";
  const rows = useMemo(() => filterSubjects(subjects.data ?? [], q), [subjects.data, q]);
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  const open = (subject: string) =>
    void navigate({
      to: "/schemas/$subject",
      params: { subject },
      search: (current) => ({ cluster: current.cluster }),
    });

  if (subjects.error && !subjects.data) {
    return <ErrorState error={subjects.error} onRetry={() => subjects.refetch()} />;
  }
  const register = (
    <Button
      leftSection={<FilePlus2 size={14} />}
      onClick={() => set({ register: true })}
      disabled={readOnly}
      title={readOnly ? READ_ONLY : undefined}
      data-testid="schema-register"
    >
      Register a schema
    </Button>
  );
  const global = subjects.data?.find((row) => row.compatibility_inherited)?.compatibility ?? null;
  return (
    <Page mode="fill" testId="schemas-page">
      <PageHeader
        title="Schemas"
        aside={
          subjects.data ? (
            <span className="dim">
              {rows.length === subjects.data.length
                ? plural(rows.length, "subject")
                : `${rows.length} of ${plural(subjects.data.length, "subject")}`}
            </span>
          ) : null
        }
        actions={
          <>
            <FilterInput
              value={q}
              onChange={(next) => set({ q: next === "" ? undefined : next })}
              placeholder="Filter subjects"
              testId="schemas-filter"
            />
            <CompatibilityMenu cluster={cluster} subject={null} level={global} inherited={false} />
            {register}
          </>
        }
      />
      <Panel flush fill>
        {subjects.data === undefined ? (
          <TableSkeleton />
        ) : (
          <DataTable
            label="Subjects"
            rows={rows}
            columns={COLUMNS}
            rowKey={(row) => row.subject}
            rowTestId={(row) => `subject-row-${row.subject}`}
            initialSort={{ column: "subject", desc: false }}
            onOpen={(row) => open(row.subject)}
            testId="subjects-table"
            empty={
              subjects.data.length === 0 ? (
                <EmptyState
                  icon={Shapes}
                  testId="schemas-empty"
                  title="No schemas yet"
                  body="A subject holds the versions of one schema, by convention <topic>-value or <topic>-key. Clients register theirs when they first produce; here you can do it by hand."
                  action={register}
                />
              ) : (
                <EmptyState
                  compact
                  icon={Shapes}
                  title="No subject matches"
                  action={
                    <Button variant="default" onClick={() => set({ q: undefined })}>
                      Clear the filter
                    </Button>
                  }
                />
              )
            }
          />
        )}
      </Panel>
      <RegisterDialog
        cluster={cluster}
        opened={search.register === true && !readOnly}
        onClose={() => set({ register: undefined })}
        onRegistered={open}
      />
    </Page>
  );
}

/** Every word stands in the subject, its type or its level. */
export function filterSubjects(rows: readonly SubjectRow[], text: string): SubjectRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const hay = `${row.subject}\n${row.schema_type}\n${row.compatibility}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}

const COLUMNS: Column<SubjectRow>[] = [
  {
    id: "subject",
    header: "Subject",
    grow: 3,
    minWidth: 220,
    value: (row) => row.subject,
    cell: (row) => <span style={{ fontWeight: 500 }}>{row.subject}</span>,
  },
  {
    id: "type",
    header: "Type",
    width: 110,
    value: (row) => row.schema_type,
    cell: (row) => row.schema_type,
  },
  {
    id: "compatibility",
    header: "Compatibility",
    grow: 1.4,
    minWidth: 190,
    value: (row) => row.compatibility,
    cell: (row) => (
      <span title={explainLevel(row.compatibility)}>
        {row.compatibility}
        {row.compatibility_inherited ? <span className="dim"> · from global</span> : null}
      </span>
    ),
  },
  {
    id: "latest",
    header: "Latest",
    width: 90,
    align: "right",
    value: (row) => row.latest_version,
    cell: (row) => `v${row.latest_version}`,
  },
  {
    id: "id",
    header: "Schema id",
    width: 100,
    align: "right",
    value: (row) => row.latest_id,
    cell: (row) => row.latest_id,
  },
  {
    id: "versions",
    header: "Versions",
    width: 96,
    align: "right",
    value: (row) => row.versions,
    cell: (row) => row.versions,
  },
];
