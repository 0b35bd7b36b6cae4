/** How well words fit a query: higher is better, 0 is not at all. */
export function score(query: string, text: string): number {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return 1;
  const hay = text.toLowerCase();
  if (hay === wanted) return 100;
  if (hay.startsWith(wanted)) return 80 - Math.min(20, hay.length / 10);
  const at = hay.indexOf(wanted);
  if (at > 0)
    return (/[\s._\-/]/.test(hay[at - 1] ?? "") ? 60 : 40) - Math.min(20, hay.length / 10);
  const words = wanted.split(/\s+/);
  if (words.length > 1 && words.every((word) => hay.includes(word))) return 30;
  return isSubsequence(wanted, hay) ? 10 - Math.min(9, hay.length / 20) : 0;
}

function isSubsequence(short: string, long: string): boolean {
  let index = 0;
  for (const letter of long) if (letter === short[index]) index += 1;
  return index === short.length;
}

export interface Ranked<T> {
  items: T[];
  /** Of the best one; 0 when there is none. */
  score: number;
}

/** The best `limit`, best first; ties keep their order. */
export function best<T>(
  items: readonly T[],
  query: string,
  words: (item: T) => readonly string[],
  limit: number,
): Ranked<T> {
  const scored: { item: T; score: number }[] = [];
  for (const item of items) {
    const top = Math.max(...words(item).map((word) => score(query, word)));
    if (top > 0) scored.push({ item, score: top });
  }
  scored.sort((a, b) => b.score - a.score);
  return {
    items: scored.slice(0, limit).map(({ item }) => item),
    score: scored[0]?.score ?? 0,
  };
}
