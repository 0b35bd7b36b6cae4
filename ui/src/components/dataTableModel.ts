/** What `DataTable` decides without React. */

export type Sortable = string | number | boolean | null | undefined;

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Numbers by size, words as people sort them (`p2` before `p10`). */
export function compareCells(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  return collator.compare(String(a), String(b));
}

/** Figures are first asked for from the largest. */
export const sortDescFirst = (align: "left" | "right" | undefined): boolean => align === "right";

interface Width {
  width?: number;
  grow?: number;
  minWidth?: number;
}

/** CSS grid columns: fixed pixels, or a share with a floor. */
export const gridTemplate = (columns: readonly Width[]): string =>
  columns
    .map(({ width, grow, minWidth }) =>
      width !== undefined ? `${width}px` : `minmax(${minWidth ?? 80}px, ${grow ?? 1}fr)`,
    )
    .join(" ");
