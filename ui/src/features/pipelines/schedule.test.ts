import { expect, it } from "vitest";
import { explainSchedule } from "./schedule";

const check = (schedule: string | null, expected: string) =>
  expect(explainSchedule(schedule)).toBe(expected);

it("explains schedules in words", () => {
  check(null, "No schedule: it runs when triggered");
  check("@daily", "Every day at midnight");
  check("* * * * *", "Every minute");
  check("*/5 * * * *", "Every 5 minutes");
  check("30 6 * * 1-5", "At 06:30, Monday through Friday");
  check("0 0 * * * 30", "At 00:00:30");
  check("0:01:00", "Every minute, counted from the start date");
  check("1 day, 0:00:00", "Every day, counted from the start date");
  check("2 days, 3:30:00", "Every 2 days 3 hours 30 minutes, counted from the start date");
  check("something else", "something else");
});
