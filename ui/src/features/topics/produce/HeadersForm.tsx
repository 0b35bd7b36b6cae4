import { ActionIcon, Button, Group, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import type { ProduceForm } from "./form";

interface HeadersFormProps {
  headers: ProduceForm["headers"];
  onChange: (headers: ProduceForm["headers"]) => void;
}

export function HeadersForm({ headers, onChange }: HeadersFormProps) {
  const set = (id: number, part: Partial<ProduceForm["headers"][number]>) =>
    onChange(headers.map((header) => (header.id === id ? { ...header, ...part } : header)));
  return (
    <div>
      {headers.map(({ id, name, value }) => (
        <Group key={id} gap="sm" mb={6} wrap="nowrap">
          <TextInput
            flex={1}
            aria-label="Header name"
            placeholder="Header"
            value={name}
            onChange={(event) => set(id, { name: event.currentTarget.value })}
          />
          <TextInput
            flex={2}
            aria-label="Header value"
            placeholder="Value"
            value={value}
            onChange={(event) => set(id, { value: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={`Remove header ${name}`}
            onClick={() => onChange(headers.filter((header) => header.id !== id))}
          >
            <X size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        leftSection={<Plus size={12} />}
        onClick={() =>
          onChange([...headers, { id: (headers.at(-1)?.id ?? 0) + 1, name: "", value: "" }])
        }
      >
        Add a header
      </Button>
    </div>
  );
}
