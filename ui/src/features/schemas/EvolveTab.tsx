import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { CircleCheck, CircleX } from "lucide-react";
import { useState } from "react";
import { READ_ONLY, useReadOnly } from "@/app/cluster";
import { CodeView } from "@/components/CodeView";
import { ErrorState } from "@/components/ErrorState";
import type { SchemaVersion, SubjectRow } from "@/gen/api";
import { useCheckSchema, useRegisterSchema } from "@/queries/schemas";
import { languageOf } from "./examples";
import { explainLevel } from "./levels";
import { ReferencesField } from "./ReferencesField";
import { schemaText } from "./SchemaTab";
import classes from "./SubjectPage.module.css";

interface EvolveTabProps {
  cluster: string;
  row: SubjectRow;
  latest: SchemaVersion;
  onRegistered: (version: number) => void;
}

/** The next version: written, checked, registered. */
export function EvolveTab({ cluster, row, latest, onRegistered }: EvolveTabProps) {
  const [start] = useState(() => schemaText(latest));
  const [schema, setSchema] = useState(start);
  const [references, setReferences] = useState(latest.references);
  /** The text the verdict is about. */
  const [checked, setChecked] = useState<string | null>(null);
  const readOnly = useReadOnly();
  const check = useCheckSchema();
  const register = useRegisterSchema();
  const params = {
    cluster,
    subject: row.subject,
    schema_type: latest.schema_type,
    schema,
    references,
  };
  const asked = `${schema}\n${JSON.stringify(references)}`;
  const verdict = checked === asked ? check.data : undefined;
  const changed = schema !== start || references !== latest.references;

  const runCheck = () => {
    register.reset();
    setChecked(asked);
    check.mutate(params);
  };
  const runRegister = () =>
    register.mutate(params, {
      onSuccess: ({ id, version }) => {
        notifications.show({
          title: `${row.subject} version ${version}`,
          message: `Registered with schema id ${id}`,
        });
        onRegistered(version);
      },
    });

  return (
    <>
      <div className={classes.head}>
        <span>Next version, from version {latest.version}</span>
        <span className="dim" title={explainLevel(row.compatibility)}>
          checked for {row.compatibility}
        </span>
        <span className={classes.spacer} />
        <Button
          variant="subtle"
          color="gray"
          disabled={!changed}
          onClick={() => {
            setSchema(start);
            setReferences(latest.references);
          }}
        >
          Start over
        </Button>
      </div>
      <div className={classes.fill}>
        <CodeView
          value={schema}
          onChange={setSchema}
          language={languageOf(latest.schema_type)}
          label="Next version"
          testId="evolve-schema"
        />
      </div>
      <div className={classes.references}>
        <ReferencesField references={references} onChange={setReferences} />
      </div>
      {verdict === undefined ? null : (
        <div
          className={classes.verdict}
          data-compatible={verdict.compatible}
          role="status"
          data-testid="schema-verdict"
        >
          <p className={classes.verdictTitle}>
            {verdict.compatible ? (
              <CircleCheck size={15} aria-hidden />
            ) : (
              <CircleX size={15} aria-hidden />
            )}
            {verdict.compatible
              ? `Compatible with ${row.compatibility}`
              : `Not compatible with ${row.compatibility}`}
          </p>
          {verdict.messages.length === 0 ? null : (
            <ul className={classes.messages}>
              {verdict.messages.map((message) => (
                <li key={message}>{message}</li>
              ))}
            </ul>
          )}
        </div>
      )}
      {check.error && checked === asked ? <ErrorState error={check.error} inline /> : null}
      {register.error ? <ErrorState error={register.error} inline /> : null}
      <div className={classes.foot}>
        <Button
          variant="default"
          onClick={runCheck}
          loading={check.isPending}
          data-testid="schema-check"
        >
          Check compatibility
        </Button>
        <Button
          onClick={runRegister}
          loading={register.isPending}
          disabled={readOnly || !changed || verdict?.compatible !== true}
          title={readOnly ? READ_ONLY : verdict === undefined ? "Check it first" : undefined}
          data-testid="evolve-register"
        >
          Register version
        </Button>
      </div>
    </>
  );
}
