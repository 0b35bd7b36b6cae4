import { Select } from "@mantine/core";
import { useId } from "react";
import { useCluster } from "@/app/cluster";
import { CodeView } from "@/components/CodeView";
import type { SubjectRow } from "@/gen/api";
import { useSubject, useSubjects } from "@/queries/schemas";
import { ENCODINGS, encodingLabels, type PartForm } from "./form";
import classes from "./PartEditor.module.css";

interface PartEditorProps {
  label: "Key" | "Value";
  part: PartForm;
  problem: string | null;
  height: string;
  onChange: (part: PartForm) => void;
}

/** The key or the value: how it is encoded, and its text. */
export function PartEditor({ label, part, problem, height, onChange }: PartEditorProps) {
  const cluster = useCluster();
  const { data: subjects } = useSubjects(cluster);
  const id = useId();
  const chosen = (subjects ?? []).find((row) => row.subject === part.subject);
  const name = label.toLowerCase();
  return (
    <fieldset className={classes.part} aria-describedby={problem ? id : undefined}>
      <legend className={classes.legend}>{label}</legend>
      <div className={classes.choices}>
        <Select
          aria-label={`Encoding of the ${name}`}
          data-testid={`produce-${name}-encoding`}
          w={170}
          value={part.encoding}
          data={ENCODINGS.map((value) => ({ value, label: encodingLabels[value] }))}
          allowDeselect={false}
          onChange={(next) => {
            const encoding = ENCODINGS.find((known) => known === next);
            if (encoding) onChange({ ...part, encoding });
          }}
        />
        {part.encoding === "schema" ? (
          <Select
            aria-label={`Subject of the ${name}`}
            placeholder="Subject"
            w={260}
            searchable
            nothingFoundMessage="No subject is called that"
            value={part.subject === "" ? null : part.subject}
            data={subjectsWith(part.subject, subjects ?? [])}
            onChange={(subject) => onChange({ ...part, subject: subject ?? "", message: "" })}
          />
        ) : null}
        {part.encoding === "schema" && chosen?.schema_type === "PROTOBUF" ? (
          <MessageSelect
            label={`Message of the ${name}`}
            subject={chosen.subject}
            message={part.message}
            onChange={(message) => onChange({ ...part, message })}
          />
        ) : null}
      </div>
      {part.encoding === "null" ? null : (
        <div className={classes.editor} data-problem={problem !== null || undefined}>
          <CodeView
            label={`${label} text`}
            testId={`produce-${name}`}
            value={part.text}
            language={part.encoding === "json" || part.encoding === "schema" ? "json" : "text"}
            height={height}
            lineNumbers={false}
            onChange={(text) => onChange({ ...part, text })}
          />
        </div>
      )}
      {problem ? (
        <p id={id} className={classes.problem} role="alert">
          {problem}
        </p>
      ) : null}
    </fieldset>
  );
}

interface MessageSelectProps {
  label: string;
  subject: string;
  message: string;
  onChange: (message: string) => void;
}

/** Which of a Protobuf file's messages it is. */
function MessageSelect({ label, subject, message, onChange }: MessageSelectProps) {
  const { data } = useSubject(useCluster(), subject);
  const messages = data?.messages ?? [];
  if (messages.length < 2) return null;
  return (
    <Select
      aria-label={label}
      w={200}
      searchable
      value={message === "" ? (messages[0] ?? null) : message}
      data={messages}
      allowDeselect={false}
      onChange={(next) => onChange(next ?? "")}
    />
  );
}

/** The one chosen stays to be seen, also when the registry does not list it. */
function subjectsWith(chosen: string, rows: readonly SubjectRow[]): string[] {
  const names = rows.map((row) => row.subject);
  return chosen === "" || names.includes(chosen) ? names : [chosen, ...names];
}
