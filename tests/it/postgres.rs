//! The sql operator against a real PostgreSQL, and runs kept in one.

use std::path::PathBuf;
use std::process::Command;

use api::dags::{DagPause, DagTrigger, DagsList, RunState, RunsList, TaskInstanceGet};
use tempfile::TempDir;

use crate::support::{Server, run, skip};

/// A PostgreSQL of its own on a socket in a temporary directory.
struct Postgres {
    dir: TempDir,
    bin: PathBuf,
    port: u16,
}

impl Postgres {
    fn start() -> Option<Self> {
        let Some(bin) = newest_bin() else {
            skip("postgres: PostgreSQL's server is not installed (Debian's package postgresql)");
            return None;
        };
        let dir = TempDir::new().expect("a temporary directory");
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|it| it.local_addr())
            .expect("a free port")
            .port();
        let postgres = Self { dir, bin, port };
        let data = postgres.data();
        if is_root() {
            // The server refuses to run as root.
            run("chown", Command::new("chown").args(["-R", "postgres"]).arg(postgres.dir.path()));
        }
        run(
            "initdb",
            postgres
                .command("initdb")
                .args(["--auth=trust", "--username=pump", "--no-sync", "-D"])
                .arg(&data),
        );
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {}",
            postgres.dir.path().display()
        );
        let log = postgres.dir.path().join("postgres.log");
        run(
            "pg_ctl start",
            postgres
                .command("pg_ctl")
                .arg("-D")
                .arg(&data)
                .arg("-l")
                .arg(log)
                .args(["-w", "-o", &options, "start"]),
        );
        Some(postgres)
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("pg")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    }

    fn url(&self) -> String {
        format!("postgres://pump@127.0.0.1:{}/postgres", self.port)
    }

    fn query(&self, sql: &str) -> String {
        run("psql", Command::new(self.bin.join("psql")).args(["-At", "-d", &self.url(), "-c", sql]))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        // A server that is gone already has nothing to stop.
        let _ = self.command("pg_ctl").arg("-D").arg(data).args(["-m", "immediate", "stop"]).output();
    }
}

fn is_root() -> bool {
    run("id", Command::new("id").arg("-u")).trim() == "0"
}

fn newest_bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut versions: Vec<PathBuf> = versions.flatten().map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    versions.into_iter().rev().find(|bin| bin.join("initdb").exists())
}

const REPORT: &str = "\
dag_id: sums
schedule: null
tasks:
  make:
    operator: sql
    conn_id: warehouse
    sql: |
      CREATE TABLE sums (n bigint, square bigint);
      INSERT INTO sums SELECT n, n * n FROM generate_series(1, 100) AS n;
    split_statements: true
  read:
    operator: sql
    conn_id: warehouse
    sql: SELECT count(*), sum(square) FROM sums WHERE n <= {{ params.upto }}
    upstream: [make]
params:
  upto: 10
";

#[tokio::test(flavor = "multi_thread")]
async fn the_sql_operator_and_the_run_history_use_postgresql() {
    let Some(postgres) = Postgres::start() else { return };
    let dir = TempDir::new().expect("a temporary directory");
    let data_dir = dir.path().join("data");
    std::fs::create_dir_all(data_dir.join("dags")).expect("made");
    std::fs::write(data_dir.join("dags").join("sums.yaml"), REPORT).expect("written");
    let config = format!("database = \"{0}\"\n\n[connections.warehouse]\nuri = \"{0}\"\n", postgres.url());
    std::fs::write(data_dir.join("config.toml"), config).expect("written");
    let mut server = Server::start_in(&data_dir, &[]);

    server.rpc_until(&DagsList {}, |list| list.dags.iter().any(|dag| dag.dag_id == "sums")).await;
    server.rpc(&DagPause { dag_id: "sums".into(), paused: false }).await.expect("unpaused");
    let trigger =
        DagTrigger { dag_id: "sums".into(), conf: Some(r#"{"upto": 5}"#.into()), logical_date_ms: None };
    let triggered = server.rpc(&trigger).await.expect("triggered");
    let runs = RunsList { dag_id: Some("sums".into()), state: Some(RunState::Success), limit: 5 };
    server.rpc_until(&runs, |runs| runs.iter().any(|run| run.run_id == triggered.run_id)).await;
    let read = TaskInstanceGet {
        dag_id: "sums".into(),
        run_id: triggered.run_id.clone(),
        task_id: "read".into(),
        map_index: -1,
    };
    let detail = server.rpc(&read).await.expect("the task");
    assert_eq!(detail.xcoms[0].value.replace(char::is_whitespace, ""), "[[5,55]]", "{detail:?}");
    assert_eq!(postgres.query("SELECT sum(square) FROM sums").trim(), "338350");

    // The history is in PostgreSQL, so another start finds it.
    server.kill_and_restart();
    let found = server.rpc(&runs).await.expect("runs");
    assert!(found.iter().any(|run| run.run_id == triggered.run_id), "{found:?}");
}
