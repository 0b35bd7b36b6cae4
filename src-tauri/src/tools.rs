//! `pumphouse dag`, `topic`, `group`: prints what `platform::cli` answers.

use std::process::ExitCode;

use platform::QuickstartStart;
use platform::cli::{self, Connected, Output, Target};

use crate::cli::{DagCommand, ExportTarget, GroupCommand, ServiceFlags, TargetFlags, TopicCommand};

pub(crate) async fn dag(command: DagCommand, services: &ServiceFlags) -> anyhow::Result<ExitCode> {
    print(match command {
        DagCommand::List { path, json } => cli::dag::list(&path, json)?,
        DagCommand::Run { file, dag_id, logical_date, params, json, gantt, command_config } => {
            let config = crate::serve::config(services, QuickstartStart::Never)?;
            let request =
                cli::run::RunRequest { file, dag_id, logical_date, params, json, gantt, command_config };
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

pub(crate) async fn topic(
    command: TopicCommand,
    target: TargetFlags,
    services: &ServiceFlags,
) -> anyhow::Result<ExitCode> {
    let to = connect(target, services)?;
    let outcome = match command {
        TopicCommand::List { json } => cli::topic::list(&to, json).await,
        TopicCommand::Create { name, partitions, replication_factor, configs } => {
            cli::topic::create(&to, &name, partitions, replication_factor, &configs).await
        }
        TopicCommand::Describe { name, json } => cli::topic::describe(&to, &name, json).await,
        TopicCommand::Delete { name } => cli::topic::delete(&to, &name).await,
    };
    print(to.hinted(outcome)?)
}

pub(crate) async fn group(
    command: GroupCommand,
    target: TargetFlags,
    services: &ServiceFlags,
) -> anyhow::Result<ExitCode> {
    let to = connect(target, services)?;
    let outcome = match command {
        GroupCommand::List { json } => cli::group::list(&to, json).await,
        GroupCommand::Describe { group, json } => cli::group::describe(&to, &group, json).await,
        GroupCommand::Delete { group } => cli::group::delete(&to, &group).await,
    };
    print(to.hinted(outcome)?)
}

fn connect(target: TargetFlags, services: &ServiceFlags) -> anyhow::Result<Connected> {
    let TargetFlags { bootstrap_server, command_config } = target;
    let target = Target { bootstrap_servers: bootstrap_server, command_config };
    Ok(target.connect(|| crate::serve::load(services, QuickstartStart::Never))?)
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
