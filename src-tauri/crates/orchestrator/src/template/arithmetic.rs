//! `logical_date - macros.timedelta(days=1)`: sums over moments and spans.
//!
//! minijinja's operators know numbers, text and lists only. So `a + b` and
//! `a - b` inside a template's tags become calls before it is compiled; the
//! calls handle moments and leave everything else to minijinja.

use jiff::SignedDuration;
use minijinja::value::Value;
use minijinja::{Error, State, context};

use super::datetime::{DateTime, TimeDelta, invalid};

pub(crate) const ADD: &str = "__add";
pub(crate) const SUBTRACT: &str = "__subtract";

pub(crate) fn add(state: &State<'_, '_>, left: Value, right: Value) -> Result<Value, Error> {
    let moments = (left.downcast_object_ref::<DateTime>(), right.downcast_object_ref::<DateTime>());
    let spans = (left.downcast_object_ref::<TimeDelta>(), right.downcast_object_ref::<TimeDelta>());
    match (moments, spans) {
        ((Some(at), _), (_, Some(by))) | ((_, Some(at)), (Some(by), _)) => {
            Ok(Value::from_object(at.shifted(by.0)?))
        }
        (_, (Some(a), Some(b))) => span(a.0.checked_add(b.0)),
        _ => plain(state, "a + b", left, right),
    }
}

pub(crate) fn subtract(state: &State<'_, '_>, left: Value, right: Value) -> Result<Value, Error> {
    let moments = (left.downcast_object_ref::<DateTime>(), right.downcast_object_ref::<DateTime>());
    let spans = (left.downcast_object_ref::<TimeDelta>(), right.downcast_object_ref::<TimeDelta>());
    match (moments, spans) {
        ((Some(at), _), (_, Some(by))) => Ok(Value::from_object(at.shifted(-by.0)?)),
        ((Some(a), Some(b)), _) => {
            Ok(Value::from_object(TimeDelta(a.timestamp().duration_since(b.timestamp()))))
        }
        (_, (Some(a), Some(b))) => span(a.0.checked_sub(b.0)),
        _ => plain(state, "a - b", left, right),
    }
}

fn span(sum: Option<SignedDuration>) -> Result<Value, Error> {
    sum.map(|span| Value::from_object(TimeDelta(span))).ok_or_else(|| invalid("the timedelta is too large"))
}

fn plain(state: &State<'_, '_>, operation: &'static str, a: Value, b: Value) -> Result<Value, Error> {
    state.env().compile_expression(operation)?.eval(context! { a, b })
}

/// The template with its sums as calls.
pub(crate) fn rewrite_template(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find('{') {
        let close = match rest.as_bytes().get(at + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                out.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
                continue;
            }
        };
        let Some(length) = tag_length(&rest[at + 2..], close) else { break };
        let inner = &rest[at + 2..at + 2 + length];
        out.push_str(&rest[..at + 2]);
        if close == "#}" {
            out.push_str(inner);
        } else {
            // `{{-` and `-}}` trim white space.
            let begin = usize::from(inner.starts_with(['-', '+']));
            let end = inner.len() - usize::from(inner.len() > begin && inner.ends_with(['-', '+']));
            out.push_str(&inner[..begin]);
            out.push_str(&rewrite_expression(&inner[begin..end]));
            out.push_str(&inner[end..]);
        }
        out.push_str(close);
        rest = &rest[at + 2 + length + close.len()..];
    }
    out.push_str(rest);
    out
}

/// How far the tag goes, quotes and inner braces respected.
fn tag_length(text: &str, close: &str) -> Option<usize> {
    if close == "#}" {
        return text.find(close);
    }
    let mut depth = 0usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if let Some(open) = quote {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == open => quote = None,
                _ => {}
            }
            continue;
        }
        match c {
            '\'' | '"' => quote = Some(c),
            _ if depth == 0 && text[at..].starts_with(close) => return Some(at),
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// An expression with its sums as calls.
pub(crate) fn rewrite_expression(source: &str) -> String {
    let tokens = tokens(source);
    // Nothing to rewrite stays byte for byte what it was.
    if !tokens.iter().any(|token| matches!(*token, "+" | "-")) {
        return source.to_owned();
    }
    let mut at = 0;
    sequence(&tokens, &mut at)
}

/// Tokens with the white space before them; an operator or bracket stands alone.
fn tokens(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let bytes = source.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            quote @ (b'\'' | b'"') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
                at = (at + 1).min(bytes.len());
            }
            c if c.is_ascii_whitespace() => {
                while at < bytes.len() && bytes[at].is_ascii_whitespace() {
                    at += 1;
                }
            }
            c if is_word(c) => {
                while at < bytes.len() && is_word(bytes[at]) {
                    at += 1;
                }
                // `1.5e-3` and `a.b` are not split further than needed.
                let number = c.is_ascii_digit() && matches!(bytes[at - 1], b'e' | b'E');
                if number && matches!(bytes.get(at), Some(b'+' | b'-')) {
                    at += 1;
                    while at < bytes.len() && is_word(bytes[at]) {
                        at += 1;
                    }
                }
            }
            b'=' | b'!' | b'<' | b'>' if bytes.get(at + 1) == Some(&b'=') => at += 2,
            b'*' | b'/' if bytes.get(at + 1) == Some(&bytes[at]) => at += 2,
            _ => at += 1,
        }
        found.push(&source[start..at]);
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte >= 0x80
}

/// Everything up to a closing bracket or the end, sums rewritten between the operators that bind less.
fn sequence(tokens: &[&str], at: &mut usize) -> String {
    let mut out = String::new();
    let mut sum = Sum::default();
    while *at < tokens.len() {
        let token = tokens[*at];
        if matches!(token, ")" | "]" | "}") {
            break;
        }
        *at += 1;
        match token {
            "(" | "[" | "{" => {
                sum.operand.push_str(token);
                sum.operand.push_str(&sequence(tokens, at));
                if let Some(close) = tokens.get(*at) {
                    sum.operand.push_str(close);
                    *at += 1;
                }
            }
            "+" | "-" if !sum.operand.trim().is_empty() && !sum.ends_with_operator() => {
                sum.take(if token == "+" { ADD } else { SUBTRACT });
            }
            _ if is_boundary(token) => {
                out.push_str(&std::mem::take(&mut sum).finish());
                out.push_str(token);
            }
            _ => sum.operand.push_str(token),
        }
    }
    out.push_str(&sum.finish());
    out
}

/// Binds less than a sum, or begins a statement.
fn is_boundary(token: &str) -> bool {
    matches!(
        token,
        "," | ":"
            | "="
            | "=="
            | "!="
            | "<"
            | ">"
            | "<="
            | ">="
            | "~"
            | "and"
            | "or"
            | "not"
            | "if"
            | "else"
            | "elif"
            | "in"
            | "is"
            | "for"
            | "set"
            | "recursive"
    )
}

#[derive(Default)]
struct Sum {
    done: Option<String>,
    operation: Option<&'static str>,
    operand: String,
}

impl Sum {
    fn ends_with_operator(&self) -> bool {
        self.operand.trim_end().ends_with(['*', '/', '%', '|'])
    }

    fn take(&mut self, next: &'static str) {
        let sum = self.fold();
        self.done = Some(sum);
        self.operation = Some(next);
    }

    fn fold(&mut self) -> String {
        let operand = std::mem::take(&mut self.operand);
        match (self.done.take(), self.operation.take()) {
            (Some(left), Some(operation)) => {
                let lead = &left[..left.len() - left.trim_start().len()];
                let tail = &operand[operand.trim_end().len()..];
                format!("{lead}{operation}({}, {}){tail}", left.trim(), operand.trim())
            }
            _ => operand,
        }
    }

    fn finish(mut self) -> String {
        self.fold()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        assert_eq!(rewrite_template(source), expected);
    }

    #[test]
    fn sums_become_calls() {
        check("no tags - at + all", "no tags - at + all");
        check("{{ a }} - {{ b }}", "{{ a }} - {{ b }}");
        check("{{ a + b }}", "{{ __add(a, b) }}");
        check("{{- a - b -}}", "{{- __subtract(a, b) -}}");
        check("{{ a + b - c }}", "{{ __subtract(__add(a, b), c) }}");
        check(
            "{{ (a - d(days=1)).strftime('%Y-%m') }}",
            "{{ (__subtract(a, d(days=1))).strftime('%Y-%m') }}",
        );
        check("{{ f(-1, a + 2 * b) }}", "{{ f(-1, __add(a, 2 * b)) }}");
        check("{{ a + -1 }}", "{{ __add(a, -1) }}");
        check("{{ 2 * -1 }}", "{{ 2 * -1 }}");
        check("{{ 'a - b' ~ x - y|int }}", "{{ 'a - b' ~ __subtract(x, y|int) }}");
        check("{% if a + 1 > b %}x{% endif %}", "{% if __add(a, 1) > b %}x{% endif %}");
        check("{% set x = a - b %}", "{% set x = __subtract(a, b) %}");
        check("{# a + b #}", "{# a + b #}");
        check("{{ {'k': a + 1}['k'] }}", "{{ {'k': __add(a, 1)}['k'] }}");
        check("{{ 1e-3 + ds }}", "{{ __add(1e-3, ds) }}");
        check("{{ unclosed + ", "{{ unclosed + ");
    }
}
