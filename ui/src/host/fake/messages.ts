import type {
  ApiError,
  Message,
  MessagePage,
  Payload,
  PayloadSchema,
  ProducePayload,
} from "@/gen/api";
import type { Handlers } from "./index";
import { EPOCH_MS, endOffset, type FakeTopic, flowEnd, noise, offsetTime, seedOf } from "./model";
import type { World } from "./world";

const payload = (
  encoding: Payload["encoding"],
  text: string,
  over: Partial<Payload> = {},
): Payload => ({
  encoding,
  text,
  truncated: false,
  size_bytes: new TextEncoder().encode(text).length,
  hex: null,
  schema: null,
  error: null,
  ...over,
});

const schemaOf = (id: number, subject: string, type_name: string): PayloadSchema => ({
  id,
  guid: null,
  subject,
  version: 1,
  type_name,
});

const NOTHING = payload("null", "");

/** The record at an offset: made when asked for, the same each time. */
export function messageAt(topic: FakeTopic, partition: number, offset: number): Message {
  const flow = flowEnd(topic, Date.now());
  const own = topic.produced.get(partition)?.[offset - flow];
  if (own) {
    const key = own.key === null ? NOTHING : payload("text", own.key);
    const value = own.value === null ? NOTHING : payload(own.encoding, own.value);
    return {
      partition,
      offset,
      timestamp_ms: own.timestamp_ms,
      key,
      value,
      headers: own.headers.map(({ name, value: text }) => ({ name, value: payload("text", text) })),
      size_bytes: key.size_bytes + value.size_bytes,
    };
  }
  const seed = seedOf(`${topic.name}/${partition}/${offset}`);
  const at = offsetTime(topic, offset);
  const { key, value, headers } = content(topic, seed, at, offset);
  return {
    partition,
    offset,
    timestamp_ms: at,
    key,
    value,
    headers,
    size_bytes: key.size_bytes + value.size_bytes,
  };
}

function content(topic: FakeTopic, seed: number, at: number, offset: number) {
  const n = (salt: number, below: number) => Math.floor(noise(seed + salt) * below);
  const headers: Message["headers"] = [];
  if (topic.name === "host.metrics") {
    const text = `{"host":"harbour","sampled_at_ms":${at},"cpu_percent":${(8 + noise(seed) * 34).toFixed(2)},"memory_used_bytes":${6_871_947_673 + n(1, 900_000_000)},"memory_total_bytes":16777216000,"disk_read_bytes":9007199254740993,"disk_written_bytes":18446744073709551615,"net_in_bytes":${n(2, 99_999)},"net_out_bytes":${n(3, 55_555)},"load":[${(noise(seed + 4) * 2).toFixed(2)},0.84,0.71]}`;
    return {
      key: payload("text", "harbour"),
      value: payload("avro", text, {
        schema: schemaOf(1, "host.metrics-value", "HostSample"),
        size_bytes: 78,
      }),
      headers,
    };
  }
  if (topic.name === "orders.v1") {
    const id = `ord-${(seed >>> 0).toString(36)}`;
    const city = ["Rotterdam", "Lisboa", "Malmö", "Gdańsk"][n(1, 4)];
    const text = `{"order_id":"${id}","customer_id":${n(2, 90_000) + 1_000},"placed_at":"${new Date(at).toISOString()}","total":{"amount":"${(n(3, 40_000) / 100).toFixed(2)}","currency":"EUR"},"lines":[{"sku":"SKU-${n(4, 999)}","qty":${1 + n(5, 4)}},{"sku":"SKU-${n(6, 999)}","qty":1}],"ship_to":{"city":"${city}","express":${noise(seed + 7) > 0.7}},"gift_note":null,"sequence":92233720368547758${String(offset % 100).padStart(2, "0")}}`;
    headers.push(
      {
        name: "traceparent",
        value: payload("text", `00-${(seed >>> 0).toString(16).padStart(32, "0")}-01`),
      },
      { name: "source", value: payload("text", "shop-web") },
    );
    return {
      key: payload("text", id),
      value: payload("avro", text, {
        schema: schemaOf(4, "orders.v1-value", "shop.Order"),
        size_bytes: 141,
      }),
      headers,
    };
  }
  if (topic.name === "orders.v1.dlq") {
    return {
      key: NOTHING,
      value: payload(
        "hex",
        "00000000ff0a4f72646572207769746820616e20756e6b6e6f776e20736368656d61",
        {
          size_bytes: 34,
          schema: { id: 255, guid: null, subject: null, version: null, type_name: null },
          error: "The registry has no schema with id 255.",
        },
      ),
      headers,
    };
  }
  if (topic.name === "audit.log") return { key: NOTHING, value: NOTHING, headers };
  const text = `{"id":${seed >>> 0},"at":${at},"kind":"${["view", "click", "add", "leave"][n(1, 4)]}","path":"/p/${n(2, 5_000)}","ms":${n(3, 900)}}`;
  return { key: payload("text", `k-${n(9, 5_000)}`), value: payload("json", text), headers };
}

const matches = (message: Message, contains: string | null) =>
  contains === null || message.value.text.includes(contains) || message.key.text.includes(contains);

function hexOf(text: string): string {
  return [...new TextEncoder().encode(text)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

export function messageHandlers(world: World): Handlers {
  const partitionsOf = (topic: FakeTopic, asked: number[] | null) =>
    asked ?? Array.from({ length: topic.partitions }, (_, p) => p);
  return {
    messages_browse: ({ topic: name, partitions, seek, limit, contains }): MessagePage => {
      const topic = world.topic(name);
      const now = Date.now();
      const all = partitionsOf(topic, partitions);
      const share = Math.ceil((contains === null ? limit : limit * 40) / all.length);
      const found: Message[] = [];
      const positions: MessagePage["positions"] = [];
      let scanned = 0;
      for (const partition of all) {
        const end = endOffset(topic, partition, now);
        let from = 0;
        if (seek.from === "newest") from = Math.max(0, end - share);
        if (seek.from === "offset") from = Math.min(end, Math.max(0, seek.offset));
        if (seek.from === "time") {
          const passed = (seek.timestamp_ms - EPOCH_MS) / 1000;
          from = Math.max(
            0,
            Math.floor(topic.before / topic.partitions + (passed * topic.rate) / topic.partitions),
          );
        }
        const to = Math.min(end, from + share);
        for (let offset = from; offset < to; offset++) {
          scanned += 1;
          const message = messageAt(topic, partition, offset);
          if (matches(message, contains)) found.push(message);
        }
        positions.push({ partition, offset: to });
      }
      const newest = seek.from === "newest";
      found.sort(
        (a, b) =>
          ((a.timestamp_ms ?? 0) - (b.timestamp_ms ?? 0)) * (newest ? -1 : 1) ||
          (a.offset - b.offset) * (newest ? -1 : 1),
      );
      return {
        messages: found.slice(0, limit),
        positions,
        scanned,
        scanned_bytes: scanned * topic.bytes,
        elapsed_ms: 3 + Math.round(scanned / 900),
        end_reached:
          newest || positions.every((p) => p.offset >= endOffset(topic, p.partition, now)),
      };
    },
    messages_tail: async ({ topic: name, positions, partitions, contains, limit, wait_ms }) => {
      const topic = world.topic(name);
      const from = new Map(
        positions.length > 0
          ? positions.map((p) => [p.partition, p.offset])
          : partitionsOf(topic, partitions).map((p) => [p, endOffset(topic, p, Date.now())]),
      );
      const deadline = Date.now() + Math.min(wait_ms, 5_000);
      const anyNew = () => [...from].some(([p, at]) => endOffset(topic, p, Date.now()) > at);
      while (!anyNew() && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const messages: Message[] = [];
      let skipped = 0;
      const next: { partition: number; offset: number }[] = [];
      for (const [partition, at] of from) {
        const end = endOffset(topic, partition, Date.now());
        const room = Math.ceil(limit / from.size);
        skipped += Math.max(0, end - at - room);
        for (let offset = Math.max(at, end - room); offset < end; offset++) {
          const message = messageAt(topic, partition, offset);
          if (matches(message, contains)) messages.push(message);
        }
        next.push({ partition, offset: end });
      }
      messages.sort((a, b) => (a.timestamp_ms ?? 0) - (b.timestamp_ms ?? 0));
      return { messages, positions: next, skipped };
    },
    message: ({ topic: name, partition, offset }) => {
      const topic = world.topic(name);
      if (offset >= endOffset(topic, partition, Date.now())) {
        throw {
          code: "not_found",
          message: `There is no offset ${offset} in ${name}/${partition}.`,
        } satisfies ApiError;
      }
      const message = messageAt(topic, partition, offset);
      for (const part of [message.key, message.value, ...message.headers.map((h) => h.value)]) {
        part.hex = part.encoding === "hex" ? part.text : hexOf(part.text);
      }
      return message;
    },
    message_produce: ({ topic: name, partition, key, value, headers }) => {
      const topic = world.topic(name);
      checkJson(value, "value");
      checkJson(key, "key");
      const to =
        partition ??
        Math.abs(seedOf("text" in key ? key.text : String(Date.now()))) % topic.partitions;
      const list = topic.produced.get(to) ?? [];
      list.push({
        timestamp_ms: Date.now(),
        key: "text" in key ? key.text : null,
        value: "text" in value ? value.text : null,
        encoding:
          value.encoding === "null"
            ? "text"
            : value.encoding === "schema"
              ? "avro"
              : value.encoding,
        headers,
      });
      topic.produced.set(to, list);
      return { partition: to, offset: endOffset(topic, to, Date.now()) - 1 };
    },
  };
}

function checkJson(part: ProducePayload, field: string): void {
  if (part.encoding !== "json" && part.encoding !== "schema") return;
  try {
    JSON.parse(part.text);
  } catch (cause) {
    throw {
      code: "invalid_request",
      message: `The ${field} is not JSON.`,
      hint: "Mend it, or send it as text.",
      detail: String(cause),
    } satisfies ApiError;
  }
}
