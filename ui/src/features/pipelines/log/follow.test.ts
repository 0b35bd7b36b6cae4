import { describe, expect, it } from "vitest";
import type { TaskLog } from "@/gen/api";
import { LogFollower } from "./follow";

/** Answers in turn; each is asked from where the one before ended. */
function script(...replies: (TaskLog | Error)[]) {
  const offsets: number[] = [];
  const follower = new LogFollower(async (offset) => {
    offsets.push(offset);
    const reply = replies.shift();
    if (reply === undefined) throw new Error("asked too often");
    if (reply instanceof Error) throw reply;
    return reply;
  }, 0);
  return { follower, offsets };
}

const reply = (text: string, next: number, done = false): TaskLog => ({
  try_number: 1,
  text,
  next_offset_bytes: next,
  done,
});

describe("LogFollower", () => {
  it("reads on from where the last answer ended, until the try has", async () => {
    const { follower, offsets } = script(reply("a\nü", 4), reply("b\n", 6), reply("", 6, true));
    let told = 0;
    follower.subscribe(() => {
      told += 1;
    });
    await follower.run();
    expect(offsets).toEqual([0, 4, 6]);
    expect(follower.buffer.text()).toBe("a\nüb");
    expect(follower.phase).toBe("ended");
    expect(told).toBe(3);
  });

  it("tries again after an error, and keeps what it has", async () => {
    const { follower, offsets } = script(reply("a\n", 2), new Error("away"), reply("b\n", 4, true));
    await follower.run();
    expect(offsets).toEqual([0, 2, 2]);
    expect(follower.error).toBeNull();
    expect(follower.buffer.text()).toBe("a\nb");
  });

  it("gives up after three errors in a row and says why", async () => {
    const { follower } = script(new Error("1"), new Error("2"), new Error("gone"));
    await follower.run();
    expect(follower.phase).toBe("failed");
    expect(follower.error?.message).toBe("gone");
  });

  it("stops when told to", async () => {
    let asked = 0;
    const follower = new LogFollower(async () => {
      asked += 1;
      follower.stop();
      return reply("late\n", 5);
    }, 0);
    await follower.run();
    expect(asked).toBe(1);
    expect(follower.buffer.isEmpty).toBe(true);
  });
});
