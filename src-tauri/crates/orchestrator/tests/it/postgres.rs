//! The same on PostgreSQL: the state, and SQL tasks.
//!
//! A server of its own on a temporary directory; where Debian's PostgreSQL is
//! not installed these say so and pass.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dag::RunState::{Failed as RunFailed, Success as RunSuccess};
use dag::TaskState::{Failed, Success, UpstreamFailed};
use orchestrator::Connection;
use serde_json::json;

use crate::fakes::with_connections;
use crate::support::Bench;

struct Server {
    dir: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("bin"))
        .find(|bin| bin.join("initdb").exists())
}

/// PostgreSQL refuses to run as root: then it runs as `postgres`.
fn as_postgres(program: &Path) -> Command {
    let root =
        std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = match root {
        true => {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        }
        false => Command::new(program),
    };
    command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Server {
    fn start() -> Option<Self> {
        let Some(bin) = programs() else {
            eprintln!("skipped: PostgreSQL is not installed below /usr/lib/postgresql");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        // Made by us, used by the user it runs as.
        std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let data = dir.path().join("data");
        let made = as_postgres(&bin.join("initdb"))
            .args(["-A", "trust", "-U", "postgres", "--no-sync", "-D"])
            .arg(&data)
            .status()
            .unwrap();
        assert!(made.success());
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options =
            format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off");
        let started = as_postgres(&bin.join("pg_ctl"))
            .args(["-w", "-o", &options, "-l"])
            .arg(dir.path().join("log"))
            .arg("-D")
            .arg(&data)
            .arg("start")
            .status()
            .unwrap();
        assert!(started.success());
        Some(Self { dir, bin, port })
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn connection(&self) -> Connection {
        Connection {
            conn_id: "pg".into(),
            conn_type: "postgres".into(),
            host: Some("127.0.0.1".into()),
            port: Some(self.port),
            login: Some("postgres".into()),
            schema: Some("postgres".into()),
            ..Connection::default()
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.dir.path().join("data");
        drop(
            as_postgres(&self.bin.join("pg_ctl"))
                .args(["-m", "immediate", "-D"])
                .arg(data)
                .arg("stop")
                .status(),
        );
        // The files belong to the user it ran as.
        drop(as_postgres(Path::new("rm")).arg("-rf").arg(self.dir.path().join("data")).status());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_and_sql_tasks_live_in_postgres() {
    let Some(server) = tokio::task::spawn_blocking(Server::start).await.unwrap() else { return };
    let mut bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
tasks:
  make:
    operator: sql
    conn_id: pg
    sql: |
      create table t (a int, b numeric(10,2), c text, d timestamptz, e date, f jsonb, g boolean, h float8, i int[]);
      insert into t values (%(a)s, %(b)s, %(c)s, %(d)s, %(e)s, %(f)s, %(g)s, %(h)s, '{1,2}');
      select * from t where c like '%%'';%%' or true;
    parameters: {a: "7", b: 12.5, c: "it's 5 %", d: "2026-01-02T03:04:05+01:00", e: "{{ ds }}", f: {k: [1]}, g: true, h: 1e3}
  types: {operator: sql, conn_id: pg, sql: "select 1::int2, 2.5::float4, null::int, 'x'::varchar(3), interval '1 day 2 hours', '00000000-0000-0000-0000-000000000001'::uuid, array['a', null]::text[], time '10:20'", upstream: make}
  wrong: {operator: sql, conn_id: pg, sql: "select 1; select * from nobody", upstream: make, retries: 1, retry_delay: 0s}
  after: {operator: empty, upstream: wrong}
"#,
    )]);
    bench.ports = with_connections(vec![server.connection()]);
    bench.config.database_url = server.url();
    let live = bench.start().await;
    assert_eq!(live.orchestrator.import_errors().await.unwrap(), []);
    let run = live.run("d").await;
    run.expect(
        RunFailed,
        &[("make", Success), ("types", Success), ("wrong", Failed), ("after", UpstreamFailed)],
    );
    let day = run.detail.run.logical_date.unwrap().strftime("%Y-%m-%d").to_string();
    let row =
        json!([[7, 12.5, "it's 5 %", "2026-01-02T02:04:05+00:00", day, {"k": [1]}, true, 1000.0, [1, 2]]]);
    assert_eq!(run.xcom("make").await, row);
    let types = json!([[
        1,
        2.5,
        null,
        "x",
        "P1DT2H",
        "00000000-0000-0000-0000-000000000001",
        ["a", null],
        "10:20:00"
    ]]);
    assert_eq!(run.xcom("types").await, types);
    assert!(run.task("wrong").note.clone().unwrap().contains("relation \"nobody\" does not exist"));
    let counts = live.orchestrator.run_counts().await.unwrap();
    assert_eq!((counts.failed, counts.running), (1, 0));
    live.stop().await;

    // Opened again: the schema is there, the history too.
    let live = bench.start().await;
    let entries = live.orchestrator.list_dags().await.unwrap();
    assert_eq!(entries[0].last_runs.len(), 1);
    bench.write("d.yaml", "dag_id: d\ntasks: {t: {operator: bash, bash_command: 'echo 1'}}\n");
    live.orchestrator.reload().await.unwrap();
    live.run("d").await.expect(RunSuccess, &[("t", Success)]);
    live.stop().await;
}
