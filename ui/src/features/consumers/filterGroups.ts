import type { GroupRow } from "@/gen/api";

/** Every word stands in the group's name or one of its topics. */
export function filterGroups(
  groups: readonly GroupRow[],
  filter: string,
  state: string | undefined,
): GroupRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return groups.filter((group) => {
    if (state !== undefined && group.state !== state) return false;
    const hay = [group.group, ...group.topics].join(" ").toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}
