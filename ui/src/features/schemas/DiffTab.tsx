import { SegmentedControl, Select } from "@mantine/core";
import { ArrowRight } from "lucide-react";
import { DiffView } from "@/components/DiffView";
import type { SchemaVersion } from "@/gen/api";
import { languageOf } from "./examples";
import type { SubjectSearch } from "./routes";
import { schemaText } from "./SchemaTab";
import classes from "./SubjectPage.module.css";

interface DiffTabProps {
  versions: readonly SchemaVersion[];
  older: SchemaVersion;
  newer: SchemaVersion;
  unified: boolean;
  onChange: (change: SubjectSearch) => void;
}

/** What changed from one version to another. */
export function DiffTab({ versions, older, newer, unified, onChange }: DiffTabProps) {
  const choices = versions.map((one) => ({
    value: String(one.version),
    label: `Version ${one.version}`,
  }));
  return (
    <>
      <div className={classes.head}>
        <Select
          aria-label="From version"
          w={120}
          data={choices}
          value={String(older.version)}
          allowDeselect={false}
          onChange={(next) => onChange({ from: Number(next) })}
        />
        <ArrowRight size={14} aria-hidden />
        <Select
          aria-label="To version"
          w={120}
          data={choices}
          value={String(newer.version)}
          allowDeselect={false}
          onChange={(next) => onChange({ version: Number(next), from: older.version })}
        />
        <span className={classes.spacer} />
        <SegmentedControl
          aria-label="How the difference is shown"
          value={unified ? "unified" : "split"}
          onChange={(next) => onChange({ unified: next === "unified" ? true : undefined })}
          data={[
            { value: "split", label: "Side by side" },
            { value: "unified", label: "Unified" },
          ]}
        />
      </div>
      <div className={classes.fill}>
        <DiffView
          older={schemaText(older)}
          newer={schemaText(newer)}
          olderLabel={`Version ${older.version}`}
          newerLabel={`Version ${newer.version}`}
          language={languageOf(newer.schema_type)}
          unified={unified}
          testId="schema-diff"
        />
      </div>
    </>
  );
}
