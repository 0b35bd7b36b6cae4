import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import { Check, Monitor, Moon, Sun } from "lucide-react";

const choices = [
  { value: "auto", label: "As the system", icon: Monitor },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
] as const;

export function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const current = choices.find((choice) => choice.value === colorScheme) ?? choices[0];
  const Icon = current.icon;
  return (
    <Menu position="bottom-end" width={170}>
      <Menu.Target>
        <ActionIcon size={28} aria-label={`Appearance: ${current.label}`} data-testid="theme-menu">
          <Icon size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ value, label, icon: ChoiceIcon }) => (
          <Menu.Item
            key={value}
            leftSection={<ChoiceIcon size={14} />}
            rightSection={value === colorScheme ? <Check size={13} aria-label="current" /> : null}
            onClick={() => setColorScheme(value)}
            data-testid={`theme-${value}`}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
