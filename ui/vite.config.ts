import path from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the services: `pumphouse serve` listens here. */
const api = process.env.PUMPHOUSE_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  clearScreen: false,
  server: { host: "127.0.0.1", port: 5173, strictPort: true, proxy: { "/rpc": api } },
  preview: { host: "127.0.0.1", port: 4173, proxy: { "/rpc": api } },
  build: {
    target: "es2022",
    // elkjs and CodeMirror are big by nature; they load with the page that needs them.
    chunkSizeWarningLimit: 1600,
  },
  test: {
    environment: "jsdom",
    // Charts draw on a canvas, and jsdom has none.
    alias: [
      {
        find: /^uplot$/,
        replacement: path.resolve(import.meta.dirname, "src/testing/noCharts.ts"),
      },
    ],
    globals: false,
    testTimeout: 40_000,
    setupFiles: ["src/testing/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});
