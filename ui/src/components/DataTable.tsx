/** Rows in columns: virtual, sortable, walked by keyboard. */
import {
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import classes from "./DataTable.module.css";
import { compareCells, gridTemplate, type Sortable, sortDescFirst } from "./dataTableModel";

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** What the column sorts by; without it the column does not sort. */
  value?: (row: T) => Sortable;
  align?: "left" | "right";
  /** Fixed pixels. */
  width?: number;
  /** A share of what is left, never under `minWidth`. */
  grow?: number;
  minWidth?: number;
  /** Explains the header on hover. */
  hint?: string;
}

export interface Sort {
  column: string;
  desc: boolean;
}

interface DataTableProps<T> {
  /** Says what the rows are to a screen reader. */
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  rowTestId?: (row: T) => string;
  /** Enter, or a click on the row. */
  onOpen?: (row: T) => void;
  /** The row walked to; given, the table is controlled. */
  activeKey?: string | null;
  onActiveChange?: (row: T) => void;
  initialSort?: Sort;
  /** `fill`: takes the height it is given. `content`: as high as its rows, up to `maxHeight`. */
  height?: "fill" | "content";
  maxHeight?: number;
  /** Shown in place of rows. */
  empty?: ReactNode;
  scrollRef?: Ref<HTMLDivElement>;
  testId?: string;
}

const ROW_PX = 32;
const HEAD_PX = 30;
const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

export function DataTable<T extends RowData>(props: DataTableProps<T>) {
  const { label, rows, columns, rowKey, rowTestId, onOpen, onActiveChange, empty } = props;
  const height = props.height ?? "fill";
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [ownKey, setOwnKey] = useState<string | null>(null);
  const activeKey = props.activeKey === undefined ? ownKey : props.activeKey;
  const [sorting, setSorting] = useState<SortingState>(
    props.initialSort ? [{ id: props.initialSort.column, desc: props.initialSort.desc }] : [],
  );

  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.header,
        accessorFn: (row: T) => column.value?.(row) ?? undefined,
        enableSorting: column.value !== undefined,
        sortUndefined: "last" as const,
        sortDescFirst: sortDescFirst(column.align),
        sortFn: (
          a: { getValue: (id: string) => unknown },
          b: { getValue: (id: string) => unknown },
          columnId: string,
        ) => compareCells(a.getValue(columnId), b.getValue(columnId)),
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: rowKey,
  });
  const sorted = table.getRowModel().rows;

  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollPaddingStart: HEAD_PX,
  });
  const activeIndex = activeKey === null ? -1 : sorted.findIndex((row) => row.id === activeKey);

  // The row walked to from outside (a detail pane) comes into view.
  useEffect(() => {
    if (activeIndex >= 0) virtual.scrollToIndex(activeIndex, { align: "auto" });
  }, [activeIndex, virtual]);

  const activate = (wanted: number) => {
    const index = Math.max(0, Math.min(sorted.length - 1, wanted));
    const row = sorted[index];
    if (!row) return;
    setOwnKey(row.id);
    onActiveChange?.(row.original);
    virtual.scrollToIndex(index, { align: "auto" });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 320) / ROW_PX) - 1);
    const steps: Record<string, number> = {
      ArrowDown: activeIndex + 1,
      ArrowUp: activeIndex < 0 ? 0 : activeIndex - 1,
      PageDown: activeIndex + page,
      PageUp: activeIndex - page,
      Home: 0,
      End: sorted.length - 1,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      activate(to);
    } else if (event.key === "Enter" && event.target === event.currentTarget) {
      const row = sorted[activeIndex];
      if (row) onOpen?.(row.original);
    }
  };

  const template = gridTemplate(columns);
  const contentHeight = HEAD_PX + sorted.length * ROW_PX;
  return (
    <div
      ref={mergeRefs(scroller, props.scrollRef)}
      className={classes.scroller}
      style={
        height === "content" && sorted.length > 0
          ? { height: Math.min(contentHeight, props.maxHeight ?? 480), flex: "none" }
          : undefined
      }
      data-testid={props.testId}
    >
      {sorted.length === 0 && empty !== undefined ? (
        empty
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: a virtual table cannot be a <table>
        <div
          className={classes.grid}
          role="grid"
          aria-label={label}
          aria-rowcount={sorted.length + 1}
          aria-colcount={columns.length}
          aria-activedescendant={
            activeIndex >= 0 && virtual.getVirtualItems().some((item) => item.index === activeIndex)
              ? `${id}-${activeIndex}`
              : undefined
          }
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          {/* biome-ignore lint/a11y/useSemanticElements: see above */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus */}
          <div
            className={classes.head}
            role="row"
            aria-rowindex={1}
            style={{ gridTemplateColumns: template }}
          >
            {table.getHeaderGroups()[0]?.headers.map((header, index) => {
              const column = columns[index];
              if (!column) return null;
              const direction = header.column.getIsSorted();
              return (
                // biome-ignore lint/a11y/useSemanticElements: see above
                // biome-ignore lint/a11y/useFocusableInteractive: its button is
                <div
                  key={header.id}
                  role="columnheader"
                  aria-sort={
                    direction === "asc"
                      ? "ascending"
                      : direction === "desc"
                        ? "descending"
                        : undefined
                  }
                  className={classes.headCell}
                  data-align={column.align}
                  title={column.hint}
                >
                  {header.column.getCanSort() ? (
                    <button
                      type="button"
                      className={classes.sort}
                      data-sorted={direction || undefined}
                      tabIndex={-1}
                      onClick={header.column.getToggleSortingHandler()}
                    >
                      <span>{column.header}</span>
                      {direction === "desc" ? (
                        <ArrowDown size={11} aria-hidden />
                      ) : direction === "asc" ? (
                        <ArrowUp size={11} aria-hidden />
                      ) : null}
                    </button>
                  ) : (
                    <span>{column.header}</span>
                  )}
                </div>
              );
            })}
          </div>
          {/* biome-ignore lint/a11y/useSemanticElements: see above */}
          <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
            {virtual.getVirtualItems().map((item) => {
              const row = sorted[item.index];
              if (!row) return null;
              return (
                // biome-ignore lint/a11y/useSemanticElements: see above
                // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus
                // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys
                <div
                  key={row.id}
                  id={`${id}-${item.index}`}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={item.index === activeIndex}
                  className={classes.row}
                  data-openable={onOpen ? true : undefined}
                  data-testid={rowTestId?.(row.original)}
                  style={{
                    gridTemplateColumns: template,
                    transform: `translateY(${item.start}px)`,
                  }}
                  onClick={() => {
                    setOwnKey(row.id);
                    onActiveChange?.(row.original);
                    onOpen?.(row.original);
                  }}
                >
                  {columns.map((column) => (
                    // biome-ignore lint/a11y/useSemanticElements: see above
                    // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus
                    <div
                      key={column.id}
                      role="gridcell"
                      className={classes.cell}
                      data-align={column.align}
                    >
                      {column.cell(row.original)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      )}
    </div>
  );
}

function mergeRefs(own: { current: HTMLDivElement | null }, other?: Ref<HTMLDivElement>) {
  return (element: HTMLDivElement | null) => {
    own.current = element;
    if (typeof other === "function") other(element);
    else if (other) other.current = element;
  };
}
