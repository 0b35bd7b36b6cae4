/** What can be done with topics from anywhere. */
import { Plus } from "lucide-react";
import type { Action } from "@/app/actions";

export const topicActions: Action[] = [
  {
    id: "create-topic",
    label: "Create a topic",
    group: "Do",
    icon: Plus,
    keywords: ["new topic"],
    href: "/topics?create=true",
  },
];
