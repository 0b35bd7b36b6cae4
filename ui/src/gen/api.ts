// Written by `cargo xtask bindings` from the crate `api`. Never edited by hand.

export type ApiError = { code: ErrorCode, 
/**
 * One sentence: what happened, naming the thing.
 */
message: string, 
/**
 * The way out, when there is one.
 */
hint?: string, 
/**
 * The cause chain, for copying into a report.
 */
detail?: string, };

export type BrokerConfigGet = { cluster: string, broker: number, };

export type BrokerRow = { id: number, host: string, port: number, rack: string | null, controller: boolean, partitions: number, leaders: number, };

export type BrokersList = { cluster: string, };

export type ClusterAttach = { settings: ClusterSettings, };

export type ClusterDetach = { id: string, };

export type ClusterRow = { id: string, name: string, 
/**
 * A CSS colour the user chose, e.g. `#0d9488`.
 */
color: string | null, bootstrap_servers: string, registry_url: string | null, read_only: boolean, };

export type ClusterSettings = { id: string, name: string | null, 
/**
 * A CSS colour.
 */
color: string | null, bootstrap_servers: string, read_only: boolean, 
/**
 * `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.
 */
security_protocol: string, 
/**
 * `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`.
 */
sasl_mechanism: string | null, sasl_username: string | null, sasl_password: Secret, 
/**
 * A PEM file of the authorities that sign the brokers' certificates.
 */
ca_file: string | null, registry_url: string | null, registry_username: string | null, registry_password: Secret, registry_token: Secret, registry_ca_file: string | null, };

export type ClusterSettingsGet = { id: string, };

export type ClusterTried = { 
/**
 * How many answer; None when the cluster does not.
 */
brokers: number | null, brokers_error: string | null, 
/**
 * None when there is no registry, or it does not answer.
 */
subjects: number | null, registry_error: string | null, };

export type ClusterTry = { settings: ClusterSettings, };

export type ClustersList = Record<symbol, never>;

export type CompatibilitySet = { cluster: string, 
/**
 * None: the global level.
 */
subject: string | null, 
/**
 * One of the seven levels; None goes back to the global one.
 */
level: string | null, };

export type ConfigEntry = { name: string, 
/**
 * Absent when sensitive.
 */
value: string | null, 
/**
 * Kafka's name: `DYNAMIC_TOPIC_CONFIG`, `STATIC_BROKER_CONFIG`, `DEFAULT_CONFIG` …
 */
source: string, is_default: boolean, read_only: boolean, sensitive: boolean, documentation: string | null, };

export type ConfigPair = { name: string, value: string, };

export type DagDetail = { row: DagRow, tasks: Array<DagTask>, edges: Array<DagEdge>, params: Array<DagParam>, 
/**
 * The file's text.
 */
source: string, doc_md: string | null, start_date_ms: number | null, end_date_ms: number | null, catchup: boolean, timezone: string, max_active_runs: number, max_active_tasks: number, run_timeout_s: number | null, };

export type DagEdge = { upstream: string, downstream: string, label: string | null, };

export type DagGet = { dag_id: string, };

export type DagList = { dags: Array<DagRow>, import_errors: Array<ImportError>, };

export type DagParam = { name: string, 
/**
 * JSON text.
 */
default: string, 
/**
 * JSON Schema's type: `string`, `integer`, `number`, `boolean`, `array`, `object`, `null`.
 */
kind: string | null, description: string | null, choices: Array<string>, };

export type DagPause = { dag_id: string, paused: boolean, };

export type DagRow = { dag_id: string, description: string | null, 
/**
 * As written: `0 * * * *`, `@daily`, `1 day, 0:00:00`, or none.
 */
schedule: string | null, paused: boolean, tags: Array<string>, owner: string | null, tasks: number, 
/**
 * Relative to the `dags/` folder.
 */
file: string, next_run_ms: number | null, 
/**
 * The last 14, oldest first.
 */
last_runs: Array<RunRow>, };

export type DagTask = { task_id: string, 
/**
 * What stands on the node.
 */
label: string, 
/**
 * Airflow's class name, e.g. `BashOperator`.
 */
operator: string, 
/**
 * The enclosing task groups, outermost first.
 */
groups: Array<string>, trigger_rule: string, retries: number, doc_md: string | null, 
/**
 * A short line about what it does: the command, the SQL, the topic.
 */
summary: string, };

export type DagTrigger = { dag_id: string, 
/**
 * A JSON object as text; its keys override the DAG's params.
 */
conf: string | null, logical_date_ms: number | null, };

export type DagsList = Record<symbol, never>;

export type Done = Record<symbol, never>;

export type EditableSettings = { 
/**
 * Kafka's `num.partitions`: partitions of auto-created topics.
 */
num_partitions: number, 
/**
 * Kafka's `auto.create.topics.enable`.
 */
auto_create_topics_enable: boolean, 
/**
 * Kafka's `log.retention.hours`; −1 keeps for ever.
 */
log_retention_hours: number, 
/**
 * Airflow's `parallelism`: tasks running at once.
 */
parallelism: number, 
/**
 * Airflow's `dags_are_paused_at_creation`.
 */
dags_are_paused_at_creation: boolean, 
/**
 * Where runs are kept: `sqlite` inside, or a `postgres://` URL.
 */
database: string, 
/**
 * The Python that runs PythonOperator tasks.
 */
python: string, 
/**
 * Days of chart history.
 */
metrics_retention_days: number, };

export type Encoding = "null" | "empty" | "text" | "json" | "avro" | "json_schema" | "protobuf" | "hex";

export type ErrorCode = "invalid_request" | "not_found" | "conflict" | "refused" | "unavailable" | "timeout" | "unsupported" | "internal";

export type GroupDelete = { cluster: string, group: string, };

export type GroupDetail = { row: GroupRow, partitions: Array<GroupPartition>, members: Array<GroupMember>, };

export type GroupGet = { cluster: string, group: string, };

export type GroupLag = { group: string, state: string, total_lag: number, 
/**
 * Lag over the last minute, oldest first.
 */
trend: Array<number>, };

export type GroupMember = { member_id: string, client_id: string, host: string, assignment: Array<TopicPartitions>, };

export type GroupPartition = { topic: string, partition: number, 
/**
 * None: nothing committed yet.
 */
current_offset: number | null, start_offset: number, end_offset: number, 
/**
 * None: nothing committed yet.
 */
lag: number | null, member_id: string | null, client_id: string | null, host: string | null, };

export type GroupReset = { cluster: string, group: string, topic: string, 
/**
 * None: all.
 */
partitions: Array<number> | null, reset: ResetTo, 
/**
 * Only say what would change.
 */
dry_run: boolean, };

export type GroupRow = { group: string, 
/**
 * Kafka's name: `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Dead`.
 */
state: string, 
/**
 * Kafka's name of the members' protocol: `Classic`, `Consumer`, or `Unknown` where the broker does not tell.
 */
kind: string, protocol_type: string, 
/**
 * The assignor in use, e.g. `range`.
 */
protocol: string, members: number, topics: Array<string>, total_lag: number, 
/**
 * Lag over the last minute, oldest first.
 */
trend: Array<number>, coordinator: string | null, };

export type GroupsList = { cluster: string, };

export type Header = { name: string, value: Payload, };

export type ImportError = { 
/**
 * Relative to the `dags/` folder.
 */
file: string, line: number | null, message: string, };

export type Message = { partition: number, offset: number, timestamp_ms: number | null, key: Payload, value: Payload, headers: Array<Header>, 
/**
 * Key, value and headers.
 */
size_bytes: number, };

export type MessageGet = { cluster: string, topic: string, partition: number, offset: number, };

export type MessagePage = { 
/**
 * Newest first when the seek was `newest`, else oldest first.
 */
messages: Array<Message>, 
/**
 * Where the next page in reading direction begins, per partition.
 */
positions: Array<Position>, scanned: number, scanned_bytes: number, elapsed_ms: number, 
/**
 * All partitions were read to their end.
 */
end_reached: boolean, };

export type MessageProduce = { cluster: string, topic: string, 
/**
 * None: by the key's hash, as Kafka's own client does.
 */
partition: number | null, key: ProducePayload, value: ProducePayload, headers: Array<ProduceHeader>, };

export type MessageTail = { 
/**
 * Oldest first.
 */
messages: Array<Message>, positions: Array<Position>, 
/**
 * Messages passed over because more arrived than `limit`.
 */
skipped: number, };

export type MessagesBrowse = { cluster: string, topic: string, 
/**
 * None: all.
 */
partitions: Array<number> | null, seek: Seek, 
/**
 * Goes on from an earlier page's positions; the seek then only gives the direction.
 */
positions?: Array<Position>, 
/**
 * Messages returned at most, 1 to 1,000.
 */
limit: number, 
/**
 * Only messages whose decoded key or value contains this text.
 */
contains: string | null, };

export type MessagesTail = { cluster: string, topic: string, 
/**
 * Empty: begin at the current end.
 */
positions: Array<Position>, partitions: Array<number> | null, contains: string | null, 
/**
 * Waits this long for the first message, at most 5,000.
 */
wait_ms: number, limit: number, };

export type MetricSeries = { name: string, values: Array<number | null>, };

export type MetricsGet = { cluster: string, series: Array<string>, from_ms: number, to_ms: number, 
/**
 * The reply has at most this many points; older data is averaged.
 */
points_max: number, };

export type MetricsReply = { times_ms: Array<number>, series: Array<MetricSeries>, };

export type OffsetChange = { topic: string, partition: number, before: number | null, after: number, };

export type Overview = { brokers: number, topics: number, partitions: number, under_replicated: number, offline: number, messages_in_per_s: number, 
/**
 * Absent where the cluster does not tell (remote clusters: no protocol for it).
 */
bytes_in_per_s: number | null, bytes_out_per_s: number | null, total_lag: number, busiest_topics: Array<TopicRate>, slowest_groups: Array<GroupLag>, runs: RunCounts, recent_runs: Array<RunRow>, now_ms: number, };

export type OverviewGet = { cluster: string, };

export type PartitionRow = { partition: number, leader: number, replicas: Array<number>, isr: Array<number>, start_offset: number, 
/**
 * The next offset to be written.
 */
end_offset: number, size_bytes: number | null, };

export type Payload = { encoding: Encoding, 
/**
 * JSON text for `json`, `avro`, `json_schema`, `protobuf`; the text itself
 * for `text`; hex digits for `hex`; empty for `null` and `empty`.
 */
text: string, 
/**
 * `text` was cut; `message` gives more.
 */
truncated: boolean, size_bytes: number, 
/**
 * The raw bytes as hex, only from `message`, up to 64 KiB of them.
 */
hex: string | null, 
/**
 * The schema it names, in front of it or in a record header.
 */
schema: PayloadSchema | null, 
/**
 * Why decoding by the schema failed; `text` then shows the raw bytes.
 */
error: string | null, };

export type PayloadSchema = { id: number | null, 
/**
 * Where a record header names it so.
 */
guid: string | null, 
/**
 * A subject that has it, the topic's own if that is one.
 */
subject: string | null, version: number | null, 
/**
 * The full name of the Avro type or Protobuf message.
 */
type_name: string | null, };

export type Position = { partition: number, offset: number, };

export type ProduceHeader = { name: string, value: string, };

export type ProducePayload = { "encoding": "null" } | { "encoding": "text", text: string, } | { "encoding": "json", text: string, } | { "encoding": "hex", text: string, } | { "encoding": "schema", text: string, subject: string, 
/**
 * Of a Protobuf schema, the message's full name; None: its first.
 */
message?: string, };

export type Produced = { partition: number, offset: number, };

export type Quickstart = { state: QuickstartState, source_topic: string, report_topic: string, group: string, dag_id: string, 
/**
 * Samples produced since the start of this process.
 */
produced: number, 
/**
 * The last sampling error.
 */
error: string | null, };

export type QuickstartGet = Record<symbol, never>;

export type QuickstartRemove = Record<symbol, never>;

export type QuickstartStart = Record<symbol, never>;

export type QuickstartState = "absent" | "running" | "stopped";

export type QuickstartStop = Record<symbol, never>;

export type RenderedField = { name: string, value: string, };

export type ResetTo = { "to": "earliest" } | { "to": "latest" } | { "to": "offset", offset: number, } | { "to": "shift_by", by: number, } | { "to": "time", timestamp_ms: number, };

export type RunCounts = { queued: number, running: number, 
/**
 * Ended in the last 24 h.
 */
success: number, failed: number, };

export type RunDetail = { run: RunRow, tasks: Array<TaskInstanceRow>, };

export type RunGet = { dag_id: string, run_id: string, };

export type RunRow = { dag_id: string, run_id: string, run_type: RunType, state: RunState, logical_date_ms: number | null, data_interval_start_ms: number | null, data_interval_end_ms: number | null, queued_at_ms: number | null, started_at_ms: number | null, ended_at_ms: number | null, 
/**
 * The params given at the trigger, as JSON text.
 */
conf: string | null, };

export type RunState = "queued" | "running" | "success" | "failed";

export type RunStop = { dag_id: string, run_id: string, };

export type RunType = "scheduled" | "manual" | "backfill";

export type RunsList = { 
/**
 * None: of all DAGs.
 */
dag_id: string | null, state: RunState | null, 
/**
 * At most 1,000; newest first.
 */
limit: number, };

export type SchemaCheck = { cluster: string, subject: string, schema_type: string, schema: string, references: Array<SchemaReference>, };

export type SchemaReference = { name: string, subject: string, version: number, };

export type SchemaRegister = { cluster: string, subject: string, schema_type: string, schema: string, references: Array<SchemaReference>, };

export type SchemaRegistered = { id: number, version: number, };

export type SchemaVerdict = { compatible: boolean, 
/**
 * What changed and where.
 */
messages: Array<string>, };

export type SchemaVersion = { version: number, id: number, schema_type: string, 
/**
 * Pretty-printed where it is JSON.
 */
schema: string, references: Array<SchemaReference>, };

export type Secret = { "is": "none" } | { "is": "stored" } | { "is": "new", text: string, };

export type Seek = { "from": "newest" } | { "from": "oldest" } | { "from": "offset", offset: number, } | { "from": "time", timestamp_ms: number, };

export type Service = { name: ServiceName, state: ServiceState, 
/**
 * What a client is given: `127.0.0.1:9092`, `http://127.0.0.1:8081`.
 */
address: string, 
/**
 * Why it is down.
 */
detail: string | null, };

export type ServiceName = "broker" | "registry" | "orchestrator" | "api";

export type ServiceState = "starting" | "up" | "down";

export type Settings = { data_dir: string, config_file: string, dags_dir: string, logs_dir: string, 
/**
 * Which file or flag each came from is Pumphouse's to know; these are in force.
 */
host: string, kafka_port: number, registry_port: number, api_port: number, editable: EditableSettings, 
/**
 * Keys that were changed and wait for the next start.
 */
restart_needed: Array<string>, };

export type SettingsGet = Record<symbol, never>;

export type SettingsSet = { editable: EditableSettings, };

export type Status = { version: string, services: Array<Service>, data_dir: string, started_at_ms: number, now_ms: number, 
/**
 * Resident memory of the whole process.
 */
rss_bytes: number, 
/**
 * What is open to others without their saying who they are.
 */
warnings: Array<string>, };

export type StatusGet = Record<symbol, never>;

export type SubjectDelete = { cluster: string, subject: string, 
/**
 * Also forget the versions; without it they can be restored.
 */
permanent: boolean, };

export type SubjectDetail = { row: SubjectRow, 
/**
 * Oldest first.
 */
versions: Array<SchemaVersion>, 
/**
 * Full names of the latest version's messages, when it is Protobuf.
 */
messages: Array<string>, };

export type SubjectGet = { cluster: string, subject: string, };

export type SubjectRow = { subject: string, 
/**
 * `AVRO`, `JSON` or `PROTOBUF`.
 */
schema_type: string, latest_version: number, latest_id: number, versions: number, 
/**
 * The level in force.
 */
compatibility: string, 
/**
 * It comes from the global setting.
 */
compatibility_inherited: boolean, };

export type SubjectsList = { cluster: string, };

export type TaskInstanceDetail = { instance: TaskInstanceRow, xcoms: Array<Xcom>, 
/**
 * Template fields as rendered for the last try.
 */
rendered: Array<RenderedField>, };

export type TaskInstanceGet = { dag_id: string, run_id: string, task_id: string, map_index: number, };

export type TaskInstanceRow = { task_id: string, 
/**
 * −1 when not mapped.
 */
map_index: number, state: TaskState, try_number: number, max_tries: number, operator: string, queued_at_ms: number | null, started_at_ms: number | null, ended_at_ms: number | null, 
/**
 * Why it waits, was skipped or failed, in one line.
 */
note: string | null, };

export type TaskLog = { try_number: number, 
/**
 * At most 256 KiB a call.
 */
text: string, next_offset_bytes: number, 
/**
 * The try has ended and all of its log was read.
 */
done: boolean, };

export type TaskLogGet = { dag_id: string, run_id: string, task_id: string, map_index: number, 
/**
 * None: the latest.
 */
try_number: number | null, offset_bytes: number, 
/**
 * At most 5,000.
 */
wait_ms: number, };

export type TaskState = "none" | "scheduled" | "queued" | "running" | "success" | "failed" | "skipped" | "upstream_failed" | "removed" | "up_for_retry" | "up_for_reschedule" | "deferred" | "awaiting_input" | "restarting";

export type TasksClear = { dag_id: string, run_id: string, 
/**
 * Empty: all.
 */
task_ids: Array<string>, downstream: boolean, only_failed: boolean, };

export type TopicConfigGet = { cluster: string, topic: string, };

export type TopicConfigSet = { cluster: string, topic: string, name: string, value: string | null, };

export type TopicCreate = { cluster: string, topic: string, partitions: number, replication_factor: number, 
/**
 * Only what differs from the defaults.
 */
configs: Array<ConfigPair>, };

export type TopicDelete = { cluster: string, topic: string, };

export type TopicDetail = { row: TopicRow, partitions: Array<PartitionRow>, groups: Array<TopicGroup>, };

export type TopicEmpty = { cluster: string, topic: string, };

export type TopicGet = { cluster: string, topic: string, };

export type TopicGroup = { group: string, state: string, members: number, lag: number, };

export type TopicPartitions = { topic: string, partitions: Array<number>, };

export type TopicPartitionsAdd = { cluster: string, topic: string, 
/**
 * The new total.
 */
partitions: number, };

export type TopicRate = { topic: string, messages_in_per_s: number, 
/**
 * Rates of the last minute, oldest first.
 */
trend: Array<number>, };

export type TopicRow = { name: string, 
/**
 * Kafka's own, or by convention (`_…`).
 */
internal: boolean, partitions: number, replication_factor: number, under_replicated: number, 
/**
 * End minus start offsets, summed: an upper bound on compacted topics.
 */
messages: number, 
/**
 * Absent where the cluster does not tell.
 */
size_bytes: number | null, messages_in_per_s: number, messages_out_per_s: number | null, cleanup_policy: string | null, 
/**
 * Subjects `<topic>-key` and `<topic>-value`, when they exist.
 */
key_schema: string | null, value_schema: string | null, 
/**
 * Groups with committed offsets on it.
 */
consumers: number, 
/**
 * In-rates of the last minute, oldest first.
 */
trend: Array<number>, };

export type TopicsList = { cluster: string, };

export type Xcom = { key: string, 
/**
 * JSON text.
 */
value: string, };

/** Each command's parameters and reply. */
export interface Commands {
  status: { params: StatusGet; reply: Status };
  clusters_list: { params: ClustersList; reply: Array<ClusterRow> };
  cluster_settings: { params: ClusterSettingsGet; reply: ClusterSettings };
  cluster_attach: { params: ClusterAttach; reply: ClusterRow };
  cluster_detach: { params: ClusterDetach; reply: Done };
  cluster_try: { params: ClusterTry; reply: ClusterTried };
  settings_get: { params: SettingsGet; reply: Settings };
  settings_set: { params: SettingsSet; reply: Settings };
  quickstart_get: { params: QuickstartGet; reply: Quickstart };
  quickstart_start: { params: QuickstartStart; reply: Quickstart };
  quickstart_stop: { params: QuickstartStop; reply: Quickstart };
  quickstart_remove: { params: QuickstartRemove; reply: Quickstart };
  overview: { params: OverviewGet; reply: Overview };
  metrics: { params: MetricsGet; reply: MetricsReply };
  brokers_list: { params: BrokersList; reply: Array<BrokerRow> };
  broker_config: { params: BrokerConfigGet; reply: Array<ConfigEntry> };
  topics_list: { params: TopicsList; reply: Array<TopicRow> };
  topic: { params: TopicGet; reply: TopicDetail };
  topic_config: { params: TopicConfigGet; reply: Array<ConfigEntry> };
  topic_config_set: { params: TopicConfigSet; reply: Done };
  topic_create: { params: TopicCreate; reply: Done };
  topic_delete: { params: TopicDelete; reply: Done };
  topic_partitions_add: { params: TopicPartitionsAdd; reply: Done };
  topic_empty: { params: TopicEmpty; reply: Done };
  messages_browse: { params: MessagesBrowse; reply: MessagePage };
  messages_tail: { params: MessagesTail; reply: MessageTail };
  message: { params: MessageGet; reply: Message };
  message_produce: { params: MessageProduce; reply: Produced };
  groups_list: { params: GroupsList; reply: Array<GroupRow> };
  group: { params: GroupGet; reply: GroupDetail };
  group_reset: { params: GroupReset; reply: Array<OffsetChange> };
  group_delete: { params: GroupDelete; reply: Done };
  subjects_list: { params: SubjectsList; reply: Array<SubjectRow> };
  subject: { params: SubjectGet; reply: SubjectDetail };
  schema_check: { params: SchemaCheck; reply: SchemaVerdict };
  schema_register: { params: SchemaRegister; reply: SchemaRegistered };
  subject_delete: { params: SubjectDelete; reply: Done };
  compatibility_set: { params: CompatibilitySet; reply: Done };
  dags_list: { params: DagsList; reply: DagList };
  dag: { params: DagGet; reply: DagDetail };
  dag_pause: { params: DagPause; reply: Done };
  dag_trigger: { params: DagTrigger; reply: RunRow };
  runs_list: { params: RunsList; reply: Array<RunRow> };
  run: { params: RunGet; reply: RunDetail };
  run_stop: { params: RunStop; reply: Done };
  tasks_clear: { params: TasksClear; reply: Done };
  task_instance: { params: TaskInstanceGet; reply: TaskInstanceDetail };
  task_log: { params: TaskLogGet; reply: TaskLog };
}
