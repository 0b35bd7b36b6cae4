import { Button, Group, Modal, Select, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useCluster } from "@/app/cluster";
import { ErrorState } from "@/components/ErrorState";
import { exact } from "@/format/format";
import type { TopicRow } from "@/gen/api";
import { useProduce } from "@/queries/messages";
import { type ProduceForm, partProblem, toParams } from "./form";
import { HeadersForm } from "./HeadersForm";
import { PartEditor } from "./PartEditor";

interface ProduceDialogProps {
  opened: boolean;
  onClose: () => void;
  row: TopicRow;
}

export function ProduceDialog({ opened, onClose, row }: ProduceDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Produce to ${row.name}`} size={720}>
      {opened ? <Form row={row} onClose={onClose} /> : null}
    </Modal>
  );
}

function firstForm(row: TopicRow): ProduceForm {
  return {
    partition: null,
    key: row.key_schema
      ? { encoding: "schema", text: '""', subject: row.key_schema, message: "" }
      : { encoding: "text", text: "", subject: "", message: "" },
    value: row.value_schema
      ? { encoding: "schema", text: "{\n  \n}", subject: row.value_schema, message: "" }
      : { encoding: "json", text: "{\n  \n}", subject: "", message: "" },
    headers: [],
  };
}

function Form({ row, onClose }: { row: TopicRow; onClose: () => void }) {
  const cluster = useCluster();
  const produce = useProduce();
  const [form, setForm] = useState(() => firstForm(row));
  const [tried, setTried] = useState(false);
  const change = (part: Partial<ProduceForm>) => {
    produce.reset();
    setForm((before) => ({ ...before, ...part }));
  };
  // An empty text key is no key, as producers have it.
  const sent: ProduceForm =
    form.key.encoding === "text" && form.key.text === ""
      ? { ...form, key: { ...form.key, encoding: "null" } }
      : form;
  const problems = { key: partProblem(sent.key), value: partProblem(sent.value) };
  const send = (close: boolean) => {
    setTried(true);
    if (problems.key !== null || problems.value !== null) return;
    produce.mutate(toParams(cluster, row.name, sent), {
      onSuccess: ({ partition, offset }) => {
        notifications.show({
          message: `Written to partition ${partition} at offset ${exact(offset)}.`,
          color: "water",
        });
        if (close) onClose();
      },
    });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(true);
      }}
    >
      <Stack gap="md">
        <Select
          label="Partition"
          w={240}
          value={form.partition === null ? "auto" : String(form.partition)}
          data={[
            { value: "auto", label: "By the key's hash" },
            ...Array.from({ length: row.partitions }, (_, p) => ({
              value: String(p),
              label: `Partition ${p}`,
            })),
          ]}
          allowDeselect={false}
          onChange={(value) =>
            change({ partition: value === null || value === "auto" ? null : Number(value) })
          }
        />
        <PartEditor
          label="Key"
          part={form.key}
          problem={tried ? problems.key : null}
          height="52px"
          onChange={(key) => change({ key })}
        />
        <PartEditor
          label="Value"
          part={form.value}
          problem={tried ? problems.value : null}
          height="170px"
          onChange={(value) => change({ value })}
        />
        <HeadersForm headers={form.headers} onChange={(headers) => change({ headers })} />
        {produce.error ? <ErrorState error={produce.error} inline /> : null}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button variant="default" onClick={() => send(false)} loading={produce.isPending}>
            Produce, stay here
          </Button>
          <Button type="submit" loading={produce.isPending} data-testid="produce-submit">
            Produce
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
