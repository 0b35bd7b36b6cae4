//! Jinja templates in task arguments, with Airflow's context.
//!
//! Strict, as in Airflow: an undefined name fails the task. Values print as
//! Python prints them.

pub(crate) mod arithmetic;
mod context;
mod datetime;
mod files;
mod instance;
mod macros;
mod outside;
mod python;

use std::sync::LazyLock;

use dag::Task;
use dag::operators::Kind;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value};

pub(crate) use context::Scope;

/// A template that could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub(crate) struct TemplateError {
    /// Where it stands: `bash_command`, `op_kwargs.day`.
    pub field: String,
    pub reason: String,
}

/// Rendered text beyond this is a runaway loop.
const RENDERED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Templates inside lists and maps inside lists…
const DEPTH_MAX: usize = 32;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_formatter(python::format);
    env.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    macros::register(&mut env);
    env
});

/// Does it hold a Jinja tag?
fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

fn holds_template(value: &Value) -> bool {
    match value {
        Value::String(text) => is_template(text),
        Value::Array(items) => items.iter().any(holds_template),
        Value::Object(map) => map.values().any(holds_template),
        _ => false,
    }
}

/// The task's arguments, its template fields rendered.
pub(crate) async fn render_args(scope: &Scope, task: &Task) -> Result<Map<String, Value>, TemplateError> {
    let mut args = task.args.clone();
    let templated =
        dag::operators::find(&task.operator).into_iter().flat_map(|operator| operator.template_fields());
    for name in templated {
        if let Some(value) = args.get(name)
            && let Some(text) = files::read(&scope.services().dags_dir, &task.operator, name, value)?
        {
            args.insert(name.to_owned(), text);
        }
    }
    let fields: Vec<(&'static str, bool)> = dag::operators::find(&task.operator)
        .into_iter()
        .flat_map(|operator| operator.params)
        .filter(|param| param.templated)
        .map(|param| (param.name, matches!(param.kind, Kind::Any)))
        .filter(|(name, _)| args.get(*name).is_some_and(holds_template))
        .collect();
    if fields.is_empty() {
        return Ok(args);
    }
    let (scope, native) = (scope.clone(), scope.dag().render_template_as_native_obj);
    // Templates may look into the store, which blocks.
    let rendering = tokio::task::spawn_blocking(move || {
        for (name, any) in fields {
            if let Some(value) = args.get_mut(name) {
                *value = render_value(&scope, value, native || any, name, DEPTH_MAX)?;
            }
        }
        Ok(args)
    });
    match rendering.await {
        Ok(rendered) => rendered,
        Err(error) => Err(TemplateError { field: "template".into(), reason: error.to_string() }),
    }
}

fn render_value(
    scope: &Scope,
    value: &Value,
    native: bool,
    field: &str,
    depth: usize,
) -> Result<Value, TemplateError> {
    if depth == 0 {
        return Err(TemplateError { field: field.into(), reason: "is nested too deeply".into() });
    }
    match value {
        Value::String(text) if native => render_native(scope, text, field),
        Value::String(text) => Ok(Value::from(render_text(scope, text, field)?)),
        Value::Array(items) => {
            let render = |(at, item)| render_value(scope, item, native, &format!("{field}[{at}]"), depth - 1);
            Ok(Value::Array(items.iter().enumerate().map(render).collect::<Result<_, _>>()?))
        }
        Value::Object(map) => {
            let render = |(key, item): (&String, &Value)| {
                Ok((key.clone(), render_value(scope, item, native, &format!("{field}.{key}"), depth - 1)?))
            };
            Ok(Value::Object(map.iter().map(render).collect::<Result<_, _>>()?))
        }
        other => Ok(other.clone()),
    }
}

/// Renders text; text without tags is returned as it is.
pub(crate) fn render_text(scope: &Scope, text: &str, field: &str) -> Result<String, TemplateError> {
    if !is_template(text) {
        return Ok(text.to_owned());
    }
    let source = arithmetic::rewrite_template(text);
    let rendered = ENVIRONMENT
        .render_str(&source, scope.root())
        .map_err(|error| TemplateError { field: field.into(), reason: explain(scope, &error) })?;
    if rendered.len() > RENDERED_BYTES_MAX {
        let reason = format!("rendered to {} bytes, at most {RENDERED_BYTES_MAX} are taken", rendered.len());
        return Err(TemplateError { field: field.into(), reason });
    }
    Ok(rendered)
}

/// A text that is one `{{ expression }}` becomes the expression's value; other text is rendered.
fn render_native(scope: &Scope, text: &str, field: &str) -> Result<Value, TemplateError> {
    let trimmed = text.trim();
    let inner = trimmed.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    match inner.filter(|inner| !inner.contains("{{") && !inner.contains("}}")) {
        Some(inner) => evaluate(inner.trim_matches('-'), scope.root())
            .map_err(|error| TemplateError { field: field.into(), reason: explain(scope, &error) }),
        None => Ok(Value::from(render_text(scope, text, field)?)),
    }
}

/// An expression's value over any names.
pub(crate) fn evaluate(expression: &str, names: minijinja::Value) -> Result<Value, minijinja::Error> {
    let source = arithmetic::rewrite_expression(expression);
    let value = ENVIRONMENT.compile_expression(&source)?.eval(names)?;
    if value.is_undefined() {
        return Err(minijinja::Error::new(
            ErrorKind::UndefinedError,
            format!("{} has no value", expression.trim()),
        ));
    }
    to_json(&value)
}

/// A value of JSON, or of anything that serializes, for templates.
pub(crate) fn from_json(value: impl serde::Serialize) -> minijinja::Value {
    minijinja::Value::from(minijinja::value::Serde(value))
}

/// JSON of a template value; moments become ISO text.
fn to_json(value: &minijinja::Value) -> Result<Value, minijinja::Error> {
    if let Some(at) = value.downcast_object_ref::<datetime::DateTime>() {
        return Ok(Value::from(at.isoformat('T')));
    }
    serde_json::to_value(value).map_err(|error| datetime::invalid(format!("is no JSON: {error}")))
}

fn explain(scope: &Scope, error: &minijinja::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text.push_str(&format!(": {next}"));
        cause = next.source();
    }
    let text = text.replace(" (in <string>:", " (line ").replace(" (in <expression>:", " (line ");
    match error.kind() {
        ErrorKind::UndefinedError if scope.run().logical_date.is_none() => {
            format!(
                "{text}; this run has no logical date, so ds, ts, logical_date and their like are undefined"
            )
        }
        _ => text,
    }
}
