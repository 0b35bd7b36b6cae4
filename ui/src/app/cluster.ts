/** Which cluster is looked at: the URL knows. */
import { useSearch } from "@tanstack/react-router";

/** The embedded cluster's id. */
export const LOCAL = "local";

export function useCluster(): string {
  const { cluster } = useSearch({ strict: false });
  return cluster ?? LOCAL;
}
