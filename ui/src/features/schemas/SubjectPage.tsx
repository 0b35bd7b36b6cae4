import { Button, Menu, Skeleton, Tabs } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Ellipsis, Trash2 } from "lucide-react";
import { useState } from "react";
import { READ_ONLY, useCluster, useReadOnly } from "@/app/cluster";
import { ErrorState } from "@/components/ErrorState";
import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { plural } from "@/format/format";
import type { SubjectDetail } from "@/gen/api";
import { useSubject } from "@/queries/schemas";
import { CompatibilityMenu } from "./CompatibilityMenu";
import { DeleteSubject } from "./DeleteSubject";
import { DiffTab } from "./DiffTab";
import { EvolveTab } from "./EvolveTab";
import { SUBJECT_TABS, type SubjectSearch, type SubjectTab } from "./routes";
import { SchemaTab } from "./SchemaTab";
import classes from "./SubjectPage.module.css";
import { VersionList } from "./VersionList";

const TAB_WORDS: Record<SubjectTab, string> = {
  schema: "Schema",
  diff: "Compare",
  evolve: "Evolve",
};

/** One subject: its versions, what changed between them, and the next one. */
export function SubjectPage() {
  const { subject } = useParams({ from: "/schemas/$subject" });
  const cluster = useCluster();
  const detail = useSubject(cluster, subject);
  if (detail.error && (!detail.data || detail.error.code === "not_found")) {
    return <ErrorState error={detail.error} onRetry={() => detail.refetch()} />;
  }
  if (detail.data === undefined) {
    return (
      <Page mode="fill">
        <Skeleton height={26} width={260} />
        <Skeleton style={{ flex: 1 }} />
      </Page>
    );
  }
  return <Loaded key={subject} cluster={cluster} detail={detail.data} />;
}

function Loaded({ cluster, detail }: { cluster: string; detail: SubjectDetail }) {
  const { row, versions } = detail;
  const search = useSearch({ from: "/schemas/$subject" });
  const navigate = useNavigate({ from: "/schemas/$subject" });
  const readOnly = useReadOnly();
  const [deleting, setDeleting] = useState<"soft" | "permanent" | null>(null);
  const set = (change: SubjectSearch) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });

  const latest = versions.at(-1);
  const shown = versions.find((one) => one.version === search.version) ?? latest;
  const before =
    versions.find((one) => one.version === search.from) ??
    versions[versions.findIndex((one) => one.version === shown?.version) - 1] ??
    shown;
  const tab = search.tab ?? "schema";
  return (
    <Page mode="fill" testId="subject-page">
      <PageHeader
        title={row.subject}
        aside={
          <span className="dim">
            {row.schema_type} · {plural(versions.length, "version")}
          </span>
        }
        actions={
          <>
            <CompatibilityMenu
              cluster={cluster}
              subject={row.subject}
              level={row.compatibility}
              inherited={row.compatibility_inherited}
            />
            <Menu position="bottom-end">
              <Menu.Target>
                <Button
                  variant="default"
                  px={8}
                  aria-label="More"
                  disabled={readOnly}
                  title={readOnly ? READ_ONLY : undefined}
                  data-testid="subject-menu"
                >
                  <Ellipsis size={15} />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item
                  color="red"
                  leftSection={<Trash2 size={14} />}
                  onClick={() => setDeleting("soft")}
                  data-testid="subject-delete"
                >
                  Delete, to be restored if needed
                </Menu.Item>
                <Menu.Item
                  color="red"
                  leftSection={<Trash2 size={14} />}
                  onClick={() => setDeleting("permanent")}
                  data-testid="subject-delete-permanent"
                >
                  Delete for ever
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        }
      />
      <Tabs
        value={tab}
        onChange={(next) => set({ tab: SUBJECT_TABS.find((one) => one === next) })}
        className={classes.tabs}
        keepMounted={false}
      >
        <Tabs.List className={classes.list}>
          {SUBJECT_TABS.map((one) => (
            <Tabs.Tab
              key={one}
              value={one}
              disabled={one === "diff" && versions.length < 2}
              data-testid={`subject-tab-${one}`}
            >
              {TAB_WORDS[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <div className={classes.body}>
          <Panel flush title="Versions">
            <VersionList
              versions={versions}
              shown={shown?.version ?? null}
              onSelect={(version) =>
                set({ version, from: undefined, tab: tab === "evolve" ? "schema" : tab })
              }
            />
          </Panel>
          <Panel flush fill>
            <Tabs.Panel value="schema" className={classes.panel}>
              {shown === undefined ? null : <SchemaTab version={shown} />}
            </Tabs.Panel>
            <Tabs.Panel value="diff" className={classes.panel}>
              {shown === undefined || before === undefined ? null : (
                <DiffTab
                  versions={versions}
                  older={before}
                  newer={shown}
                  unified={search.unified === true}
                  onChange={set}
                />
              )}
            </Tabs.Panel>
            <Tabs.Panel value="evolve" className={classes.panel}>
              {latest === undefined ? null : (
                <EvolveTab
                  cluster={cluster}
                  row={row}
                  latest={latest}
                  onRegistered={(version) => set({ tab: "diff", version, from: latest.version })}
                />
              )}
            </Tabs.Panel>
          </Panel>
        </div>
      </Tabs>
      <DeleteSubject
        cluster={cluster}
        subject={row.subject}
        kind={deleting}
        onClose={() => setDeleting(null)}
        onDeleted={() =>
          void navigate({ to: "/schemas", search: (current) => ({ cluster: current.cluster }) })
        }
      />
    </Page>
  );
}
