import { Link } from "@tanstack/react-router";
import { CodeView } from "@/components/CodeView";
import { CopyButton } from "@/components/CopyButton";
import type { SchemaVersion } from "@/gen/api";
import { prettyJson } from "@/json/print";
import { languageOf } from "./examples";
import classes from "./SubjectPage.module.css";

/** The schema as text: JSON is indented, Protobuf is as it was written. */
export const schemaText = (version: SchemaVersion): string =>
  version.schema_type === "PROTOBUF" ? version.schema : prettyJson(version.schema);

/** One version in full. */
export function SchemaTab({ version }: { version: SchemaVersion }) {
  const text = schemaText(version);
  return (
    <>
      <div className={classes.head}>
        <span>Version {version.version}</span>
        <span className="dim">schema id {version.id}</span>
        <span className={classes.spacer} />
        <CopyButton value={text} label="schema" />
      </div>
      <div className={classes.fill}>
        <CodeView
          value={text}
          language={languageOf(version.schema_type)}
          label={`Schema, version ${version.version}`}
          testId="schema-text"
        />
      </div>
      {version.references.length === 0 ? null : (
        <div className={classes.references}>
          <span className="dim">References</span>
          {version.references.map((reference) => (
            <span key={reference.name}>
              <code>{reference.name}</code>{" "}
              <Link
                className={classes.link}
                to="/schemas/$subject"
                params={{ subject: reference.subject }}
                search={(current) => ({ cluster: current.cluster, version: reference.version })}
              >
                {reference.subject} v{reference.version}
              </Link>
            </span>
          ))}
        </div>
      )}
    </>
  );
}
