/** What a Kafka setting's bare number means to a person. */
import { bytes, duration } from "./format";

/** `retention.ms` = `604800000` → `7 d`; null when there is nothing to add. */
export function configReading(name: string, value: string | null): string | null {
  if (value === null || !/^-?\d{1,19}$/.test(value)) return null;
  const number = Number(value);
  if (number === -1 && /^retention\.|\.retention\./.test(name)) return "no limit";
  if (number >= 9_000_000_000_000_000) return "no limit";
  if (/(^|\.)ms$/.test(name)) return number >= 1_000 ? long(number) : null;
  if (/(^|\.)bytes(\.|$)/.test(name)) return number >= 1_024 ? bytes(number) : null;
  return null;
}

/** Whole days are said as days. */
const long = (ms: number): string =>
  ms >= 86_400_000 && ms % 86_400_000 === 0 ? `${ms / 86_400_000} d` : duration(ms);
