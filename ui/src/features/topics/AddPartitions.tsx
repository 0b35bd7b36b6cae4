import { Button, Group, Modal, NumberInput, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useCluster } from "@/app/cluster";
import { ErrorState } from "@/components/ErrorState";
import { Notice } from "@/components/Notice";
import type { TopicRow } from "@/gen/api";
import { useAddPartitions } from "@/queries/topics";

interface AddPartitionsProps {
  row: TopicRow;
  opened: boolean;
  onClose: () => void;
}

export function AddPartitions({ row, opened, onClose }: AddPartitionsProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add partitions">
      {opened ? <Form row={row} onClose={onClose} /> : null}
    </Modal>
  );
}

function Form({ row, onClose }: { row: TopicRow; onClose: () => void }) {
  const cluster = useCluster();
  const add = useAddPartitions();
  const [partitions, setPartitions] = useState(row.partitions + 1);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(
          { cluster, topic: row.name, partitions },
          {
            onSuccess: () => {
              notifications.show({
                message: `${row.name} has ${partitions} partitions now.`,
                color: "water",
              });
              onClose();
            },
          },
        );
      }}
    >
      <Stack gap="md">
        <NumberInput
          data-autofocus
          data-testid="partitions-input"
          label="Partitions in all"
          description={`${row.partitions} now. A topic never loses partitions.`}
          min={row.partitions + 1}
          max={10_000}
          allowDecimal={false}
          value={partitions}
          onChange={(value) => typeof value === "number" && setPartitions(value)}
        />
        <Notice tone="warning">
          New messages of a key may go to another partition than its old ones: their order across
          the change is lost.
        </Notice>
        {add.error ? <ErrorState error={add.error} inline /> : null}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={add.isPending}
            disabled={partitions <= row.partitions}
            data-testid="partitions-submit"
          >
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
