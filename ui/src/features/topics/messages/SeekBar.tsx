import { NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { FilterInput } from "@/components/FilterInput";
import { Toolbar } from "@/components/Toolbar";
import { fromLocalInput, toLocalInput } from "@/format/localInput";
import { SEEKS, type TopicSearch } from "../routes";
import { LIMIT_DEFAULT, LIMITS, seekLabels } from "./seek";

interface SeekBarProps {
  search: TopicSearch;
  partitions: number;
  onChange: (change: TopicSearch) => void;
}

/** Where to read from, which partition, and what it must contain. */
export function SeekBar({ search, partitions, onChange }: SeekBarProps) {
  const seek = search.seek ?? "newest";
  return (
    <Toolbar>
      <SegmentedControl
        aria-label="Read from"
        data-testid="seek"
        value={seek}
        data={SEEKS.map((word) => ({ value: word, label: seekLabels[word] }))}
        onChange={(next) => {
          const word = SEEKS.find((known) => known === next);
          onChange({
            seek: word === "newest" ? undefined : word,
            time: word === "time" ? (search.time ?? Date.now() - 3_600_000) : search.time,
          });
        }}
      />
      {seek === "offset" ? (
        <OffsetInput offset={search.offset ?? 0} onChange={(offset) => onChange({ offset })} />
      ) : null}
      {seek === "time" ? (
        <TextInput
          type="datetime-local"
          step={1}
          aria-label="From time"
          data-testid="seek-time"
          defaultValue={toLocalInput(search.time ?? Date.now() - 3_600_000)}
          onBlur={(event) => {
            const time = fromLocalInput(event.currentTarget.value);
            if (time !== undefined && time !== search.time) onChange({ time });
          }}
          onKeyDown={(event) => {
            const time = fromLocalInput(event.currentTarget.value);
            if (event.key === "Enter" && time !== undefined) onChange({ time });
          }}
        />
      ) : null}
      <Select
        aria-label="Partition"
        data-testid="seek-partition"
        w={140}
        searchable={partitions > 12}
        value={search.partition === undefined ? "all" : String(search.partition)}
        data={[
          { value: "all", label: "All partitions" },
          ...Array.from({ length: partitions }, (_, p) => ({
            value: String(p),
            label: `Partition ${p}`,
          })),
        ]}
        allowDeselect={false}
        onChange={(value) =>
          onChange({ partition: value === null || value === "all" ? undefined : Number(value) })
        }
      />
      <ContainsInput
        key={search.q ?? ""}
        contains={search.q ?? ""}
        onChange={(q) => onChange({ q })}
      />
      {seek === "live" ? null : (
        <Select
          aria-label="Messages a page"
          w={128}
          value={String(search.limit ?? LIMIT_DEFAULT)}
          data={LIMITS.map((limit) => ({ value: String(limit), label: `${limit} messages` }))}
          allowDeselect={false}
          onChange={(value) =>
            onChange({ limit: value === String(LIMIT_DEFAULT) ? undefined : Number(value) })
          }
        />
      )}
    </Toolbar>
  );
}

/** Looked up on Enter or on leaving: typing an offset must not hammer the broker. */
function OffsetInput({ offset, onChange }: { offset: number; onChange: (offset: number) => void }) {
  const [value, setValue] = useState(offset);
  const commit = () => value !== offset && onChange(value);
  return (
    <NumberInput
      aria-label="From offset"
      data-testid="seek-offset"
      w={150}
      min={0}
      max={Number.MAX_SAFE_INTEGER}
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=","
      hideControls
      value={value}
      onChange={(next) => setValue(typeof next === "number" ? next : 0)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
      }}
    />
  );
}

/** The backend reads for it, so it starts on Enter or on leaving. */
function ContainsInput({
  contains,
  onChange,
}: {
  contains: string;
  onChange: (contains: string | undefined) => void;
}) {
  const [text, setText] = useState(contains);
  const commit = (next: string) => {
    if (next !== contains) onChange(next === "" ? undefined : next);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens to the input within
    <div
      onBlur={() => commit(text)}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(text);
      }}
    >
      <FilterInput
        value={text}
        onChange={(next) => {
          setText(next);
          if (next === "") commit("");
        }}
        placeholder="Key or value contains…"
        testId="messages-filter"
        width={220}
      />
    </div>
  );
}
