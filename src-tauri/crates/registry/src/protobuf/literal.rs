//! The values of custom options, in the text format of messages.

use std::fmt;

/// A value inside an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    /// A number, a word or a quoted string, as it stands in the text.
    Scalar(String),
    Message(Vec<(String, Literal)>),
    List(Vec<Literal>),
}

impl Literal {
    /// Reads the inside of a message's braces.
    pub(super) fn parse_message(text: &str) -> Option<Self> {
        let mut reader = Reader { tokens: tokens(text)?, next: 0 };
        let fields = reader.fields(None)?;
        (reader.next == reader.tokens.len()).then_some(Self::Message(fields))
    }

    /// The inside of a message's braces.
    pub(super) fn inside(&self) -> String {
        match self {
            Self::Message(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                fields.join(",\n")
            }
            Self::Scalar(_) | Self::List(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let block = |f: &mut fmt::Formatter<'_>, open, lines: Vec<String>, close| {
            let text = lines.join(",\n");
            writeln!(f, "{open}")?;
            text.lines().try_for_each(|line| writeln!(f, "  {line}"))?;
            f.write_str(close)
        };
        match self {
            Self::Scalar(text) => f.write_str(text),
            Self::Message(fields) => {
                block(f, "{", fields.iter().map(|(name, value)| format!("{name}: {value}")).collect(), "}")
            }
            Self::List(values) => block(f, "[", values.iter().map(Self::to_string).collect(), "]"),
        }
    }
}

/// A string in quotes, with Confluent's escapes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            '\\' | '\'' | '"' => out.extend(['\\', c]),
            c if c.is_ascii_control() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Bytes in quotes: text as text, anything else by its octal numbers.
pub(super) fn quoted_bytes(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return quoted(text);
    }
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("\"{escaped}\"")
}

fn tokens(text: &str) -> Option<Vec<String>> {
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '"' | '\'' => {
                let mut token = String::from(c);
                loop {
                    let next = chars.next()?;
                    token.push(next);
                    match next {
                        '\\' => token.push(chars.next()?),
                        end if end == c => break,
                        _ => {}
                    }
                }
                tokens.push(token);
            }
            '{' | '}' | '<' | '>' | '[' | ']' | ':' | ',' | ';' => tokens.push(c.into()),
            c => {
                let mut token = String::from(c);
                while let Some(next) = chars.next_if(|c| c.is_alphanumeric() || "_.+-/".contains(*c)) {
                    token.push(next);
                }
                tokens.push(token);
            }
        }
    }
    Some(tokens)
}

struct Reader {
    tokens: Vec<String>,
    next: usize,
}

impl Reader {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.next).map(String::as_str)
    }

    fn take(&mut self) -> Option<String> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn take_if(&mut self, token: &str) -> bool {
        let is_next = self.peek() == Some(token);
        self.next += usize::from(is_next);
        is_next
    }

    fn fields(&mut self, close: Option<&str>) -> Option<Vec<(String, Literal)>> {
        let mut fields = Vec::new();
        loop {
            match self.peek() {
                None => return close.is_none().then_some(fields),
                Some(token) if Some(token) == close => {
                    self.next += 1;
                    return Some(fields);
                }
                Some(_) => {}
            }
            let mut name = self.take()?;
            if name == "[" {
                while !self.take_if("]") {
                    name.push_str(&self.take()?);
                }
                name.push(']');
            }
            let has_colon = self.take_if(":");
            let value = self.value()?;
            if !has_colon && matches!(value, Literal::Scalar(_)) {
                return None;
            }
            fields.push((name, value));
            while self.take_if(",") || self.take_if(";") {}
        }
    }

    fn value(&mut self) -> Option<Literal> {
        let token = self.take()?;
        match token.as_str() {
            "{" => Some(Literal::Message(self.fields(Some("}"))?)),
            "<" => Some(Literal::Message(self.fields(Some(">"))?)),
            "[" => {
                let mut values = Vec::new();
                while !self.take_if("]") {
                    values.push(self.value()?);
                    self.take_if(",");
                }
                Some(Literal::List(values))
            }
            "-" => Some(Literal::Scalar(format!("-{}", self.take()?))),
            "}" | ">" | "]" | ":" | "," | ";" => None,
            _ => {
                let mut text = token;
                // Neighbouring strings are one.
                while text.starts_with(['"', '\''])
                    && self.peek().is_some_and(|next| next.starts_with(['"', '\'']))
                {
                    text.push(' ');
                    text.push_str(&self.take()?);
                }
                Some(Literal::Scalar(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let literal = Literal::parse_message(text).expect("a message");
        assert_eq!(literal.to_string(), expected);
        let inside = literal.inside();
        assert_eq!(Literal::parse_message(&inside), Some(literal));
    }

    #[test]
    fn messages_are_laid_out() {
        check("a : 1", "{\n  a: 1\n}");
        check(
            "a: -1.5 b { c: \"x } y\" } d: [ 'p' , \"q\" ]",
            "{\n  a: -1.5,\n  b: {\n    c: \"x } y\"\n  },\n  d: [\n    'p',\n    \"q\"\n  ]\n}",
        );
        check("[ my . ext ]: < n: - inf >", "{\n  [my.ext]: {\n    n: -inf\n  }\n}");
        assert_eq!(Literal::parse_message("a 1"), None);
        assert_eq!(Literal::parse_message("a: {"), None);
    }

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted("a\"b\\c\n'"), r#""a\"b\\c\n\'""#);
        assert_eq!(quoted_bytes(&[0xff, b'a']), r#""\377\141""#);
    }
}
