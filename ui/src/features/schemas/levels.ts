/** The registry's compatibility levels, in words. */

export const LEVELS = [
  "BACKWARD",
  "BACKWARD_TRANSITIVE",
  "FORWARD",
  "FORWARD_TRANSITIVE",
  "FULL",
  "FULL_TRANSITIVE",
  "NONE",
] as const;

const WORDS: Record<(typeof LEVELS)[number], string> = {
  BACKWARD: "Readers of the new schema read data of the latest",
  BACKWARD_TRANSITIVE: "Readers of the new schema read data of every version",
  FORWARD: "Readers of the latest schema read data of the new",
  FORWARD_TRANSITIVE: "Readers of every version read data of the new",
  FULL: "Both ways with the latest",
  FULL_TRANSITIVE: "Both ways with every version",
  NONE: "Nothing is checked",
};

/** What the level promises; empty for a level that is not known. */
export function explainLevel(level: string): string {
  const known = LEVELS.find((one) => one === level);
  return known === undefined ? "" : WORDS[known];
}
