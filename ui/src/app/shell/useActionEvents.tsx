import { useMantineColorScheme } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { ActionEvent } from "../actions";
import { QuickstartRemove } from "../quickstart/QuickstartRemove";
import { useQuickstartSteps } from "../quickstart/useQuickstartSteps";
import { ShortcutsSheet } from "./ShortcutsSheet";

/** The one place that does what an action asks for; `dialogs` belong in the page. */
export function useActionEvents(toggleSidebar: () => void): {
  act: (event: ActionEvent) => void;
  dialogs: ReactNode;
} {
  const { setColorScheme } = useMantineColorScheme();
  const { take } = useQuickstartSteps();
  const [open, setOpen] = useState<"shortcuts" | "remove" | null>(null);
  const act = (event: ActionEvent): void => {
    switch (event) {
      case "quickstart-start":
        take("start");
        break;
      case "quickstart-stop":
        take("stop");
        break;
      case "quickstart-remove":
        setOpen("remove");
        break;
      case "theme-dark":
        setColorScheme("dark");
        break;
      case "theme-light":
        setColorScheme("light");
        break;
      case "theme-system":
        setColorScheme("auto");
        break;
      case "sidebar":
        toggleSidebar();
        break;
      case "shortcuts":
        setOpen("shortcuts");
        break;
    }
  };
  const close = () => setOpen(null);
  return {
    act,
    dialogs: (
      <>
        <ShortcutsSheet opened={open === "shortcuts"} onClose={close} />
        <QuickstartRemove opened={open === "remove"} onClose={close} />
      </>
    ),
  };
}
