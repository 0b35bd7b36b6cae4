/** Operators by their icon and their short name. */
import {
  ArrowDownToLine,
  ArrowUpFromLine,
  Box,
  Circle,
  Database,
  FileCode,
  Globe,
  Hourglass,
  type LucideIcon,
  Play,
  Split,
  SquareTerminal,
} from "lucide-react";

const ICONS: readonly [RegExp, LucideIcon][] = [
  [/branch|shortcircuit/i, Split],
  [/sensor/i, Hourglass],
  [/bash|shell|ssh/i, SquareTerminal],
  [/consume/i, ArrowDownToLine],
  [/produce/i, ArrowUpFromLine],
  [/sql|table|database|postgres|sqlite/i, Database],
  [/http/i, Globe],
  [/python/i, FileCode],
  [/triggerdagrun/i, Play],
  [/empty|dummy/i, Circle],
];

export const operatorIcon = (operator: string): LucideIcon =>
  ICONS.find(([pattern]) => pattern.test(operator))?.[1] ?? Box;

/** `SQLExecuteQueryOperator` reads `SQLExecuteQuery`. */
export const operatorName = (operator: string): string =>
  operator.length > 8 ? operator.replace(/Operator$/, "") : operator;
