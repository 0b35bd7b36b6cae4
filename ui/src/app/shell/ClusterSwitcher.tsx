import { Menu, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Check, ChevronsUpDown, Lock, Plus } from "lucide-react";
import type { ClusterRow } from "@/gen/api";
import { useClusters } from "@/queries/platform";
import { LOCAL, useCluster } from "../cluster";
import classes from "./ClusterSwitcher.module.css";

/** Which cluster the window looks at. Local first, then the attached ones. */
export function ClusterSwitcher({ folded }: { folded: boolean }) {
  const { data: clusters } = useClusters();
  const id = useCluster();
  const navigate = useNavigate();
  const current = clusters?.find((cluster) => cluster.id === id);
  const name = current?.name ?? (id === LOCAL ? "Local" : id);
  const choose = (next: string) =>
    navigate({ to: "/", search: { cluster: next === LOCAL ? undefined : next } });
  return (
    <Menu position="bottom-start" width={260} offset={4}>
      <Menu.Target>
        <button
          type="button"
          className={classes.button}
          data-folded={folded || undefined}
          data-testid="cluster-switcher"
          aria-label={`Cluster: ${name}`}
        >
          <Dot cluster={current} />
          {folded ? null : (
            <>
              <span className={classes.name}>{name}</span>
              {current?.read_only ? <Lock size={12} aria-label="read-only" /> : null}
              <ChevronsUpDown size={13} className={classes.arrows} aria-hidden />
            </>
          )}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Clusters</Menu.Label>
        {clusters?.map((cluster) => (
          <Menu.Item
            key={cluster.id}
            leftSection={<Dot cluster={cluster} />}
            rightSection={cluster.id === id ? <Check size={14} aria-label="current" /> : null}
            onClick={() => choose(cluster.id)}
            data-testid={`cluster-${cluster.id}`}
          >
            <Text size="md">
              {cluster.name}
              {cluster.read_only ? <span className={classes.note}>read-only</span> : null}
            </Text>
            <Text size="xs" c="dimmed" ff="monospace">
              {cluster.bootstrap_servers}
            </Text>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          leftSection={<Plus size={14} />}
          onClick={() =>
            navigate({
              to: "/settings",
              search: (current) => ({ cluster: current.cluster, attach: true }),
            })
          }
          data-testid="cluster-attach"
        >
          Attach a cluster…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Dot({ cluster }: { cluster: ClusterRow | undefined }) {
  return (
    <span
      className={classes.dot}
      style={{ background: cluster?.color ?? "var(--ph-accent)" }}
      aria-hidden
    />
  );
}
