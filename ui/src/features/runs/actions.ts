/** Ways to the runs a person looks for first. */
import { CircleX, LoaderCircle } from "lucide-react";
import type { Action } from "@/app/actions";

export const runActions: Action[] = [
  {
    id: "runs-failed",
    label: "Failed runs",
    group: "Go to",
    icon: CircleX,
    keywords: ["errors", "dag"],
    href: "/runs?state=failed",
  },
  {
    id: "runs-running",
    label: "Running runs",
    group: "Go to",
    icon: LoaderCircle,
    keywords: ["active", "dag"],
    href: "/runs?state=running",
  },
];
