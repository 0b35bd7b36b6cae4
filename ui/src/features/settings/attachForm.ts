/** The form that attaches a cluster, as the API wants it. */
import type { ClusterSettings, Secret } from "@/gen/api";

export const PROTOCOLS = [
  { value: "PLAINTEXT", label: "None" },
  { value: "SSL", label: "TLS" },
  { value: "SASL_SSL", label: "TLS and a password" },
  { value: "SASL_PLAINTEXT", label: "A password, no TLS" },
];

export const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];

/** Told apart at a glance, in the light and in the dark. */
export const COLORS = ["#0d9488", "#2563eb", "#7c3aed", "#c026d3", "#b91c1c", "#c2410c", "#4d7c0f"];

export const REGISTRY_AUTHS = ["none", "basic", "bearer"] as const;
export type RegistryAuth = (typeof REGISTRY_AUTHS)[number];

export const emptySettings: ClusterSettings = {
  id: "",
  name: null,
  color: COLORS[1] ?? null,
  bootstrap_servers: "",
  read_only: true,
  security_protocol: "PLAINTEXT",
  sasl_mechanism: null,
  sasl_username: null,
  sasl_password: { is: "none" },
  ca_file: null,
  registry_url: null,
  registry_username: null,
  registry_password: { is: "none" },
  registry_token: { is: "none" },
  registry_ca_file: null,
};

export function authOf(settings: ClusterSettings): RegistryAuth {
  if (settings.registry_token.is !== "none") return "bearer";
  return settings.registry_username === null && settings.registry_password.is === "none"
    ? "none"
    : "basic";
}

/** Without what the chosen ways do not use. */
export function settingsOf(draft: ClusterSettings, auth: RegistryAuth): ClusterSettings {
  const sasl = draft.security_protocol.startsWith("SASL");
  const none: Secret = { is: "none" };
  return {
    ...draft,
    sasl_mechanism: sasl ? (draft.sasl_mechanism ?? "PLAIN") : null,
    sasl_username: sasl ? draft.sasl_username : null,
    sasl_password: sasl ? draft.sasl_password : none,
    registry_username: auth === "basic" ? draft.registry_username : null,
    registry_password: auth === "basic" ? draft.registry_password : none,
    registry_token: auth === "bearer" ? draft.registry_token : none,
  };
}

/** A short name for the URL and the file, out of the one people read. */
export const idOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "");
