//! Each operator's form in Airflow.

use serde_json::{Value, json};

use super::helpers;
use super::python::{Call, identifier, literal, text};
use crate::task::Task;

pub(super) struct Emitted {
    pub(super) call: Call,
    pub(super) import: String,
    /// A function the file needs once.
    pub(super) helper: Option<&'static str>,
    /// A function of this task's own.
    pub(super) function: Option<String>,
}

/// Messages a consume task reads at most where its author gave no number.
const MAX_MESSAGES: u64 = 10_000;

pub(super) fn emit(task: &Task, variable: &str) -> Result<Emitted, String> {
    let (class, module) = match task.operator.as_str() {
        "EmptyOperator" => ("EmptyOperator", "airflow.providers.standard.operators.empty"),
        "BashOperator" => ("BashOperator", "airflow.providers.standard.operators.bash"),
        // Airflow's consume operator keeps no result: a function reads instead.
        "PythonOperator" | "ConsumeFromTopicOperator" => {
            ("PythonOperator", "airflow.providers.standard.operators.python")
        }
        "HttpOperator" => ("HttpOperator", "airflow.providers.http.operators.http"),
        "SQLExecuteQueryOperator" => {
            ("SQLExecuteQueryOperator", "airflow.providers.common.sql.operators.sql")
        }
        "ProduceToTopicOperator" => {
            ("ProduceToTopicOperator", "airflow.providers.apache.kafka.operators.produce")
        }
        other => return Err(format!("{other} has no form in Airflow that Pumphouse knows")),
    };
    let mut call = Call::new(class);
    call.put("task_id", text(&task.task_id));
    let import = format!("from {module} import {class}");
    let mut emitted = Emitted { call, import, helper: None, function: None };
    match task.operator.as_str() {
        "PythonOperator" => python(task, variable, &mut emitted),
        "ConsumeFromTopicOperator" => consume(task, &mut emitted),
        "ProduceToTopicOperator" => produce(task, &mut emitted)?,
        "HttpOperator" => http(task, &mut emitted)?,
        _ => pass_on(task, &[], &mut emitted.call),
    }
    Ok(emitted)
}

/// The arguments as they are, but for some.
fn pass_on(task: &Task, but: &[&str], call: &mut Call) {
    for (name, value) in task.args.iter().filter(|(name, _)| !but.contains(&name.as_str())) {
        call.put(name, literal(value));
    }
}

fn python(task: &Task, variable: &str, emitted: &mut Emitted) {
    let argument = |name: &str| task.args.get(name).and_then(Value::as_str);
    let callable = if let Some(code) = argument("code") {
        let function = format!("_run_{variable}");
        emitted.function = Some(inline(&function, code));
        function
    } else if let Some((module, name)) = argument("python_callable").and_then(|path| path.rsplit_once('.')) {
        let function = format!("_{}_{}", identifier(module), identifier(name));
        emitted.function = Some(format!("from {module} import {name} as {function}\n"));
        function
    } else {
        let (file, name) = (argument("python_callable_file"), argument("python_callable_name"));
        emitted.helper = Some(helpers::LOAD);
        format!("_load({}, {})", text(file.unwrap_or_default()), text(name.unwrap_or("main")))
    };
    emitted.call.put("python_callable", callable);
    pass_on(
        task,
        &["code", "python_callable", "python_callable_file", "python_callable_name"],
        &mut emitted.call,
    );
}

/// The source runs as it is written, in a namespace of its own.
fn inline(function: &str, code: &str) -> String {
    let source = text(code);
    format!(
        "def {function}(**context):\n    namespace = {{}}\n    exec({source}, namespace)\n    return namespace[\"main\"](**context)\n"
    )
}

fn consume(task: &Task, emitted: &mut Emitted) {
    emitted.helper = Some(helpers::CONSUME);
    let get = |name: &str| task.args.get(name).cloned();
    let topics = match get("topics") {
        Some(Value::Array(topics)) => Value::Array(topics),
        Some(one) => json!([one]),
        None => json!([]),
    };
    let commit = get("commit_cadence").is_none_or(|cadence| cadence != "never");
    let kwargs = json!({
        "topics": topics,
        "kafka_config_id": get("kafka_config_id").unwrap_or_else(|| json!("kafka_default")),
        "max_messages": get("max_messages").unwrap_or_else(|| json!(MAX_MESSAGES)),
        "poll_timeout": get("poll_timeout").unwrap_or_else(|| json!(60)),
        "commit": commit,
    });
    emitted.call.put("python_callable", "_consume").put("op_kwargs", literal(&kwargs));
    if let Some(group) = get("group_id").as_ref().and_then(Value::as_str) {
        let note = format!("The connection's extra needs \"group.id\": \"{group}\".");
        emitted.call.put("doc", text(&note));
    }
}

fn produce(task: &Task, emitted: &mut Emitted) -> Result<(), String> {
    if let Some(format @ ("avro" | "json_schema" | "protobuf")) =
        task.args.get("value_format").and_then(Value::as_str)
    {
        return Err(format!(
            "value_format: {format} needs a schema registry, which Airflow's operator has not; export it with json or text"
        ));
    }
    emitted.helper = Some(helpers::PRODUCE);
    let kwargs: serde_json::Map<String, Value> = ["key", "value", "records"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), task.args.get(name)?.clone())))
        .collect();
    emitted
        .call
        .put("producer_function", "_records")
        .put("producer_function_kwargs", literal(&kwargs.into()));
    pass_on(
        task,
        &["key", "value", "records", "value_format", "value_schema_subject", "value_schema_message"],
        &mut emitted.call,
    );
    Ok(())
}

fn http(task: &Task, emitted: &mut Emitted) -> Result<(), String> {
    for expression in ["response_check", "response_filter"] {
        if task.args.contains_key(expression) {
            return Err(format!(
                "{expression} is a template expression here and a Python function in Airflow: take it out to export the rest"
            ));
        }
    }
    pass_on(task, &["request_timeout"], &mut emitted.call);
    if let Some(timeout) = task.args.get("request_timeout") {
        emitted.call.put("extra_options", literal(&json!({ "timeout": timeout })));
    }
    Ok(())
}
