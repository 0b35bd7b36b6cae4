import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { sql } from "@codemirror/lang-sql";
import { yaml } from "@codemirror/lang-yaml";
import { StreamLanguage } from "@codemirror/language";
import { protobuf } from "@codemirror/legacy-modes/mode/protobuf";
import type { Extension } from "@codemirror/state";
import type { CodeLanguage } from "../CodeView";

export function languageOf(language: CodeLanguage): Extension {
  switch (language) {
    case "json":
      return json();
    case "sql":
      return sql();
    case "python":
      return python();
    case "yaml":
      return yaml();
    case "protobuf":
      return StreamLanguage.define(protobuf);
    case "text":
      return [];
  }
}
