import { ConfirmByName } from "@/components/ConfirmByName";
import { useQuickstart } from "@/queries/quickstart";
import { useQuickstartSteps } from "./useQuickstartSteps";

interface QuickstartRemoveProps {
  opened: boolean;
  onClose: () => void;
}

export function QuickstartRemove({ opened, onClose }: QuickstartRemoveProps) {
  const { data } = useQuickstart();
  const { take, busy, error } = useQuickstartSteps();
  return (
    <ConfirmByName
      opened={opened}
      onClose={onClose}
      title="Remove the quickstart"
      name="quickstart"
      action="Remove"
      busy={busy}
      error={error}
      onConfirm={() => take("remove", onClose)}
    >
      This stops the sampling and deletes the topics <code>{data?.source_topic}</code> and{" "}
      <code>{data?.report_topic}</code> with all their messages, the schema, the consumer group{" "}
      <code>{data?.group}</code> and the DAG <code>{data?.dag_id}</code>. It can be started again
      from nothing at any time.
    </ConfirmByName>
  );
}
