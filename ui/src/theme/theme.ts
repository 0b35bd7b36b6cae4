/** Mantine, told to wear the tokens. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";
import parts from "./mantine.module.css";

const teal: MantineColorsTuple = [
  "#e3f6f3",
  "#c2ebe5",
  "#94dcd2",
  "#5fcdbf",
  "#2dc7b6",
  "#1aa899",
  "#0f8f82",
  "#0c766c",
  "#0a5f57",
  "#074840",
];

/** For what destroys: legible with `--ph-on-accent` on it, dark and light. */
const red: MantineColorsTuple = [
  "#fdecec",
  "#fad4d5",
  "#f7b3b5",
  "#f49799",
  "#f2777a",
  "#e05558",
  "#cf4043",
  "#c02f32",
  "#9f2326",
  "#7d191b",
];

const dark: MantineColorsTuple = [
  "#e4e9ea",
  "#a4aeb1",
  "#879195",
  "#4a5256",
  "#363c40",
  "#25292c",
  "#1c2022",
  "#15181a",
  "#101213",
  "#0b0d0e",
];

const fast = { duration: 60 };

export const theme = createTheme({
  primaryColor: "water",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  colors: { water: teal, red, dark },
  fontFamily: "var(--ph-font)",
  fontFamilyMonospace: "var(--ph-mono)",
  fontSizes: { xs: "11px", sm: "12px", md: "13px", lg: "15px", xl: "18px" },
  lineHeights: { xs: "1.35", sm: "1.4", md: "1.45", lg: "1.45", xl: "1.4" },
  spacing: { xs: "6px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "3px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "sm",
  cursorType: "pointer",
  focusRing: "auto",
  headings: { fontFamily: "var(--ph-font)", fontWeight: "600" },
  components: {
    Button: { defaultProps: { size: "xs" }, classNames: { root: parts.button } },
    ActionIcon: {
      defaultProps: { variant: "subtle", color: "gray", size: "md" },
      classNames: { root: parts.icon },
    },
    InputWrapper: { classNames: { label: parts.label, description: parts.description } },
    Input: { classNames: { input: parts.input } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    ColorInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    Select: {
      defaultProps: { size: "xs", comboboxProps: { shadow: "md", transitionProps: fast } },
      classNames: { dropdown: parts.dropdown },
    },
    MultiSelect: {
      defaultProps: { size: "xs", comboboxProps: { shadow: "md", transitionProps: fast } },
      classNames: { dropdown: parts.dropdown },
    },
    Switch: { defaultProps: { size: "xs" }, classNames: { label: parts.switchLabel } },
    Checkbox: { defaultProps: { size: "xs" } },
    Radio: { defaultProps: { size: "xs" }, classNames: { radio: parts.radio } },
    SegmentedControl: {
      defaultProps: { size: "xs", withItemsBorders: false, transitionDuration: 80 },
      classNames: {
        root: parts.segmented,
        indicator: parts.segmentedIndicator,
        label: parts.segmentedLabel,
      },
    },
    Tabs: { classNames: { list: parts.tabList, tab: parts.tab } },
    Modal: {
      defaultProps: {
        centered: true,
        padding: "lg",
        radius: "md",
        overlayProps: { backgroundOpacity: 0.5 },
        transitionProps: { duration: 90 },
        closeButtonProps: { "aria-label": "Close" },
      },
      classNames: {
        title: parts.modalTitle,
        content: parts.modalContent,
        header: parts.modalHeader,
      },
    },
    Menu: {
      defaultProps: { transitionProps: fast, shadow: "md" },
      classNames: { dropdown: parts.dropdown, item: parts.item, label: parts.menuLabel },
    },
    Popover: {
      defaultProps: { transitionProps: fast, shadow: "md" },
      classNames: { dropdown: parts.dropdown },
    },
    Notification: {
      defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } },
      classNames: { root: parts.notification },
    },
    Tooltip: {
      defaultProps: { openDelay: 350, transitionProps: fast, fz: 11, px: 8, py: 4 },
      classNames: { tooltip: parts.tooltip },
    },
  },
});

const shared = {
  "--mantine-color-body": "var(--ph-surface)",
  "--mantine-color-text": "var(--ph-text)",
  "--mantine-color-dimmed": "var(--ph-text-3)",
  "--mantine-color-default": "var(--ph-surface)",
  "--mantine-color-default-hover": "var(--ph-hover)",
  "--mantine-color-default-color": "var(--ph-text)",
  "--mantine-color-default-border": "var(--ph-line-strong)",
  "--mantine-color-placeholder": "var(--ph-text-3)",
  "--mantine-color-anchor": "var(--ph-accent)",
  "--mantine-color-error": "var(--ph-danger)",
};

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: shared,
  dark: shared,
});
