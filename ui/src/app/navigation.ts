/** The sidebar's pages. Only pages that exist stand here. */
import {
  ChartSpline,
  History,
  type LucideIcon,
  MessagesSquare,
  Network,
  Server,
  Settings,
  Shapes,
  Workflow,
} from "lucide-react";

export interface Place {
  id: string;
  label: string;
  to: "/" | "/brokers" | "/topics" | "/consumers" | "/schemas" | "/dags" | "/runs" | "/settings";
  icon: LucideIcon;
  /** The second key after `g`. */
  key: string;
}

export interface PlaceGroup {
  label: string;
  places: Place[];
}

export const placeGroups: PlaceGroup[] = [
  {
    label: "Cluster",
    places: [
      { id: "overview", label: "Overview", to: "/", icon: ChartSpline, key: "o" },
      { id: "brokers", label: "Brokers", to: "/brokers", icon: Server, key: "b" },
      { id: "topics", label: "Topics", to: "/topics", icon: MessagesSquare, key: "t" },
      { id: "consumers", label: "Consumers", to: "/consumers", icon: Network, key: "c" },
      { id: "schemas", label: "Schemas", to: "/schemas", icon: Shapes, key: "s" },
    ],
  },
  {
    label: "Pipelines",
    places: [
      { id: "dags", label: "DAGs", to: "/dags", icon: Workflow, key: "d" },
      { id: "runs", label: "Runs", to: "/runs", icon: History, key: "r" },
    ],
  },
];

export const settingsPlace: Place = {
  id: "settings",
  label: "Settings",
  to: "/settings",
  icon: Settings,
  key: ",",
};

export const allPlaces: Place[] = [...placeGroups.flatMap((group) => group.places), settingsPlace];
