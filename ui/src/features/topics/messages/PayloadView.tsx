import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { CodeView } from "@/components/CodeView";
import { CopyButton } from "@/components/CopyButton";
import { HexView } from "@/components/HexView";
import { JsonTree } from "@/components/JsonTree";
import { Notice } from "@/components/Notice";
import { Tag } from "@/components/Tag";
import { bytes, exact } from "@/format/format";
import type { Encoding, Payload, PayloadSchema } from "@/gen/api";
import { type JsonNode, tryParseJson } from "@/json/parse";
import { prettyJson } from "@/json/print";
import classes from "./PayloadView.module.css";

interface PayloadViewProps {
  payload: Payload;
  label: string;
  /** The whole of it is on its way. */
  loading: boolean;
}

type View = "tree" | "raw" | "hex";

const names: Record<Encoding, string> = {
  null: "null",
  empty: "empty",
  text: "text",
  json: "JSON",
  avro: "Avro",
  json_schema: "JSON Schema",
  protobuf: "Protobuf",
  hex: "bytes",
};

/** A payload as a tree, as text, or byte for byte. Numbers stay as they were sent. */
export function PayloadView({ payload, label, loading }: PayloadViewProps) {
  const [wanted, setWanted] = useState<View | null>(null);
  const node = useMemo(() => treeOf(payload), [payload]);
  const views = viewsOf(payload, node);
  const view = wanted !== null && views.includes(wanted) ? wanted : views[0];
  return (
    <div className={classes.view}>
      <div className={classes.bar}>
        <Tag>{names[payload.encoding]}</Tag>
        {payload.schema ? <SchemaTags schema={payload.schema} /> : null}
        <span className={classes.size} title={`${exact(payload.size_bytes)} bytes`}>
          {bytes(payload.size_bytes)}
        </span>
        <span className={classes.right}>
          {views.length > 1 && view ? (
            <SegmentedControl
              size="xs"
              aria-label={`${label} shown as`}
              value={view}
              onChange={(next) => setWanted(next as View)}
              data={views.map((name) => ({ value: name, label: words[name] }))}
            />
          ) : null}
          {view ? (
            <CopyButton
              label={label.toLowerCase()}
              value={() => (view === "hex" ? (payload.hex ?? payload.text) : payload.text)}
            />
          ) : null}
        </span>
      </div>
      {payload.error ? (
        <div className={classes.notice}>
          <Notice tone="warning">{payload.error}</Notice>
        </div>
      ) : null}
      {payload.truncated && !loading ? (
        <div className={classes.notice}>
          <Notice>Only the beginning is shown: the whole is {bytes(payload.size_bytes)}.</Notice>
        </div>
      ) : null}
      {view === undefined ? (
        <p className={classes.none}>
          {payload.encoding === "null" ? `The ${label.toLowerCase()} is null.` : "No bytes."}
        </p>
      ) : null}
      {view === "tree" && node ? <JsonTree node={node} label={label} /> : null}
      {view === "raw" ? <Raw payload={payload} node={node} label={label} /> : null}
      {view === "hex" ? (
        <HexView digits={payload.hex ?? payload.text} label={`${label} as bytes`} />
      ) : null}
    </div>
  );
}

/** Which schema wrote it: its number, what the registry calls it, and the type in it. */
function SchemaTags({ schema }: { schema: PayloadSchema }) {
  return (
    <>
      {schema.id === null ? (
        <Tag title="The schema's GUID, from a record header">schema {schema.guid}</Tag>
      ) : (
        <Tag
          title={
            schema.guid ? `GUID ${schema.guid}, from a record header` : "The id in the registry"
          }
        >
          schema {schema.id}
        </Tag>
      )}
      {schema.subject === null ? null : (
        <Tag title="The subject and version that have this schema">
          {schema.subject}
          {schema.version === null ? null : ` v${schema.version}`}
        </Tag>
      )}
      {schema.type_name === null ? null : (
        <Tag title="The type of the value">{schema.type_name}</Tag>
      )}
    </>
  );
}

const words: Record<View, string> = { tree: "Tree", raw: "Raw", hex: "Hex" };

function Raw({ payload, node, label }: { payload: Payload; node: JsonNode | null; label: string }) {
  const text = useMemo(() => (node ? prettyJson(payload.text) : payload.text), [payload, node]);
  return (
    <div className={classes.raw} data-testid="payload-raw">
      <CodeView value={text} language={node ? "json" : "text"} label={label} lineNumbers={false} />
    </div>
  );
}

function treeOf(payload: Payload): JsonNode | null {
  switch (payload.encoding) {
    case "json":
    case "avro":
    case "json_schema":
    case "protobuf":
      return tryParseJson(payload.text);
    default:
      return null;
  }
}

/** The ways it can be shown, the best first. */
function viewsOf(payload: Payload, node: JsonNode | null): View[] {
  switch (payload.encoding) {
    case "null":
    case "empty":
      return [];
    case "hex":
      return ["hex"];
    default: {
      const tree: View[] = node?.kind === "object" || node?.kind === "array" ? ["tree"] : [];
      return [...tree, "raw", ...(payload.hex === null ? [] : (["hex"] as const))];
    }
  }
}
