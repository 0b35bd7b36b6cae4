/** Reads view state out of the URL: what does not fit is as if absent. */

export const text = (value: unknown): string | undefined => {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "number") return String(value);
  return undefined;
};

export const int = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
};

export const flag = (value: unknown): true | undefined =>
  value === true || value === "true" || value === 1 ? true : undefined;

export const oneOf = <T extends string>(value: unknown, all: readonly T[]): T | undefined =>
  all.find((candidate) => candidate === value);
