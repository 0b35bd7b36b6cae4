/** A JSON value as the rows of a tree: what is folded is left out. */
import type { JsonNode } from "./parse";

export interface TreeRow {
  /** `/lines/0/sku`: unique, also where a key stands twice. */
  path: string;
  depth: number;
  /** The key, or the index within an array; the root has none. */
  name: string | null;
  inArray: boolean;
  node: JsonNode;
  /** Children; 0 for scalars. */
  size: number;
  open: boolean;
}

/** Containers larger or deeper than this are folded at first. */
const OPEN_ITEMS_MAX = 100;
const OPEN_DEPTH_MAX = 4;

export const sizeOf = (node: JsonNode): number =>
  node.kind === "object" ? node.entries.length : node.kind === "array" ? node.items.length : 0;

/** `toggled` holds the paths whose folding differs from the first state. */
export function treeRows(root: JsonNode, toggled: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (
    node: JsonNode,
    path: string,
    depth: number,
    name: string | null,
    inArray: boolean,
  ) => {
    const size = sizeOf(node);
    const first = depth < OPEN_DEPTH_MAX && size <= OPEN_ITEMS_MAX;
    const open = size > 0 && first !== toggled.has(path);
    rows.push({ path, depth, name, inArray, node, size, open });
    if (!open) return;
    if (node.kind === "object") {
      node.entries.forEach(({ key, value }, index) => {
        visit(value, `${path}/${index}:${key}`, depth + 1, key, false);
      });
    } else if (node.kind === "array") {
      node.items.forEach((item, index) => {
        visit(item, `${path}/${index}`, depth + 1, String(index), true);
      });
    }
  };
  visit(root, "", 0, null, false);
  return rows;
}
