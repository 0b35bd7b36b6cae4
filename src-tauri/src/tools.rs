//! `pumphouse dag`, `topic`, `group`: prints what `platform::cli` answers.

use std::process::ExitCode;

use platform::QuickstartStart;
use platform::cli::{self, Output};

use crate::cli::{DagCommand, ExportTarget, GroupCommand, ServiceFlags, TopicCommand};

pub(crate) async fn dag(command: DagCommand, services: &ServiceFlags) -> anyhow::Result<ExitCode> {
    print(match command {
        DagCommand::List { path, json } => cli::dag::list(&path, json)?,
        DagCommand::Run { file, dag_id, logical_date, params, json, gantt } => {
            let config = crate::serve::config(services, QuickstartStart::Never)?;
            let request = cli::run::RunRequest { file, dag_id, logical_date, params, json, gantt };
            cli::run::run(&request, config, crate::signal::Signals::listen().wait()).await?
        }
        DagCommand::Export { file, to: ExportTarget::Airflow, dag_id, out } => {
            cli::dag::export(&file, dag_id.as_deref(), out.as_deref())?
        }
        DagCommand::Next { file, dag_id, now, count, json } => {
            cli::dag::next(&file, dag_id.as_deref(), now.as_deref(), count, json)?
        }
    })
}

pub(crate) async fn topic(command: TopicCommand, server: &str) -> anyhow::Result<ExitCode> {
    print(match command {
        TopicCommand::List { json } => cli::topic::list(server, json).await?,
        TopicCommand::Create { name, partitions, replication_factor, configs } => {
            cli::topic::create(server, &name, partitions, replication_factor, &configs).await?
        }
        TopicCommand::Describe { name, json } => cli::topic::describe(server, &name, json).await?,
        TopicCommand::Delete { name } => cli::topic::delete(server, &name).await?,
    })
}

pub(crate) async fn group(command: GroupCommand, server: &str) -> anyhow::Result<ExitCode> {
    print(match command {
        GroupCommand::List { json } => cli::group::list(server, json).await?,
        GroupCommand::Describe { group, json } => cli::group::describe(server, &group, json).await?,
        GroupCommand::Delete { group } => cli::group::delete(server, &group).await?,
    })
}

fn print(output: Output) -> anyhow::Result<ExitCode> {
    use std::io::Write;
    match writeln!(std::io::stdout(), "{}", output.text) {
        Ok(()) => {}
        // `pumphouse … | head` is no error.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        Err(error) => return Err(error.into()),
    }
    Ok(if output.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
