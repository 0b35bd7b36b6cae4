import type { TopicRow } from "@/gen/api";

/** Every word of the filter stands in the name, in any order. */
export function filterTopics(
  topics: readonly TopicRow[],
  filter: string,
  internal: boolean,
): TopicRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return topics.filter((topic) => {
    if (topic.internal && !internal) return false;
    const name = topic.name.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}
