import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useCluster } from "@/app/cluster";
import { ErrorState } from "@/components/ErrorState";
import { Prose } from "@/components/Prose";
import { configReading } from "@/format/configValue";
import type { ConfigEntry } from "@/gen/api";
import { useSetTopicConfig } from "@/queries/topics";

interface EditTopicConfigProps {
  topic: string;
  /** Null: closed. */
  entry: ConfigEntry | null;
  onClose: () => void;
}

export function EditTopicConfig({ topic, entry, onClose }: EditTopicConfigProps) {
  return (
    <Modal opened={entry !== null} onClose={onClose} title="Edit configuration">
      {entry ? <Form topic={topic} entry={entry} onClose={onClose} /> : null}
    </Modal>
  );
}

interface FormProps {
  topic: string;
  entry: ConfigEntry;
  onClose: () => void;
}

function Form({ topic, entry, onClose }: FormProps) {
  const cluster = useCluster();
  const set = useSetTopicConfig();
  const [value, setValue] = useState(entry.value ?? "");
  const reading = configReading(entry.name, value);
  const put = (next: string | null) =>
    set.mutate(
      { cluster, topic, name: entry.name, value: next },
      {
        onSuccess: () => {
          notifications.show({
            message:
              next === null ? `${entry.name} is back at its default.` : `${entry.name} was set.`,
            color: "water",
          });
          onClose();
        },
      },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        put(value);
      }}
    >
      <Stack gap="md">
        {entry.documentation ? (
          <Text component="div" c="var(--ph-text-2)">
            <Prose text={entry.documentation} />
          </Text>
        ) : null}
        <TextInput
          data-autofocus
          data-testid="config-value-input"
          label={<code>{entry.name}</code>}
          rightSectionWidth={110}
          rightSection={
            reading === null ? null : (
              <Text size="sm" c="dimmed" w="100%" ta="right" pr={10}>
                = {reading}
              </Text>
            )
          }
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        {set.error ? <ErrorState error={set.error} inline /> : null}
        <Group justify="space-between" gap="sm">
          <Button
            variant="subtle"
            color="gray"
            disabled={entry.is_default}
            onClick={() => put(null)}
            data-testid="config-reset"
          >
            Reset to default
          </Button>
          <Group gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={set.isPending}
              disabled={value === entry.value}
              data-testid="config-save"
            >
              Save
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
