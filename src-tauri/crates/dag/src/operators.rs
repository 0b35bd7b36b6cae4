//! The operators a DAG may use and their parameters, as one readable table.
//!
//! The YAML reader checks tasks against it, executors read their parameters
//! by it, and a properties form can be made from it. Names are those of
//! Airflow's own operators.
//!
//! # Adding an operator
//!
//! 1. Add its [`Operator`] to [`OPERATORS`], with every parameter.
//! 2. Give the orchestrator an executor for it.
//! 3. Show it in a DAG of the tests.

use serde::Serialize;
use serde_json::Value;

use crate::task::Task;

/// An operator's description.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Operator {
    /// Airflow's class name.
    pub name: &'static str,
    /// The short name a DAG file may use instead.
    pub alias: &'static str,
    pub doc: &'static str,
    pub params: &'static [Parameter],
    /// One of each group has to be given, and no more.
    pub one_of: &'static [&'static [&'static str]],
    /// The first parameter, if given, makes no sense without the second.
    pub needs: &'static [(&'static str, &'static str)],
    /// The parameters that say in one line what a task does, the best first.
    pub summary: &'static [&'static str],
}

/// One parameter of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// Jinja templates in it are rendered before the task runs.
    pub templated: bool,
    /// The default as JSON text; none where leaving it out means something of its own.
    pub default: Option<&'static str>,
    pub doc: &'static str,
}

/// What values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Text,
    /// Text of several lines in this language.
    Code(&'static str),
    Boolean,
    /// A whole number from 0.
    Count,
    /// A duration: `30s`, `1h30m`, or seconds.
    Duration,
    /// One of these.
    Choice(&'static [&'static str]),
    /// Any JSON value.
    Any,
    /// A list of any values.
    List,
    /// A map of any values.
    Map,
    /// A map or a list.
    MapOrList,
    /// A map or text.
    MapOrText,
    /// A text or a list of texts.
    TextOrTexts,
    /// A number or a list of numbers.
    CountOrCounts,
}

impl Kind {
    /// For messages: `expected {…}`.
    pub fn describe(self) -> String {
        match self {
            Self::Text | Self::Code(_) => "text".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Count => "a whole number from 0".to_owned(),
            Self::Duration => "a duration such as 30s, 5m or 1h30m".to_owned(),
            Self::Choice(choices) => format!("one of {}", choices.join(", ")),
            Self::Any => "any value".to_owned(),
            Self::List => "a list".to_owned(),
            Self::Map => "a map".to_owned(),
            Self::MapOrList => "a map or a list".to_owned(),
            Self::MapOrText => "a map or text".to_owned(),
            Self::TextOrTexts => "text or a list of texts".to_owned(),
            Self::CountOrCounts => "a whole number or a list of them".to_owned(),
        }
    }
}

impl Parameter {
    const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, required: false, templated: false, default: None, doc }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn templated(self) -> Self {
        Self { templated: true, ..self }
    }

    const fn default(self, json: &'static str) -> Self {
        Self { default: Some(json), ..self }
    }
}

use Parameter as P;

/// Every operator, in the order a palette shows them.
pub const OPERATORS: &[Operator] = &[
    Operator {
        name: "EmptyOperator",
        alias: "empty",
        doc: "Does nothing: a place where branches meet.",
        params: &[],
        one_of: &[],
        needs: &[],
        summary: &[],
    },
    Operator {
        name: "BashOperator",
        alias: "bash",
        doc: "Runs a command with bash. The last line of its output is the task's result.",
        params: &[
            P::new("bash_command", Kind::Code("shell"), "The command or script.").required().templated(),
            P::new("env", Kind::Map, "The command's environment variables.").templated(),
            P::new("append_env", Kind::Boolean, "Keep the inherited environment beside env.").default("false"),
            P::new("output_encoding", Kind::Text, "The encoding of the output.").default("\"utf-8\""),
            P::new("skip_on_exit_code", Kind::CountOrCounts, "Exit codes that mean skipped instead of failed.")
                .default("99"),
            P::new("cwd", Kind::Text, "The working directory; a temporary one if left out.").templated(),
        ],
        one_of: &[],
        needs: &[],
        summary: &["bash_command"],
    },
    Operator {
        name: "PythonOperator",
        alias: "python",
        doc: "Calls a Python function. What it returns is the task's result.",
        params: &[
            P::new("code", Kind::Code("python"), "Python source that defines def main(**context)."),
            P::new("python_callable", Kind::Text, "The function as module.function, found in the dags folder."),
            P::new("python_callable_name", Kind::Text, "The function's name in python_callable_file."),
            P::new("python_callable_file", Kind::Text, "A Python file, relative to the dags folder."),
            P::new("op_args", Kind::List, "Positional arguments.").templated().default("[]"),
            P::new("op_kwargs", Kind::Map, "Keyword arguments.").templated().default("{}"),
            P::new("templates_dict", Kind::Map, "Rendered and passed on in the context.").templated(),
            P::new("show_return_value_in_logs", Kind::Boolean, "Log what the function returned.").default("true"),
        ],
        one_of: &[&["code", "python_callable", "python_callable_name"]],
        needs: &[("python_callable_name", "python_callable_file")],
        summary: &["python_callable", "python_callable_name", "code"],
    },
    Operator {
        name: "HttpOperator",
        alias: "http",
        doc: "Sends one HTTP request. The response's text is the task's result.",
        params: &[
            P::new("http_conn_id", Kind::Text, "The connection that holds host, login and password.")
                .templated()
                .default("\"http_default\""),
            P::new("endpoint", Kind::Text, "The path after the connection's host, or a whole URL.").templated(),
            P::new(
                "method",
                Kind::Choice(&["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
                "The HTTP method.",
            )
            .default("\"POST\""),
            P::new("data", Kind::MapOrText, "The query of a GET, the body of anything else.").templated(),
            P::new("headers", Kind::Map, "Request headers.").templated(),
            P::new("response_check", Kind::Code("jinja"), "An expression over response; false fails the task."),
            P::new("response_filter", Kind::Code("jinja"), "An expression over response that makes the result."),
            P::new("log_response", Kind::Boolean, "Log the response's text.").default("false"),
            P::new("request_timeout", Kind::Duration, "How long the response may take.").default("60"),
        ],
        one_of: &[],
        needs: &[],
        summary: &["endpoint"],
    },
    Operator {
        name: "SQLExecuteQueryOperator",
        alias: "sql",
        doc: "Runs SQL in a database. The rows of the last statement are the task's result.",
        params: &[
            P::new("sql", Kind::TextOrTexts, "Statements, or the name of a .sql file in the dags folder.")
                .required()
                .templated(),
            P::new("conn_id", Kind::Text, "The database's connection.").templated().required(),
            P::new("parameters", Kind::MapOrList, "Values bound to the statement's placeholders.").templated(),
            P::new("autocommit", Kind::Boolean, "Commit after each statement instead of at the end.")
                .default("false"),
            P::new("split_statements", Kind::Boolean, "Run the text's statements one by one.").default("true"),
            P::new("return_last", Kind::Boolean, "Only the last statement's rows are the result.").default("true"),
            P::new("show_return_value_in_logs", Kind::Boolean, "Log the rows.").default("false"),
        ],
        one_of: &[],
        needs: &[],
        summary: &["sql"],
    },
    Operator {
        name: "ProduceToTopicOperator",
        alias: "kafka_produce",
        doc: "Writes records to a Kafka topic.",
        params: &[
            P::new("kafka_config_id", Kind::Text, "The cluster's connection.").default("\"kafka_default\""),
            P::new("topic", Kind::Text, "The topic.").required().templated(),
            P::new("key", Kind::Text, "The record's key.").templated(),
            P::new("value", Kind::Any, "The record's value.").templated(),
            P::new("records", Kind::Any, "A list of records, or a template that makes one: each {key, value, headers}, or a value alone.")
                .templated(),
            P::new("value_format", Kind::Choice(&["json", "text", "avro", "json_schema", "protobuf"]), "How values become bytes: as they are, or by a registered schema.")
                .default("\"json\""),
            P::new("value_schema_subject", Kind::Text, "The subject whose latest schema encodes values; <topic>-value if left out.")
                .templated(),
            P::new("value_schema_message", Kind::Text, "Of a Protobuf schema, the message's full name; the file's first if left out."),
            P::new("synchronous", Kind::Boolean, "Wait until the broker has every record.").default("true"),
            P::new("poll_timeout", Kind::Duration, "How long delivery may take.").default("30"),
        ],
        one_of: &[&["value", "records"]],
        needs: &[],
        summary: &["topic"],
    },
    Operator {
        name: "ConsumeFromTopicOperator",
        alias: "kafka_consume",
        doc: "Reads what is new in Kafka topics for a consumer group. The decoded records are the task's result.",
        params: &[
            P::new("kafka_config_id", Kind::Text, "The cluster's connection.").default("\"kafka_default\""),
            P::new("topics", Kind::TextOrTexts, "The topics.").required().templated(),
            P::new("group_id", Kind::Text, "The consumer group; <dag_id>.<task_id> if left out.").templated(),
            P::new(
                "commit_cadence",
                Kind::Choice(&["end_of_operator", "end_of_batch", "never"]),
                "When offsets are committed.",
            )
            .default("\"end_of_operator\""),
            P::new("max_messages", Kind::Count, "Stop after this many; all that is there if left out."),
            P::new("max_batch_size", Kind::Count, "Records fetched at once.").default("1000"),
            P::new("poll_timeout", Kind::Duration, "How long to wait for more before it is the end.").default("60"),
        ],
        one_of: &[],
        needs: &[],
        summary: &["topics"],
    },
];

/// The operator by class name, with or without its module, or by alias.
pub fn find(name: &str) -> Option<&'static Operator> {
    let name = match name.rsplit_once('.') {
        Some((module, class)) if module.starts_with("airflow.") => class,
        _ => name,
    };
    OPERATORS.iter().find(|operator| operator.name == name || operator.alias == name)
}

/// What a task does in one line: its command, its SQL, its topic.
pub fn summary(task: &Task) -> String {
    let Some(operator) = find(&task.operator) else { return String::new() };
    let given = operator.summary.iter().find_map(|name| task.args.get(*name));
    let text = match given {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let items =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            items.collect::<Vec<_>>().join(", ")
        }
        _ => return String::new(),
    };
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if line.chars().count() <= SUMMARY_CHARS_MAX {
        return line.to_owned();
    }
    line.chars().take(SUMMARY_CHARS_MAX - 1).chain(['…']).collect()
}

const SUMMARY_CHARS_MAX: usize = 120;

impl Operator {
    pub fn param(&self, name: &str) -> Option<&'static Parameter> {
        self.params.iter().find(|param| param.name == name)
    }

    /// The names of the parameters that are rendered, Airflow's `template_fields`.
    pub fn template_fields(&self) -> impl Iterator<Item = &'static str> {
        self.params.iter().filter(|param| param.templated).map(|param| param.name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_is_consistent() {
        let mut names = BTreeSet::new();
        for operator in OPERATORS {
            assert!(names.insert(operator.name) && names.insert(operator.alias), "{}", operator.name);
            let params: BTreeSet<_> = operator.params.iter().map(|param| param.name).collect();
            assert_eq!(params.len(), operator.params.len(), "{} names a parameter twice", operator.name);
            for name in operator.one_of.iter().copied().flatten().chain(operator.summary) {
                assert!(params.contains(name), "{}.{name}", operator.name);
            }
            for param in operator.params {
                if let Some(default) = param.default {
                    serde_json::from_str::<serde_json::Value>(default).expect(param.name);
                }
            }
        }
    }
}
