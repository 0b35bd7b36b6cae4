/** What can be done with schemas from anywhere. */
import { FilePlus2 } from "lucide-react";
import type { Action } from "@/app/actions";

export const schemaActions: Action[] = [
  {
    id: "register-schema",
    label: "Register a schema",
    group: "Do",
    icon: FilePlus2,
    keywords: ["new subject", "avro", "registry"],
    href: "/schemas?register=true",
  },
];
