import { ActionIcon, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useCluster } from "@/app/cluster";
import { ConfirmByName } from "@/components/ConfirmByName";
import { useDeleteGroup } from "@/queries/groups";

export function DeleteGroup({ group }: { group: string }) {
  const cluster = useCluster();
  const navigate = useNavigate();
  const remove = useDeleteGroup();
  const [open, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
    remove.reset();
  };
  return (
    <>
      <Tooltip label="Delete group">
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Delete group"
          onClick={() => setOpen(true)}
          data-testid="group-delete"
        >
          <Trash2 size={14} />
        </ActionIcon>
      </Tooltip>
      <ConfirmByName
        opened={open}
        onClose={close}
        title="Delete consumer group"
        name={group}
        action="Delete"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(
            { cluster, group },
            {
              onSuccess: () => {
                notifications.show({ message: `Group ${group} was deleted.`, color: "water" });
                navigate({ to: "/consumers" });
              },
            },
          )
        }
      >
        Its committed offsets are forgotten: consumers that come back begin where their{" "}
        <code>auto.offset.reset</code> says. Messages stay.
      </ConfirmByName>
    </>
  );
}
