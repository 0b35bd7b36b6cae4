/** What a person can do from anywhere: feeds the palette, shortcuts and menus. */
import type { LucideIcon } from "lucide-react";

export interface Action {
  id: string;
  label: string;
  /** The palette's heading. */
  group: "Go to" | "Do";
  icon: LucideIcon;
  /** Other words it is found by. */
  keywords?: string[];
  /** Two keys in a row (`g t`) or one (`?`). */
  shortcut?: string;
  /** Where it leads: a path of the window, search included. */
  href?: string;
  /** Or what it does. */
  event?: ActionEvent;
}

/** Done by the shell: each has one listener. */
export type ActionEvent =
  | "quickstart-start"
  | "quickstart-stop"
  | "quickstart-remove"
  | "theme-dark"
  | "theme-light"
  | "theme-system"
  | "sidebar"
  | "shortcuts";
