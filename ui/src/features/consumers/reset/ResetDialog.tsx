import { Button, Group, Modal, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useCluster } from "@/app/cluster";
import { ErrorState } from "@/components/ErrorState";
import { Notice } from "@/components/Notice";
import { plural } from "@/format/format";
import type { GroupDetail } from "@/gen/api";
import { useResetGroup } from "@/queries/groups";
import { type ResetForm, toParams } from "./form";
import { Preview } from "./Preview";
import { ResetFields } from "./ResetFields";

interface ResetDialogProps {
  detail: GroupDetail;
  opened: boolean;
  onClose: () => void;
}

export function ResetDialog({ detail, opened, onClose }: ResetDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Reset offsets of ${detail.row.group}`}
      size={600}
    >
      {opened ? <Steps detail={detail} onClose={onClose} /> : null}
    </Modal>
  );
}

/** Strategy and scope, then what would change, then the change itself. */
function Steps({ detail, onClose }: { detail: GroupDetail; onClose: () => void }) {
  const cluster = useCluster();
  const { group, members, topics } = detail.row;
  const preview = useResetGroup();
  const apply = useResetGroup();
  const [form, setForm] = useState<ResetForm>(() => ({
    topic: topics[0] ?? "",
    partitions: [],
    strategy: "earliest",
    offset: 0,
    by: -100,
    timestampMs: Date.now() - 3_600_000,
  }));
  const change = (part: Partial<ResetForm>) => {
    preview.reset();
    apply.reset();
    setForm((before) => ({ ...before, ...part }));
  };
  const changes = preview.data;
  const submit = () => {
    if (changes === undefined) {
      preview.mutate(toParams(cluster, group, form, true));
      return;
    }
    apply.mutate(toParams(cluster, group, form, false), {
      onSuccess: (done) => {
        notifications.show({
          message: `${plural(done.length, "offset")} of ${group} set.`,
          color: "water",
        });
        onClose();
      },
    });
  };
  const error = apply.error ?? preview.error;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        {members > 0 ? (
          <Notice tone="warning">
            {plural(members, "member is", "members are")} reading. Kafka lets offsets be set only
            while a group is empty: stop its consumers first.
          </Notice>
        ) : null}
        <ResetFields form={form} detail={detail} onChange={change} />
        {changes ? <Preview changes={changes} /> : null}
        {error ? <ErrorState error={error} inline /> : null}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={form.topic === "" || (changes !== undefined && changes.length === 0)}
            loading={preview.isPending || apply.isPending}
            data-testid={changes ? "reset-apply" : "reset-preview"}
          >
            {changes ? `Set ${plural(changes.length, "offset")}` : "Preview"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
