import type { ClusterRow, Settings } from "@/gen/api";
import type { Handlers } from "./index";

/** The platform itself: services, clusters, settings. */
export function platformHandlers(startedAtMs = Date.now() - 3_840_000): Handlers {
  const settings: Settings = {
    data_dir: "~/.local/share/pumphouse",
    config_file: "~/.local/share/pumphouse/config.toml",
    dags_dir: "~/.local/share/pumphouse/dags",
    logs_dir: "~/.local/share/pumphouse/logs",
    host: "127.0.0.1",
    kafka_port: 9092,
    registry_port: 8081,
    api_port: 8080,
    editable: {
      num_partitions: 1,
      auto_create_topics_enable: true,
      log_retention_hours: 168,
      parallelism: 8,
      dags_are_paused_at_creation: false,
      database: "sqlite",
      python: "python3",
      metrics_retention_days: 7,
    },
    restart_needed: [],
  };
  const clusters: ClusterRow[] = [
    {
      id: "local",
      name: "Local",
      color: "#2dc7b6",
      bootstrap_servers: "127.0.0.1:9092",
      registry_url: "http://127.0.0.1:8081",
      read_only: false,
    },
    {
      id: "staging",
      name: "Staging",
      color: "#c98a3c",
      bootstrap_servers: "kafka-1.staging.example:9092",
      registry_url: "http://registry.staging.example:8081",
      read_only: true,
    },
  ];
  return {
    status: () => ({
      version: "0.1.0",
      services: [
        { name: "broker", state: "up", address: "127.0.0.1:9092", detail: null },
        { name: "registry", state: "up", address: "http://127.0.0.1:8081", detail: null },
        {
          name: "orchestrator",
          state: "up",
          address: "http://127.0.0.1:8080/api/v1",
          detail: null,
        },
        { name: "api", state: "up", address: "http://127.0.0.1:8080", detail: null },
      ],
      data_dir: settings.data_dir,
      started_at_ms: startedAtMs,
      now_ms: Date.now(),
      rss_bytes: 58_720_256,
      warnings: [],
    }),
    clusters_list: () => clusters,
    cluster_settings: ({ id }) => ({
      id,
      name: clusters.find((row) => row.id === id)?.name ?? null,
      color: clusters.find((row) => row.id === id)?.color ?? null,
      bootstrap_servers: clusters.find((row) => row.id === id)?.bootstrap_servers ?? "",
      read_only: clusters.find((row) => row.id === id)?.read_only ?? false,
      security_protocol: "SASL_SSL",
      sasl_mechanism: "SCRAM-SHA-512",
      sasl_username: "pumphouse",
      sasl_password: { is: "stored" },
      ca_file: "/etc/ssl/kafka-ca.pem",
      registry_url: clusters.find((row) => row.id === id)?.registry_url ?? null,
      registry_username: null,
      registry_password: { is: "none" },
      registry_token: { is: "stored" },
      registry_ca_file: null,
    }),
    cluster_try: ({ settings: tried }) => ({
      brokers: 3,
      brokers_error: null,
      subjects: tried.registry_url === null ? null : 12,
      registry_error: null,
    }),
    cluster_attach: ({ settings: attached }) => {
      const row: ClusterRow = {
        id: attached.id,
        name: attached.name ?? attached.id,
        color: attached.color,
        bootstrap_servers: attached.bootstrap_servers,
        registry_url: attached.registry_url,
        read_only: attached.read_only,
      };
      const at = clusters.findIndex((known) => known.id === row.id);
      if (at < 0) clusters.push(row);
      else clusters[at] = row;
      return row;
    },
    cluster_detach: ({ id }) => {
      clusters.splice(
        clusters.findIndex((row) => row.id === id),
        1,
      );
      return {};
    },
    settings_get: () => settings,
    settings_set: ({ editable }) => {
      const restart = ["parallelism", "database", "python"] as const;
      for (const key of restart) {
        if (editable[key] !== settings.editable[key] && !settings.restart_needed.includes(key)) {
          settings.restart_needed.push(key);
        }
      }
      settings.editable = editable;
      return settings;
    },
  };
}
