/** The topic settings a person reaches for when creating one: Kafka's names and defaults. */

export interface TopicSetting {
  name: string;
  /** Kafka's own default. */
  fallback: string;
  /** One sentence. */
  about: string;
  choices?: readonly string[];
}

export const mainSettings: readonly TopicSetting[] = [
  {
    name: "cleanup.policy",
    fallback: "delete",
    choices: ["delete", "compact", "compact,delete"],
    about:
      "`delete` drops old segments by age and size; `compact` keeps the newest message of each key.",
  },
  {
    name: "retention.ms",
    fallback: "604800000",
    about:
      "How long messages are kept, in milliseconds. 604800000 is 7 days; −1 keeps them for ever.",
  },
];

export const moreSettings: readonly TopicSetting[] = [
  {
    name: "retention.bytes",
    fallback: "-1",
    about: "Bytes a partition may grow to before its oldest segments go. −1: no limit.",
  },
  {
    name: "max.message.bytes",
    fallback: "1048588",
    about: "The largest record batch taken, in bytes, after compression.",
  },
  {
    name: "min.insync.replicas",
    fallback: "1",
    about: "Replicas that must have a message before a producer with `acks=all` is told so.",
  },
  {
    name: "compression.type",
    fallback: "producer",
    choices: ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"],
    about: "How messages are compressed on disk. `producer` keeps what arrives.",
  },
  {
    name: "message.timestamp.type",
    fallback: "CreateTime",
    choices: ["CreateTime", "LogAppendTime"],
    about: "Whose clock stamps a message: the producer's, or the broker's on arrival.",
  },
  {
    name: "segment.bytes",
    fallback: "1073741824",
    about: "The size at which a new segment file begins. Retention works on whole segments.",
  },
  {
    name: "segment.ms",
    fallback: "604800000",
    about: "The age at which a new segment begins even when the current one is not full.",
  },
  {
    name: "delete.retention.ms",
    fallback: "86400000",
    about: "How long a compacted topic still shows that a key was deleted.",
  },
];

/** Kafka's rule, said for people; null when the name is fine. */
export function topicNameProblem(name: string): string | null {
  if (name === "") return "A topic needs a name.";
  if (name === "." || name === "..") return "A topic cannot be called `.` or `..`.";
  if (name.length > 249) return `At most 249 characters; this has ${name.length}.`;
  const odd = /[^a-zA-Z0-9._-]/u.exec(name)?.[0];
  if (odd !== undefined) {
    return odd === " "
      ? "No spaces: letters, digits, `.`, `_` and `-` only."
      : `“${odd}” is not allowed: letters, digits, \`.\`, \`_\` and \`-\` only.`;
  }
  return null;
}

/** Only what differs from the default, as the API wants it. */
export const changedSettings = (
  values: Readonly<Record<string, string>>,
): { name: string; value: string }[] =>
  [...mainSettings, ...moreSettings].flatMap(({ name, fallback }) => {
    const value = values[name]?.trim();
    return value === undefined || value === "" || value === fallback ? [] : [{ name, value }];
  });
