import { Skeleton } from "@mantine/core";
import { Page } from "./Page";
import { Panel } from "./Panel";

/** Rows of a table that is on its way. */
export function TableSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" style={{ padding: "6px 12px" }}>
      {Array.from({ length: rows }, (_, row) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
          key={row}
          style={{ height: 32, display: "flex", gap: 24, alignItems: "center" }}
        >
          <Skeleton height={9} width={`${34 - ((row * 7) % 13)}%`} />
          <Skeleton height={9} width="10%" />
          <Skeleton height={9} width="10%" />
          <Skeleton height={9} style={{ flex: 1 }} />
        </div>
      ))}
    </div>
  );
}

/** A page whose code or first data is on its way. */
export function PageSkeleton() {
  return (
    <Page>
      <Skeleton height={22} width={180} my={5} />
      <Panel flush>
        <TableSkeleton rows={10} />
      </Panel>
    </Page>
  );
}
