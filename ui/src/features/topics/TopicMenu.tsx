import { ActionIcon, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { Eraser, MoreHorizontal, SplitSquareHorizontal, Trash2 } from "lucide-react";
import { useState } from "react";
import { useCluster } from "@/app/cluster";
import { ConfirmByName } from "@/components/ConfirmByName";
import { exact } from "@/format/format";
import type { TopicRow } from "@/gen/api";
import { useDeleteTopic, useEmptyTopic } from "@/queries/topics";
import { AddPartitions } from "./AddPartitions";

/** What can be done to a whole topic. */
export function TopicMenu({ row }: { row: TopicRow }) {
  const cluster = useCluster();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"delete" | "empty" | "partitions" | null>(null);
  const remove = useDeleteTopic();
  const empty = useEmptyTopic();
  const close = () => {
    setOpen(null);
    remove.reset();
    empty.reset();
  };
  const target = { cluster, topic: row.name };
  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon
            variant="default"
            size={30}
            aria-label="More about this topic"
            data-testid="topic-menu"
          >
            <MoreHorizontal size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<SplitSquareHorizontal size={14} />}
            onClick={() => setOpen("partitions")}
            data-testid="topic-add-partitions"
          >
            Add partitions…
          </Menu.Item>
          <Menu.Item
            leftSection={<Eraser size={14} />}
            onClick={() => setOpen("empty")}
            data-testid="topic-empty"
          >
            Empty…
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<Trash2 size={14} />}
            onClick={() => setOpen("delete")}
            data-testid="topic-delete"
          >
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <AddPartitions row={row} opened={open === "partitions"} onClose={close} />
      <ConfirmByName
        opened={open === "empty"}
        onClose={close}
        title="Empty topic"
        name={row.name}
        action="Empty"
        busy={empty.isPending}
        error={empty.error}
        onConfirm={() =>
          empty.mutate(target, {
            onSuccess: () => {
              notifications.show({ message: `${row.name} was emptied.`, color: "water" });
              close();
            },
          })
        }
      >
        All {exact(row.messages)} messages are deleted; the topic, its configuration and its groups
        stay. This cannot be undone.
      </ConfirmByName>
      <ConfirmByName
        opened={open === "delete"}
        onClose={close}
        title="Delete topic"
        name={row.name}
        action="Delete"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() =>
          remove.mutate(target, {
            onSuccess: () => {
              notifications.show({ message: `${row.name} was deleted.`, color: "water" });
              navigate({ to: "/topics" });
            },
          })
        }
      >
        The topic goes with all {exact(row.messages)} messages in {row.partitions} partitions. This
        cannot be undone.
      </ConfirmByName>
    </>
  );
}
