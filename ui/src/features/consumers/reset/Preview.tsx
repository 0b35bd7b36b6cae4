import { type Column, DataTable } from "@/components/DataTable";
import { exact } from "@/format/format";
import type { OffsetChange } from "@/gen/api";
import classes from "./Preview.module.css";

const columns: Column<OffsetChange>[] = [
  {
    id: "partition",
    header: "Partition",
    align: "right",
    width: 90,
    value: (c) => c.partition,
    cell: (c) => c.partition,
  },
  {
    id: "before",
    header: "Now",
    align: "right",
    grow: 1,
    value: (c) => c.before,
    cell: (c) => (c.before === null ? <span className="dim">none</span> : exact(c.before)),
  },
  {
    id: "after",
    header: "Then",
    align: "right",
    grow: 1,
    value: (c) => c.after,
    cell: (c) => <strong>{exact(c.after)}</strong>,
  },
  {
    id: "moves",
    header: "Moves",
    align: "right",
    grow: 1,
    value: (c) => moves(c),
    cell: (c) => {
      const by = moves(c);
      if (by === 0) return <span className="dim">stays</span>;
      return `${by > 0 ? "+" : "−"}${exact(Math.abs(by))}`;
    },
  },
];

const moves = ({ before, after }: OffsetChange): number => after - (before ?? 0);

/** What the reset would do, partition by partition. Nothing has happened yet. */
export function Preview({ changes }: { changes: readonly OffsetChange[] }) {
  return (
    <section className={classes.preview} aria-label="What would change" data-testid="reset-changes">
      <DataTable
        label="Offsets now and then"
        height="content"
        maxHeight={220}
        rows={changes}
        columns={columns}
        rowKey={(c) => `${c.topic}/${c.partition}`}
        empty={<p className={classes.none}>Nothing would change.</p>}
      />
    </section>
  );
}
