//! Python's syntax: names, literals, calls.

use std::time::Duration;

use serde_json::Value;

/// Names that mean something already, in Python or in the exported file.
const RESERVED: &[&str] = &[
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "json",
    "pendulum",
    "timedelta",
    "print",
];

pub(super) fn identifier(id: &str) -> String {
    let mut name: String = id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() || RESERVED.contains(&name.as_str())
    {
        name.insert(0, '_');
    }
    name
}

/// A string literal; several lines stay readable where nothing in them needs an escape.
pub(super) fn text(value: &str) -> String {
    let plain = |c: char| c == '\n' || (!c.is_control() && c != '\\');
    if value.contains('\n') && value.chars().all(plain) && !value.contains("\"\"\"") && !value.ends_with('"')
    {
        return format!("\"\"\"{value}\"\"\"");
    }
    Value::from(value).to_string()
}

pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(string) => text(string),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{}: {}", text(name), literal(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

pub(super) fn timedelta(duration: Duration) -> String {
    format!("timedelta(seconds={})", duration.as_secs_f64())
}

/// A call with keyword arguments.
pub(super) struct Call {
    callee: String,
    arguments: Vec<(String, String)>,
}

impl Call {
    pub(super) fn new(callee: impl Into<String>) -> Self {
        Self { callee: callee.into(), arguments: Vec::new() }
    }

    pub(super) fn put(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.arguments.push((name.to_owned(), value.into()));
        self
    }

    /// One argument a line, indented.
    pub(super) fn render(&self, indent: usize) -> String {
        let (outer, inner) = (" ".repeat(indent), " ".repeat(indent + 4));
        let lines: String =
            self.arguments.iter().map(|(name, value)| format!("{inner}{name}={value},\n")).collect();
        format!("{}(\n{lines}{outer})", self.callee)
    }

    pub(super) fn inline(&self) -> String {
        let arguments = self.arguments.iter().map(|(name, value)| format!("{name}={value}"));
        format!("{}({})", self.callee, arguments.collect::<Vec<_>>().join(", "))
    }
}
