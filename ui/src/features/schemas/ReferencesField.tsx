import { ActionIcon, Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import type { SchemaReference } from "@/gen/api";

interface ReferencesFieldProps {
  references: readonly SchemaReference[];
  onChange: (references: SchemaReference[]) => void;
}

/** Schemas of other subjects that this one names. */
export function ReferencesField({ references, onChange }: ReferencesFieldProps) {
  const change = (at: number, part: Partial<SchemaReference>) =>
    onChange(references.map((one, index) => (index === at ? { ...one, ...part } : one)));
  return (
    <Stack gap={6}>
      <Group gap={8}>
        <Text size="sm" fw={500}>
          References
        </Text>
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<Plus size={12} />}
          onClick={() => onChange([...references, { name: "", subject: "", version: 1 }])}
        >
          Add
        </Button>
        {references.length === 0 ? (
          <Text size="sm" c="var(--ph-text-3)">
            none: the schema stands alone
          </Text>
        ) : null}
      </Group>
      {references.map((reference, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <Group key={at} gap={8} wrap="nowrap">
          <TextInput
            aria-label="Name in the schema"
            placeholder="shop.Customer"
            value={reference.name}
            onChange={(event) => change(at, { name: event.currentTarget.value })}
            style={{ flex: 1 }}
          />
          <TextInput
            aria-label="Subject"
            placeholder="customers-value"
            value={reference.subject}
            onChange={(event) => change(at, { subject: event.currentTarget.value })}
            style={{ flex: 1 }}
          />
          <NumberInput
            aria-label="Version"
            value={reference.version}
            min={1}
            allowDecimal={false}
            onChange={(version) => change(at, { version: Number(version) || 1 })}
            w={76}
          />
          <ActionIcon
            aria-label="Remove the reference"
            onClick={() => onChange(references.filter((_, index) => index !== at))}
          >
            <X size={14} />
          </ActionIcon>
        </Group>
      ))}
    </Stack>
  );
}
