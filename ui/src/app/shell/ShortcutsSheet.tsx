import { Modal } from "@mantine/core";
import { allPlaces } from "../navigation";
import classes from "./ShortcutsSheet.module.css";

interface ShortcutsSheetProps {
  opened: boolean;
  onClose: () => void;
}

const sections = [
  {
    title: "Anywhere",
    keys: [
      ["Ctrl K", "Command palette"],
      ["/", "Filter the list"],
      ["[", "Fold the sidebar"],
      ["?", "This sheet"],
    ],
  },
  { title: "Go to", keys: allPlaces.map((place) => [`g ${place.key}`, place.label]) },
  {
    title: "In a table",
    keys: [
      ["↑ ↓", "Walk the rows"],
      ["PgUp PgDn", "A screenful"],
      ["Home End", "First, last"],
      ["Enter", "Open"],
      ["Esc", "Close the details"],
    ],
  },
];

export function ShortcutsSheet({ opened, onClose }: ShortcutsSheetProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size={620}>
      <div className={classes.columns} data-testid="shortcuts-sheet">
        {sections.map((section) => (
          <section key={section.title}>
            <h3 className={classes.title}>{section.title}</h3>
            <dl className={classes.keys}>
              {section.keys.map(([keys = "", does]) => (
                <div key={keys} className={classes.row}>
                  <dt>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
