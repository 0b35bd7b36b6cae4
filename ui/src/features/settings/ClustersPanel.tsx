import { ActionIcon, Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Lock, Pencil, Plus, Unplug } from "lucide-react";
import { useState } from "react";
import { LOCAL, useCluster } from "@/app/cluster";
import { ConfirmByName } from "@/components/ConfirmByName";
import { Panel } from "@/components/Panel";
import type { ClusterRow } from "@/gen/api";
import { useClusters, useDetachCluster } from "@/queries/platform";
import { AttachDialog } from "./AttachDialog";
import classes from "./ClustersPanel.module.css";

/** The clusters the window looks at, beside its own. */
export function ClustersPanel() {
  const { data } = useClusters();
  const search = useSearch({ from: "/settings" });
  const navigate = useNavigate({ from: "/settings" });
  const [editing, setEditing] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<ClusterRow | null>(null);
  const attached = (data ?? []).filter((row) => row.id !== LOCAL);
  const setAttach = (attach?: true) =>
    void navigate({ search: (current) => ({ ...current, attach }), replace: true });
  return (
    <Panel
      title="Attached clusters"
      flush
      testId="clusters-panel"
      aside={
        <Button
          h={24}
          px={8}
          variant="default"
          leftSection={<Plus size={13} />}
          onClick={() => setAttach(true)}
          data-testid="attach-cluster"
        >
          Attach
        </Button>
      }
    >
      {attached.length === 0 ? (
        <p className={classes.none}>
          None. Attach a Kafka that runs elsewhere, with its schema registry, and this window shows
          it like its own.
        </p>
      ) : (
        <ul className={classes.list}>
          {attached.map((row) => (
            <li key={row.id} className={classes.row} data-testid={`attached-${row.id}`}>
              <span
                className={classes.dot}
                style={{ background: row.color ?? "var(--ph-accent)" }}
                aria-hidden
              />
              <div className={classes.words}>
                <span className={classes.name}>
                  {row.name}
                  {row.read_only ? <Lock size={12} aria-label="read-only" /> : null}
                </span>
                <code title={row.bootstrap_servers}>{row.bootstrap_servers}</code>
                {row.registry_url ? <code title={row.registry_url}>{row.registry_url}</code> : null}
              </div>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Change ${row.name}`}
                onClick={() => setEditing(row.id)}
              >
                <Pencil size={14} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Detach ${row.name}`}
                onClick={() => setLeaving(row)}
              >
                <Unplug size={14} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <AttachDialog
        id={editing}
        opened={editing !== null || search.attach === true}
        onClose={() => {
          setEditing(null);
          setAttach(undefined);
        }}
      />
      {leaving === null ? null : <Detach row={leaving} onClose={() => setLeaving(null)} />}
    </Panel>
  );
}

function Detach({ row, onClose }: { row: ClusterRow; onClose: () => void }) {
  const detach = useDetachCluster();
  const current = useCluster();
  const navigate = useNavigate();
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title="Detach the cluster"
      name={row.id}
      action="Detach"
      busy={detach.isPending}
      error={detach.error}
      onConfirm={() =>
        detach.mutate(row.id, {
          onSuccess: () => {
            notifications.show({ message: `${row.name} is detached.`, color: "water" });
            onClose();
            if (current === row.id) void navigate({ to: "/settings", search: {} });
          },
        })
      }
    >
      Nothing changes there. Its addresses and passwords leave config.toml.
    </ConfirmByName>
  );
}
