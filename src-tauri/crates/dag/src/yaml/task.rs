//! A task: what every task has, and its operator's own parameters.

use serde_json::{Map, Value};

use super::{
    DIAGNOSTICS_MAX, Diagnostic, Position,
    dag::{Items, items},
    fields::{self, Fields, wrong},
    groups::{Outline, RawTask, links, references},
    tree::{Content, Key, Node},
};
use crate::{
    model::TaskGroup,
    operators::{self, Kind, OPERATORS, Operator, Parameter},
    suggest::nearest,
    task::Task,
    trigger_rule::TriggerRule,
};

/// What every task takes from `default_args`; the operators' parameters come beside them.
const COMMON: &[&str] = &[
    "trigger_rule",
    "retries",
    "retry_delay",
    "retry_exponential_backoff",
    "max_retry_delay",
    "execution_timeout",
    "depends_on_past",
    "wait_for_downstream",
    "ignore_first_depends_on_past",
    "pool",
    "pool_slots",
    "priority_weight",
    "weight_rule",
    "max_active_tis_per_dag",
    "max_active_tis_per_dagrun",
    "queue",
    "owner",
    "doc_md",
    "do_xcom_push",
    "start_date",
    "end_date",
];
const TASKS_MAX: usize = 10_000;
/// What `default_args` may add up to over all tasks.
const DEFAULT_BYTES_MAX: usize = 16 << 20;

/// `default_args` of the DAG and of the groups around a task, the innermost first.
#[derive(Default, Clone)]
pub(super) struct Defaults<'a> {
    entries: Vec<(&'a Key, &'a Node)>,
}

impl<'a> Defaults<'a> {
    /// These, overridden by a `default_args` map.
    pub(super) fn with(&self, node: Option<&'a Node>, report: &mut Vec<Diagnostic>) -> Self {
        let Some(node) = node else { return self.clone() };
        let Content::Map(own) = &node.content else {
            wrong("default_args", node, "a map of parameters", report);
            return self.clone();
        };
        let mut entries = Vec::new();
        let params = OPERATORS.iter().flat_map(|operator| operator.params).map(|param| param.name);
        let known: Vec<&str> = COMMON.iter().copied().chain(params).collect();
        for (key, value) in own {
            if report.len() >= DIAGNOSTICS_MAX {
                break;
            }
            if known.contains(&key.text.as_str()) {
                entries.push((key, value));
            } else {
                let hint = nearest(&key.text, known.iter().copied())
                    .map(|near| format!("; did you mean '{near}'?"))
                    .unwrap_or_default();
                let message = format!("'{}' is no parameter of a task{hint}", key.text);
                report.push(Diagnostic::new(key.at, message));
            }
        }
        let inherited =
            self.entries.iter().filter(|(key, _)| !own.iter().any(|(known, _)| known.text == key.text));
        entries.extend(inherited.copied());
        Self { entries }
    }

    pub(super) fn owner(&self) -> Option<String> {
        let (_, node) = self.entries.iter().find(|(key, _)| key.text == "owner")?;
        match &node.content {
            Content::Text(owner) => Some(owner.clone()),
            _ => None,
        }
    }
}

/// Reads `tasks` of the DAG or of a group.
pub(super) fn read_all(
    node: &Node,
    defaults: &Defaults<'_>,
    path: &[TaskGroup],
    outline: &mut Outline,
    report: &mut Vec<Diagnostic>,
) {
    let named: Vec<(Option<(&str, Position)>, &Node)> = match items("tasks", node, report) {
        Some(Items::Named(entries)) => {
            entries.into_iter().map(|(name, at, node)| (Some((name, at)), node)).collect()
        }
        Some(Items::Listed(nodes)) => nodes.iter().map(|node| (None, node)).collect(),
        None => return,
    };
    for (name, node) in named {
        if outline.tasks.len() == TASKS_MAX {
            report.push(Diagnostic::new(node.at, format!("the DAG has more than {TASKS_MAX} tasks")));
            return;
        }
        read(name, node, defaults, path, outline, report);
    }
}

fn read(
    name: Option<(&str, Position)>,
    node: &Node,
    defaults: &Defaults<'_>,
    path: &[TaskGroup],
    outline: &mut Outline,
    report: &mut Vec<Diagnostic>,
) {
    let what = name.map_or_else(|| "the task".to_owned(), |(name, _)| format!("task '{name}'"));
    let Some(mut fields) = Fields::of(node, what, report) else { return };
    let (name, at) = match name {
        Some((name, at)) => (name.to_owned(), at),
        None => {
            let Some(node) = fields.required("task_id", "the task's name", report) else { return };
            let Some(name) = fields::text("task_id", node, report) else { return };
            (name, node.at)
        }
    };
    let operator = operator(&mut fields, report);
    let Some(task_id) = outline.claim(&name, path, at, report) else { return };
    let Some(operator) = operator else { return };
    for (key, value) in &defaults.entries {
        if COMMON.contains(&key.text.as_str()) || operator.param(&key.text).is_some() {
            fields.add_default(key, value);
        }
    }
    let mut task = Task::new(task_id, operator.name);
    task.line = at.line;
    task.groups = path.iter().map(|group| group.group_id.clone()).collect();
    common(&mut task, &mut fields, outline, report);
    let mut links = links(&mut fields, report);
    setup_and_teardown(&mut task, &mut fields, report);
    if let Some(node) = fields.node("setups") {
        links.setups = references("setups", node, report);
        if !task.is_teardown {
            report.push(Diagnostic::new(node.at, "only a teardown has 'setups': add is_teardown: true"));
        }
    }
    task.args = arguments(operator, &mut fields, defaults, outline, report);
    if operator.name == "PythonOperator"
        && let Some(Value::String(callable)) = task.args.get("python_callable")
        && !callable.contains('.')
    {
        let message = format!(
            "'python_callable' has to be module.function, not '{callable}'; for a function in a file write python_callable_name and python_callable_file"
        );
        report.push(Diagnostic::new(at, message));
    }
    fields.finish(report);
    outline.tasks.push(RawTask { task, at, links });
}

fn operator(fields: &mut Fields<'_>, report: &mut Vec<Diagnostic>) -> Option<&'static Operator> {
    let names = || OPERATORS.iter().flat_map(|operator| [operator.name, operator.alias]);
    let expected = || OPERATORS.iter().map(|operator| operator.name).collect::<Vec<_>>().join(", ");
    let node = fields.required("operator", &format!("one of {}", expected()), report)?;
    let name = fields::text("operator", node, report)?;
    let found = operators::find(&name);
    if found.is_none() {
        let hint = nearest(&name, names()).map_or_else(
            || format!("; known are {}", expected()),
            |near| format!("; did you mean '{near}'?"),
        );
        report.push(Diagnostic::new(node.at, format!("there is no operator '{name}'{hint}")));
    }
    found
}

/// What every task has.
fn common(task: &mut Task, fields: &mut Fields<'_>, outline: &Outline, report: &mut Vec<Diagnostic>) {
    task.retries = fields.count("retries", 0, report).unwrap_or(task.retries);
    task.retry_delay = fields.duration("retry_delay", report).unwrap_or(task.retry_delay);
    if let Some(node) = fields.node("retry_exponential_backoff") {
        match &node.content {
            Content::Bool(grows) => task.retry_exponential_backoff = if *grows { 2.0 } else { 0.0 },
            Content::Number(factor)
                if factor.as_f64().is_some_and(|factor| (0.0..=100.0).contains(&factor)) =>
            {
                task.retry_exponential_backoff = factor.as_f64().unwrap_or(0.0);
            }
            _ => wrong("retry_exponential_backoff", node, "true, false or a factor from 0 to 100", report),
        }
    }
    task.max_retry_delay = fields.duration("max_retry_delay", report);
    task.execution_timeout = fields.duration("execution_timeout", report);
    task.wait_for_downstream = fields.boolean("wait_for_downstream", report).unwrap_or(false);
    // As in Airflow, the one includes the other.
    task.depends_on_past =
        fields.boolean("depends_on_past", report).unwrap_or(false) || task.wait_for_downstream;
    task.ignore_first_depends_on_past =
        fields.boolean("ignore_first_depends_on_past", report).unwrap_or(true);
    if let Some(pool) = fields.text("pool", report) {
        task.pool = pool;
    }
    task.pool_slots = fields.count("pool_slots", 1, report).unwrap_or(task.pool_slots);
    if let Some(node) = fields.node("priority_weight") {
        let found = match &node.content {
            Content::Number(number) => number.as_i64().and_then(|number| i32::try_from(number).ok()),
            _ => None,
        };
        match found {
            Some(weight) => task.priority_weight = weight,
            None => wrong("priority_weight", node, "a whole number", report),
        }
    }
    task.weight_rule = fields.name("weight_rule", report).unwrap_or(task.weight_rule);
    task.max_active_tis_per_dag = fields.count("max_active_tis_per_dag", 1, report);
    task.max_active_tis_per_dagrun = fields.count("max_active_tis_per_dagrun", 1, report);
    if let Some(queue) = fields.text("queue", report) {
        task.queue = queue;
    }
    let owner = fields.text("owner", report).or_else(|| outline.owner.clone());
    task.owner = owner.unwrap_or(std::mem::take(&mut task.owner));
    task.doc_md = fields.text("doc_md", report);
    task.display_name = fields.text("task_display_name", report);
    task.do_xcom_push = fields.boolean("do_xcom_push", report).unwrap_or(true);
    task.start_date = fields.time("start_date", &outline.zone, report).max(outline.start_date);
    let end = fields.time("end_date", &outline.zone, report);
    task.end_date = [end, outline.end_date].into_iter().flatten().min();
}

fn setup_and_teardown(task: &mut Task, fields: &mut Fields<'_>, report: &mut Vec<Diagnostic>) {
    task.is_setup = fields.boolean("is_setup", report).unwrap_or(false);
    task.is_teardown = fields.boolean("is_teardown", report).unwrap_or(false);
    let fails_run = fields.node("on_failure_fail_dagrun");
    if let Some(node) = fails_run {
        task.on_failure_fail_dagrun =
            fields::boolean("on_failure_fail_dagrun", node, report).unwrap_or(false);
        if task.on_failure_fail_dagrun && !task.is_teardown {
            report.push(Diagnostic::new(node.at, "only a teardown has 'on_failure_fail_dagrun'"));
        }
    }
    let rule: Option<TriggerRule> = fields.name("trigger_rule", report);
    if task.is_teardown {
        task.trigger_rule = TriggerRule::AllDoneSetupSuccess;
        if let Some(rule) = rule.filter(|rule| *rule != TriggerRule::AllDoneSetupSuccess)
            && let Some(node) = fields.node("trigger_rule")
        {
            let message =
                format!("a teardown's trigger rule is all_done_setup_success, not {rule}: leave it out");
            report.push(Diagnostic::new(node.at, message));
        }
    } else if let Some(rule) = rule {
        task.trigger_rule = rule;
    }
    if task.is_setup && task.is_teardown {
        report.push(Diagnostic::new(fields.at, "a task is a setup or a teardown, not both"));
    }
}

/// The operator's own parameters, checked; durations become seconds.
fn arguments(
    operator: &'static Operator,
    fields: &mut Fields<'_>,
    defaults: &Defaults<'_>,
    outline: &mut Outline,
    report: &mut Vec<Diagnostic>,
) -> Map<String, Value> {
    let mut args = Map::new();
    for param in operator.params {
        let node = if param.required {
            fields.required(param.name, param.doc, report)
        } else {
            fields.node(param.name)
        };
        let Some(node) = node else { continue };
        if defaults.entries.iter().any(|(_, default)| std::ptr::eq(*default, node)) {
            outline.default_bytes = outline.default_bytes.saturating_add(size(node));
            if outline.default_bytes > DEFAULT_BYTES_MAX {
                let message =
                    format!("default_args add up to more than {DEFAULT_BYTES_MAX} bytes over all tasks");
                report.push(Diagnostic::new(node.at, message));
                return args;
            }
        }
        if let Some(value) = argument(param, node, report) {
            args.insert(param.name.to_owned(), value);
        }
    }
    for group in operator.one_of {
        let given: Vec<&str> = group.iter().copied().filter(|name| args.contains_key(*name)).collect();
        let message = match given.as_slice() {
            [_] => continue,
            [] => format!("{} needs one of {}", operator.name, group.join(", ")),
            several => format!("{} takes only one of {}", operator.name, several.join(", ")),
        };
        report.push(Diagnostic::new(fields.at, message));
    }
    for (given, needed) in operator.needs {
        if args.contains_key(*given) && !args.contains_key(*needed) {
            report.push(Diagnostic::new(fields.at, format!("'{given}' needs '{needed}' beside it")));
        }
    }
    args
}

fn size(node: &Node) -> usize {
    match &node.content {
        Content::Text(text) => text.len() + 32,
        Content::List(items) => 32 + items.iter().map(size).sum::<usize>(),
        Content::Map(entries) => {
            32 + entries.iter().map(|(key, value)| key.text.len() + size(value)).sum::<usize>()
        }
        _ => 32,
    }
}

fn argument(param: &Parameter, node: &Node, report: &mut Vec<Diagnostic>) -> Option<Value> {
    let json = node.to_json();
    // What a template renders to is seen when it does.
    let is_template =
        param.templated && json.as_str().is_some_and(|text| text.contains("{{") || text.contains("{%"));
    let is_texts = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
    let is_counts = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_u64));
    let fits = is_template
        || match param.kind {
            Kind::Text | Kind::Code(_) => return fields::text(param.name, node, report).map(Value::String),
            Kind::Boolean => return fields::boolean(param.name, node, report).map(Value::Bool),
            Kind::Duration => {
                return fields::duration(param.name, node, report).map(crate::time::seconds);
            }
            Kind::Choice(choices) => {
                let Value::String(given) = &json else {
                    wrong(param.name, node, &param.kind.describe(), report);
                    return None;
                };
                let found = choices.iter().find(|choice| choice.eq_ignore_ascii_case(given));
                if found.is_none() {
                    wrong(param.name, node, &param.kind.describe(), report);
                }
                return found.map(|choice| Value::from(*choice));
            }
            Kind::Any => true,
            Kind::Count => json.is_u64(),
            Kind::List => json.is_array(),
            Kind::Map => json.is_object(),
            Kind::MapOrList => json.is_object() || json.is_array(),
            Kind::MapOrText => json.is_object() || json.is_string(),
            Kind::TextOrTexts => json.is_string() || is_texts(&json),
            Kind::CountOrCounts => json.is_u64() || is_counts(&json),
        };
    if !fits {
        wrong(param.name, node, &param.kind.describe(), report);
        return None;
    }
    Some(json)
}
