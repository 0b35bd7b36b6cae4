//! Arguments that name a file: `sql: reports/daily.sql` means its text.

use std::path::{Component, Path};

use serde_json::Value;

use super::TemplateError;

/// Airflow's `template_ext`: which fields of which operators may name files.
const FIELDS: &[(&str, &str, &[&str])] =
    &[("BashOperator", "bash_command", &[".sh", ".bash"]), ("SQLExecuteQueryOperator", "sql", &[".sql"])];
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The field's value with named files read, or none where there is nothing to read.
pub(super) fn read(
    dags_dir: &Path,
    operator: &str,
    field: &'static str,
    value: &Value,
) -> Result<Option<Value>, TemplateError> {
    let Some((.., endings)) = FIELDS.iter().find(|(known, name, _)| *known == operator && *name == field)
    else {
        return Ok(None);
    };
    match value {
        Value::String(text) => Ok(text_of(dags_dir, field, text, endings)?.map(Value::from)),
        Value::Array(items) => {
            let mut found = false;
            let mut texts = items.clone();
            for item in &mut texts {
                if let Value::String(text) = item
                    && let Some(read) = text_of(dags_dir, field, text, endings)?
                {
                    *item = Value::from(read);
                    found = true;
                }
            }
            Ok(found.then_some(Value::Array(texts)))
        }
        _ => Ok(None),
    }
}

fn text_of(
    dags_dir: &Path,
    field: &str,
    text: &str,
    endings: &[&str],
) -> Result<Option<String>, TemplateError> {
    if !endings.iter().any(|ending| text.ends_with(ending)) || text.contains('\n') {
        return Ok(None);
    }
    let path = Path::new(text);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let full = dags_dir.join(path);
    if !inside || !full.is_file() {
        // `bash run.sh` is a command, but SQL without a space is no statement.
        if text.contains(' ') || field == "bash_command" {
            return Ok(None);
        }
        let reason = format!("there is no file {text} in the DAGs folder {}", dags_dir.display());
        return Err(TemplateError { field: field.into(), reason });
    }
    let unreadable =
        |reason: String| TemplateError { field: field.into(), reason: format!("{text}: {reason}") };
    let bytes = full.metadata().map_err(|error| unreadable(error.to_string()))?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(unreadable(format!("has {bytes} bytes, at most {FILE_BYTES_MAX} are read")));
    }
    std::fs::read_to_string(full).map(Some).map_err(|error| unreadable(error.to_string()))
}
