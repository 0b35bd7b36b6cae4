-- The orchestrator's tables, alike in SQLite and PostgreSQL.
-- Times are microseconds since 1970, truth values 0 and 1, JSON is text.

CREATE TABLE dag (
    dag_id TEXT NOT NULL PRIMARY KEY,
    file TEXT NOT NULL,
    paused BIGINT NOT NULL,
    stale BIGINT NOT NULL,
    parsed_at BIGINT NOT NULL
);

CREATE TABLE dag_source (
    dag_id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    dag_json TEXT NOT NULL
);

CREATE TABLE dag_run (
    dag_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    run_type TEXT NOT NULL,
    state TEXT NOT NULL,
    logical_date BIGINT,
    interval_start BIGINT,
    interval_end BIGINT,
    run_after BIGINT NOT NULL,
    queued_at BIGINT,
    started_at BIGINT,
    ended_at BIGINT,
    conf TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (dag_id, run_id),
    UNIQUE (dag_id, logical_date)
);

CREATE INDEX dag_run_newest ON dag_run (run_after);

CREATE INDEX dag_run_newest_of_dag ON dag_run (dag_id, run_after);

CREATE INDEX dag_run_state ON dag_run (state, ended_at);

CREATE INDEX dag_run_newest_of_state ON dag_run (state, run_after);

CREATE TABLE task_instance (
    dag_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    map_index BIGINT NOT NULL,
    state TEXT NOT NULL,
    try_number BIGINT NOT NULL,
    max_tries BIGINT NOT NULL,
    operator TEXT NOT NULL,
    queued_at BIGINT,
    started_at BIGINT,
    ended_at BIGINT,
    retry_at BIGINT,
    note TEXT,
    PRIMARY KEY (dag_id, run_id, task_id, map_index)
);

CREATE TABLE task_try (
    dag_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    map_index BIGINT NOT NULL,
    try_number BIGINT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    note TEXT,
    PRIMARY KEY (dag_id, run_id, task_id, map_index, try_number)
);

CREATE TABLE xcom (
    dag_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    map_index BIGINT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (dag_id, run_id, task_id, map_index, key)
);

CREATE TABLE rendered_fields (
    dag_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    map_index BIGINT NOT NULL,
    try_number BIGINT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (dag_id, run_id, task_id, map_index, try_number)
);

CREATE TABLE import_error (
    file TEXT NOT NULL PRIMARY KEY,
    line BIGINT,
    message TEXT NOT NULL,
    at BIGINT NOT NULL
)
