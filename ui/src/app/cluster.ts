/** Which cluster is looked at: the URL knows. */
import { useSearch } from "@tanstack/react-router";
import { useClusters } from "@/queries/platform";

/** The embedded cluster's id. */
export const LOCAL = "local";

export function useCluster(): string {
  const { cluster } = useSearch({ strict: false });
  return cluster ?? LOCAL;
}

/** The cluster was attached read-only: what would change it is switched off. */
export function useReadOnly(): boolean {
  const id = useCluster();
  const { data } = useClusters();
  return data?.find((cluster) => cluster.id === id)?.read_only ?? false;
}

/** Said by what is switched off. */
export const READ_ONLY = "This cluster is attached read-only";
