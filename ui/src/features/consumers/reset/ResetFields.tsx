import { MultiSelect, NumberInput, Radio, Select, Stack, TextInput } from "@mantine/core";
import { useId } from "react";
import { fromLocalInput, toLocalInput } from "@/format/localInput";
import type { GroupDetail } from "@/gen/api";
import { type ResetForm, STRATEGIES, strategyWords } from "./form";

interface ResetFieldsProps {
  form: ResetForm;
  detail: GroupDetail;
  onChange: (part: Partial<ResetForm>) => void;
}

export function ResetFields({ form, detail, onChange }: ResetFieldsProps) {
  const name = useId();
  const partitions = detail.partitions.filter((p) => p.topic === form.topic);
  return (
    <>
      <Select
        label="Topic"
        data={detail.row.topics}
        value={form.topic === "" ? null : form.topic}
        allowDeselect={false}
        placeholder="This group has no topics"
        onChange={(topic) => onChange({ topic: topic ?? "", partitions: [] })}
      />
      <MultiSelect
        label="Partitions"
        placeholder={form.partitions.length === 0 ? "All of them" : undefined}
        searchable
        clearable
        data={partitions.map((p) => String(p.partition))}
        value={form.partitions.map(String)}
        onChange={(chosen) => onChange({ partitions: chosen.map(Number) })}
      />
      <Radio.Group
        name={name}
        label="Set to"
        value={form.strategy}
        onChange={(next) => {
          const strategy = STRATEGIES.find((known) => known === next);
          if (strategy) onChange({ strategy });
        }}
      >
        <Stack gap={6} mt={6}>
          {STRATEGIES.map((strategy) => (
            <Radio
              key={strategy}
              value={strategy}
              data-testid={`reset-to-${strategy}`}
              label={strategyWords[strategy].label}
              description={strategyWords[strategy].about}
            />
          ))}
        </Stack>
      </Radio.Group>
      <Argument form={form} onChange={onChange} />
    </>
  );
}

/** What the strategy needs to know. */
function Argument({ form, onChange }: Omit<ResetFieldsProps, "detail">) {
  switch (form.strategy) {
    case "earliest":
    case "latest":
      return null;
    case "time":
      return (
        <TextInput
          type="datetime-local"
          step={1}
          label="Time"
          w={240}
          value={toLocalInput(form.timestampMs)}
          onChange={(event) => {
            const timestampMs = fromLocalInput(event.currentTarget.value);
            if (timestampMs !== undefined) onChange({ timestampMs });
          }}
        />
      );
    case "offset":
      return (
        <NumberInput
          label="Offset"
          w={240}
          min={0}
          allowDecimal={false}
          thousandSeparator=","
          value={form.offset}
          onChange={(offset) => typeof offset === "number" && onChange({ offset })}
        />
      );
    case "shift_by":
      return (
        <NumberInput
          label="Messages"
          w={240}
          allowDecimal={false}
          thousandSeparator=","
          value={form.by}
          onChange={(by) => typeof by === "number" && onChange({ by })}
        />
      );
  }
}
