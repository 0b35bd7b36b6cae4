import { ArrowLeftRight, Braces } from "lucide-react";
import { CodeView } from "@/components/CodeView";
import { CopyButton } from "@/components/CopyButton";
import { EmptyState } from "@/components/EmptyState";
import { JsonTree } from "@/components/JsonTree";
import type { RenderedField, Xcom } from "@/gen/api";
import { tryParseJson } from "@/json/parse";
import { prettyJson } from "@/json/print";
import classes from "./XComTab.module.css";

/** What the task handed on, number for number. */
export function XComTab({ xcoms }: { xcoms: readonly Xcom[] }) {
  if (xcoms.length === 0) {
    return (
      <EmptyState
        compact
        icon={ArrowLeftRight}
        title="No XCom"
        body="What a task returns or pushes is kept here for the tasks after it."
      />
    );
  }
  return (
    <div className={classes.list} data-testid="task-xcom">
      {xcoms.map((xcom) => (
        <section key={xcom.key} className={classes.item}>
          <header className={classes.head}>
            <h2 className={classes.name}>{xcom.key}</h2>
            <CopyButton value={() => prettyJson(xcom.value)} label={xcom.key} size={12} />
          </header>
          <XComValue xcom={xcom} />
        </section>
      ))}
    </div>
  );
}

function XComValue({ xcom }: { xcom: Xcom }) {
  const node = tryParseJson(xcom.value);
  if (node === null) return <pre className={classes.text}>{xcom.value}</pre>;
  return <JsonTree node={node} label={xcom.key} maxHeight={420} />;
}

/** Template fields as they were given to the operator. */
export function RenderedTab({ fields }: { fields: readonly RenderedField[] }) {
  if (fields.length === 0) {
    return (
      <EmptyState
        compact
        icon={Braces}
        title="Nothing rendered yet"
        body="Templates are rendered when a try begins; this operator may also have none."
      />
    );
  }
  return (
    <div className={classes.list} data-testid="task-rendered">
      {fields.map((field) => (
        <section key={field.name} className={classes.item}>
          <header className={classes.head}>
            <h2 className={classes.name}>{field.name}</h2>
            <CopyButton value={field.value} label={field.name} size={12} />
          </header>
          <CodeView
            value={field.value}
            language={languageOf(field)}
            label={field.name}
            maxHeight="320px"
            lineNumbers={false}
          />
        </section>
      ))}
    </div>
  );
}

function languageOf(field: RenderedField) {
  if (field.name.includes("sql")) return "sql" as const;
  if (field.name.includes("python")) return "python" as const;
  const node = tryParseJson(field.value);
  return node?.kind === "object" || node?.kind === "array" ? ("json" as const) : ("text" as const);
}
