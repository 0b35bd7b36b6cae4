import { notifications } from "@mantine/notifications";
import { ConfirmByName } from "@/components/ConfirmByName";
import { useDeleteSubject } from "@/queries/schemas";

interface DeleteSubjectProps {
  cluster: string;
  subject: string;
  /** None: closed. */
  kind: "soft" | "permanent" | null;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks for the name; says which of the two deletes it is. */
export function DeleteSubject({ cluster, subject, kind, onClose, onDeleted }: DeleteSubjectProps) {
  const remove = useDeleteSubject();
  const permanent = kind === "permanent";
  return (
    <ConfirmByName
      opened={kind !== null}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      title={permanent ? "Delete the subject for ever" : "Delete the subject"}
      name={subject}
      action={permanent ? "Delete for ever" : "Delete"}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(
          { cluster, subject, permanent },
          {
            onSuccess: () => {
              notifications.show({ message: `${subject} is deleted` });
              onClose();
              onDeleted();
            },
          },
        )
      }
    >
      {permanent
        ? "All its versions are forgotten. Messages written with them can no longer be decoded."
        : "Its versions leave the lists and no new message may use them; existing messages are still decoded, and registering the subject again brings it back."}
    </ConfirmByName>
  );
}
