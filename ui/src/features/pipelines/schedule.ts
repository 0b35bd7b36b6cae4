/** A schedule in words. */

import cronstrue from "cronstrue";

const PRESETS: Record<string, string> = {
  "@once": "Once",
  "@continuous": "Continuously: the next run starts when the last has ended",
  "@hourly": "Every hour",
  "@daily": "Every day at midnight",
  "@midnight": "Every day at midnight",
  "@weekly": "Every Sunday at midnight",
  "@monthly": "On the first of every month at midnight",
  "@quarterly": "On the first of every quarter at midnight",
  "@yearly": "On the first of January at midnight",
  "@annually": "On the first of January at midnight",
};

/** `1 day, 2:03:04.500000`, as Python writes a timedelta. */
const TIMEDELTA = /^(?:(-?\d+) days?, )?(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/;

/** One sentence for a person; the schedule itself where no words are known. */
export function explainSchedule(schedule: string | null): string {
  if (schedule === null) return "No schedule: it runs when triggered";
  const preset = PRESETS[schedule];
  if (preset !== undefined) return preset;
  return explainTimedelta(schedule) ?? explainCron(schedule) ?? schedule;
}

/** What the table's column shows: short, the schedule as written. */
export const scheduleText = (schedule: string | null): string => schedule ?? "None";

function explainTimedelta(schedule: string): string | null {
  const match = TIMEDELTA.exec(schedule);
  if (match === null) return null;
  const [, days, hours, minutes, seconds] = match;
  const parts: [number, string][] = [
    [Number(days ?? 0), "day"],
    [Number(hours), "hour"],
    [Number(minutes), "minute"],
    [Number(seconds), "second"],
  ];
  const named = parts.filter(([amount]) => amount !== 0);
  const [only] = named;
  if (only === undefined) return null;
  if (named.length === 1 && only[0] === 1) return `Every ${only[1]}, counted from the start date`;
  const words = named.map(([amount, unit]) => `${amount} ${unit}${amount === 1 ? "" : "s"}`);
  return `Every ${words.join(" ")}, counted from the start date`;
}

function explainCron(schedule: string): string | null {
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) return null;
  // Airflow's sixth field is seconds and stands last; here it is read first.
  const [seconds, ...rest] =
    fields.length === 6 ? [fields[5] ?? "0", ...fields.slice(0, 5)] : ["", ...fields];
  const expression = seconds === "" ? rest.join(" ") : [seconds, ...rest].join(" ");
  try {
    return cronstrue.toString(expression, { use24HourTimeFormat: true });
  } catch {
    return null;
  }
}
