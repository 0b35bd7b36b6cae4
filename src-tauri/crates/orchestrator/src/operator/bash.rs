//! `BashOperator`: a command, its output in the log, its last line the result.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::{Map, Value};

use super::process::{self, Process, Scratch};
use super::{Operator, TaskContext, TaskError, TaskResult};

pub(super) struct Bash;

#[async_trait]
impl Operator for Bash {
    fn name(&self) -> &'static str {
        "BashOperator"
    }

    async fn execute(&self, context: TaskContext) -> TaskResult {
        let script = context.required_text("bash_command")?;
        let skip_on: Vec<i64> = match context.arg("skip_on_exit_code") {
            Some(Value::Array(codes)) => codes.iter().filter_map(Value::as_i64).collect(),
            Some(code) => code.as_i64().into_iter().collect(),
            None => Vec::new(),
        };
        let scratch = Scratch::new(&context.services.work_dir).map_err(TaskError::fail)?;
        let cwd = match context.text("cwd")? {
            Some(cwd) => checked_dir(cwd)?,
            None => scratch.path().to_owned(),
        };
        let mut command = process::command("bash");
        command.arg("-c").arg(&script).current_dir(&cwd);
        if let Some(env) = context.opt::<Map<String, Value>>("env")? {
            if !context.get::<bool>("append_env")? {
                command.env_clear();
            }
            command.envs(env.iter().map(|(name, value)| (name, env_text(value))));
        }
        command.envs(context.airflow_env()).envs([scratch.mark()]);
        context.log.info(format!("running bash in {}:\n{script}", cwd.display()));
        let last_line = Arc::new(Mutex::new(String::new()));
        let (log, last) = (context.log.clone(), last_line.clone());
        let process = Process::start(command, move |line| {
            log.info(line);
            line.clone_into(&mut last.lock());
        })
        .map_err(|error| {
            TaskError::FailNoRetry(format!("bash cannot be started: {error}; is it on the PATH?"))
        })?;
        let status = process.wait(&context.stop).await?;
        if status.success() {
            return Ok(Some(Value::from(last_line.lock().clone())));
        }
        let ended = process::describe(status);
        if status.code().is_some_and(|code| skip_on.contains(&i64::from(code))) {
            return Err(TaskError::Skip(format!("bash command ended with {ended}")));
        }
        Err(TaskError::Fail(format!("bash command failed with {ended}")))
    }
}

fn checked_dir(cwd: String) -> Result<PathBuf, TaskError> {
    let path = PathBuf::from(&cwd);
    match path.is_dir() {
        true => Ok(path),
        false => Err(TaskError::argument("cwd", format!("there is no folder {cwd}"))),
    }
}

fn env_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
