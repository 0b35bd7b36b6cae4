//! `PythonOperator`: a function in a Python process of its own.

use std::path::{Component, Path, PathBuf};
use std::process::Stdio;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::process::{self, Process, Scratch};
use super::{Operator, TaskContext, TaskError, TaskResult};
use crate::executor::XCOM_BYTES_MAX;
use crate::logs::Level;
use crate::records::RunKey;

pub(super) struct Python;

/// The result and some XComs beside it.
const REPORT_BYTES_MAX: u64 = 4 * XCOM_BYTES_MAX as u64;
const RUNNER: &str = include_str!("runner.py");
/// Begins and ends the head of a message on standard output.
const MARK: char = '\u{1e}';

/// What the runner writes at its end.
#[derive(Deserialize)]
struct Report {
    status: String,
    #[serde(default)]
    value: Value,
    message: Option<String>,
    #[serde(default)]
    xcoms: Map<String, Value>,
}

/// What the task's code asks while it runs.
#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
enum Question {
    Xcom { task_id: String, key: String, dag_id: Option<String>, run_id: Option<String> },
    Variable { name: String },
    Connection { name: String },
}

#[async_trait]
impl Operator for Python {
    fn name(&self) -> &'static str {
        "PythonOperator"
    }

    async fn execute(&self, context: TaskContext) -> TaskResult {
        let request = request(&context)?;
        let python = context.services.python_executable().await.map_err(TaskError::FailNoRetry)?;
        let scratch = Scratch::new(&context.services.work_dir).map_err(TaskError::fail)?;
        let file = |name: &str| scratch.path().join(name);
        let (runner, request_file, report_file) =
            (file("runner.py"), file("request.json"), file("report.json"));
        std::fs::write(&runner, RUNNER).map_err(TaskError::fail)?;
        std::fs::write(&request_file, request.to_string()).map_err(TaskError::fail)?;

        let mut command = process::command(&python);
        command.arg(&runner).arg(&request_file).arg(&report_file).stdin(Stdio::piped());
        command.current_dir(&context.services.dags_dir);
        command
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONIOENCODING", "utf-8")
            .envs(context.airflow_env())
            .envs([scratch.mark()]);
        let (questions, asked) = mpsc::unbounded_channel();
        let log = context.log.clone();
        let mut process = Process::start(command, move |line| {
            let (before, message) = message(line);
            if let Some(before) = before {
                log.info(before);
            }
            match message {
                Some(Message::Line(level, text)) => log.line(level, text),
                // Nobody left to answer: the process is ending.
                Some(Message::Question(question)) => drop(questions.send(question.to_owned())),
                None => {}
            }
        })
        .map_err(|error| {
            TaskError::FailNoRetry(format!("{} cannot be started: {error}", python.display()))
        })?;
        let answers = process.stdin();
        let status = tokio::select! {
            status = process.wait(&context.stop) => status?,
            () = answer_all(&context, asked, answers) => return Err(TaskError::fail("the Python process closed its input")),
        };
        let report_bytes = std::fs::metadata(&report_file).map_or(0, |report| report.len());
        if report_bytes > REPORT_BYTES_MAX {
            return Err(TaskError::FailNoRetry(format!(
                "the function returned or pushed {report_bytes} bytes, at most {XCOM_BYTES_MAX} are kept: write large \
                 results to a file or a table and return where they are"
            )));
        }
        let report = std::fs::read_to_string(&report_file)
            .ok()
            .and_then(|text| serde_json::from_str::<Report>(&text).ok())
            .ok_or_else(|| {
                TaskError::Fail(format!(
                    "the Python process ended with {} before it had a result",
                    process::describe(status)
                ))
            })?;
        for (key, value) in report.xcoms {
            context.pushed.push(key, value);
        }
        let message = report.message.unwrap_or_default();
        match report.status.as_str() {
            "success" => Ok(Some(report.value).filter(|value| !value.is_null())),
            "skipped" => Err(TaskError::Skip(message)),
            "failed_no_retry" => Err(TaskError::FailNoRetry(message)),
            _ => Err(TaskError::Fail(message)),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Message<'a> {
    Line(Level, &'a str),
    Question(&'a str),
}

/// A line of output: plain text, then perhaps a message. Text without a line end comes before one.
fn message(line: &str) -> (Option<&str>, Option<Message<'_>>) {
    let parts = line.split_once(MARK).and_then(|(before, rest)| Some((before, rest.split_once(MARK)?)));
    match parts {
        Some((before, (kind, text))) => {
            let message = if kind == "?" {
                Message::Question(text)
            } else {
                Message::Line(Level::from_name(kind), text)
            };
            (Some(before).filter(|before| !before.is_empty()), Some(message))
        }
        None => (Some(line), None),
    }
}

/// Answers until the process has no more questions, which is for ever.
async fn answer_all(
    context: &TaskContext,
    mut asked: mpsc::UnboundedReceiver<String>,
    answers: Option<tokio::process::ChildStdin>,
) {
    let Some(mut answers) = answers else { return };
    while let Some(question) = asked.recv().await {
        let answer = match answer(context, &question).await {
            Ok(value) => json!({ "value": value }),
            Err(error) => json!({ "error": error }),
        };
        if answers.write_all(format!("{answer}\n").as_bytes()).await.is_err() {
            break;
        }
    }
    std::future::pending().await
}

async fn answer(context: &TaskContext, question: &str) -> Result<Value, String> {
    let question: Question = serde_json::from_str(question).map_err(|error| error.to_string())?;
    let connections = &context.services.ports.connections;
    match question {
        Question::Xcom { task_id, key, dag_id, run_id } => {
            let own = &context.key;
            let run = RunKey::new(
                dag_id.unwrap_or_else(|| own.dag_id.clone()),
                run_id.unwrap_or_else(|| own.run_id.clone()),
            );
            let found = context.services.store.xcom(&run, &task_id, &key).await.map_err(|error| error.to_string())?;
            Ok(match found.as_slice() {
                [] => Value::Null,
                [(-1, value)] => json!({ "value": value }),
                many => json!({ "value": many.iter().map(|(_, value)| value).collect::<Vec<_>>() }),
            })
        }
        Question::Variable { name } => Ok(connections.variable(&name).map_or(Value::Null, Value::from)),
        Question::Connection { name } => Ok(connections.get(&name).map_or(Value::Null, |found| {
            json!({
                "conn_id": found.conn_id, "conn_type": found.conn_type, "host": found.host, "port": found.port,
                "login": found.login, "password": found.password, "schema": found.schema, "extra": found.extra,
                "uri": found.uri,
            })
        })),
    }
}

fn request(context: &TaskContext) -> Result<Value, TaskError> {
    let mut request = context.scope.as_json();
    let code = context.text("code")?;
    let (file, callable) = match (context.text("python_callable_name")?, context.text("python_callable")?) {
        (Some(name), _) => {
            let file = context.required_text("python_callable_file")?;
            (Some(inside(&context.services.dags_dir, &file)?), Some(name))
        }
        (None, callable) => (None, callable),
    };
    if let Some(callable) = callable.as_deref().filter(|callable| file.is_none() && !callable.contains('.')) {
        return Err(TaskError::argument(
            "python_callable",
            format!("\"{callable}\" is not of the form module.function"),
        ));
    }
    let extra = json!({
        "code": code,
        "file": file.map(|file| file.display().to_string()),
        "callable": callable,
        "dags_dir": context.services.dags_dir.display().to_string(),
        "op_args": context.arg("op_args").unwrap_or_else(|| json!([])),
        "op_kwargs": context.arg("op_kwargs").unwrap_or_else(|| json!({})),
        "templates_dict": context.arg("templates_dict"),
        "show_return_value": context.opt::<bool>("show_return_value_in_logs")?.unwrap_or(true),
    });
    if let (Value::Object(request), Value::Object(extra)) = (&mut request, extra) {
        request.extend(extra);
    }
    Ok(request)
}

/// A file below the DAGs folder.
fn inside(dags_dir: &Path, file: &str) -> Result<PathBuf, TaskError> {
    let path = Path::new(file);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let full = dags_dir.join(path);
    match plain && full.is_file() {
        true => Ok(full),
        false => Err(TaskError::argument(
            "python_callable_file",
            format!("there is no file {file} in the DAGs folder {}", dags_dir.display()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_in_the_output() {
        let check = |line: &str, before: Option<&str>, expected: Option<Message<'_>>| {
            assert_eq!(message(line), (before, expected));
        };
        check("plain", Some("plain"), None);
        check("", Some(""), None);
        check("\u{1e}WARNING\u{1e}careful", None, Some(Message::Line(Level::Warning, "careful")));
        check("half\u{1e}?\u{1e}{}", Some("half"), Some(Message::Question("{}")));
        check("lone \u{1e} mark", Some("lone \u{1e} mark"), None);
    }
}
