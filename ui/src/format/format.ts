/** Figures as people read them. Pure: the clock is an argument. */

const groups = new Intl.NumberFormat("en-US");

/** `1234567` → `1,234,567`: the exact value, for hovers and tables. */
export const exact = (value: number): string => groups.format(value);

/** `1234567` → `1.23 M`. */
export function count(value: number): string {
  const size = Math.abs(value);
  if (size < 10_000) return Number.isInteger(value) ? groups.format(value) : trim(value);
  const units = ["k", "M", "G", "T"];
  return scaled(value, 1000, units);
}

/** `1536` → `1.5 KiB`. */
export function bytes(value: number): string {
  if (Math.abs(value) < 1024) return `${Math.round(value)} B`;
  return scaled(value, 1024, ["KiB", "MiB", "GiB", "TiB", "PiB"]);
}

/** Per second, without the unit: `0`, `0.4`, `12`, `1.2 k`. */
export function rate(value: number): string {
  if (value === 0) return "0";
  if (value < 0.05) return "<0.1";
  if (value < 100) return value.toFixed(1).replace(/\.0$/, "");
  return count(Math.round(value));
}

/** Milliseconds → `850 ms`, `12.3 s`, `4m 05s`, `2h 14m`, `3d 4h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const s = ms / 1000;
  if (s < 60) return `${s < 10 ? s.toFixed(1) : Math.floor(s)} s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m}m ${two(Math.floor(s % 60))}s`;
  const h = Math.floor(m / 60);
  if (h < 24) return `${h}h ${two(m % 60)}m`;
  return `${Math.floor(h / 24)}d ${h % 24}h`;
}

/** `now`, `12 s ago`, `in 3 min`, `2 h ago`, `5 d ago`. */
export function ago(thenMs: number, nowMs: number): string {
  const delta = nowMs - thenMs;
  const s = Math.abs(delta) / 1000;
  if (s < 2) return "now";
  const span =
    s < 60
      ? `${Math.floor(s)} s`
      : s < 3600
        ? `${Math.floor(s / 60)} min`
        : s < 86_400
          ? `${Math.floor(s / 3600)} h`
          : `${Math.floor(s / 86_400)} d`;
  return delta >= 0 ? `${span} ago` : `in ${span}`;
}

/** `2026-11-21 08:04:05.123`, in the zone of the viewer. */
export function timestamp(ms: number, withMillis = true): string {
  const d = new Date(ms);
  if (Number.isNaN(d.getTime())) return String(ms);
  const date = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  const time = clock(ms);
  return withMillis
    ? `${date} ${time}.${String(d.getMilliseconds()).padStart(3, "0")}`
    : `${date} ${time}`;
}

/** `08:04:05`. */
export function clock(ms: number): string {
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** `1 partition`, `2 partitions`. */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${exact(n)} ${n === 1 ? one : many}`;

function scaled(value: number, base: number, units: string[]): string {
  let scaledValue = value / base;
  let unit = 0;
  while (Math.abs(scaledValue) >= base * 0.9995 && unit < units.length - 1) {
    scaledValue /= base;
    unit += 1;
  }
  return `${trim(scaledValue)} ${units[unit] ?? ""}`;
}

function trim(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const fixed = value.toFixed(digits);
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}

const two = (n: number): string => String(n).padStart(2, "0");
