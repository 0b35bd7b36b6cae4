import { createSpotlight } from "@mantine/spotlight";

const [store, controls] = createSpotlight();

export const paletteStore = store;
export const openPalette = controls.open;
export const closePalette = controls.close;
