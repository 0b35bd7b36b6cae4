import { Button, Group, Modal, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { CodeView } from "@/components/CodeView";
import { ErrorState } from "@/components/ErrorState";
import type { SchemaReference } from "@/gen/api";
import { useRegisterSchema } from "@/queries/schemas";
import { exampleOf, languageOf, SCHEMA_TYPES, type SchemaType } from "./examples";
import { ReferencesField } from "./ReferencesField";
import classes from "./SubjectPage.module.css";

interface RegisterDialogProps {
  cluster: string;
  opened: boolean;
  onClose: () => void;
  onRegistered: (subject: string) => void;
}

/** A schema under a new subject, beginning from an example. */
export function RegisterDialog(props: RegisterDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Register a schema" size={680}>
      {props.opened ? <Form {...props} /> : null}
    </Modal>
  );
}

function Form({ cluster, onClose, onRegistered }: RegisterDialogProps) {
  const [subject, setSubject] = useState("");
  const [type, setType] = useState<SchemaType>("AVRO");
  const [schema, setSchema] = useState(() => exampleOf("AVRO"));
  const [references, setReferences] = useState<SchemaReference[]>([]);
  const register = useRegisterSchema();

  const changeType = (next: SchemaType) => {
    // What was written by hand is not thrown away.
    if (schema === exampleOf(type)) setSchema(exampleOf(next));
    setType(next);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        register.mutate(
          { cluster, subject: subject.trim(), schema_type: type, schema, references },
          {
            onSuccess: () => {
              onClose();
              onRegistered(subject.trim());
            },
          },
        );
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Subject"
          description="By convention the topic's name with -value or -key"
          placeholder="orders-value"
          value={subject}
          onChange={(event) => setSubject(event.currentTarget.value)}
          data-autofocus
          data-testid="register-subject"
          spellCheck={false}
          autoComplete="off"
        />
        <div>
          <Group justify="space-between" mb={6}>
            <Text size="sm" fw={500}>
              Schema
            </Text>
            <SegmentedControl
              aria-label="Schema type"
              value={type}
              onChange={(next) => changeType(SCHEMA_TYPES.find((one) => one === next) ?? "AVRO")}
              data={[...SCHEMA_TYPES]}
            />
          </Group>
          <div className={classes.editor}>
            <CodeView
              value={schema}
              onChange={setSchema}
              language={languageOf(type)}
              label="Schema"
              height="300px"
              testId="register-schema"
            />
          </div>
        </div>
        <ReferencesField references={references} onChange={setReferences} />
        {register.error ? <ErrorState error={register.error} inline /> : null}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={subject.trim() === "" || schema.trim() === ""}
            loading={register.isPending}
            data-testid="register-submit"
          >
            Register
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
