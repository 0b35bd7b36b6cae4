//! JSON values whose numbers are text: nothing is rounded before it is known
//! what the number is for.

use std::{iter::Peekable, str::CharIndices};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As written: `-1.50e3`.
    Number(String),
    String(String),
    Array(Vec<Json>),
    /// In order; of a key that comes twice the last counts.
    Object(Vec<(String, Json)>),
}

/// Deeper text is refused rather than followed.
const DEPTH_MAX: usize = 128;

impl Json {
    /// Parses `text`; the error says what and where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { text, chars: text.char_indices().peekable() };
        let value = parser.value(0)?;
        parser.space();
        match parser.chars.peek().copied() {
            None => Ok(value),
            Some((at, c)) => Err(parser.error(at, &format!("`{c}` after the end of the value"))),
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a key, if this is an object that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => {
                entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::String(text.clone()),
            serde_json::Value::Array(values) => Self::Array(values.iter().map(Self::from).collect()),
            serde_json::Value::Object(entries) => {
                Self::Object(entries.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    chars: Peekable<CharIndices<'t>>,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Result<Json, String> {
        self.space();
        let (at, c) = self.peek("a value")?;
        if depth > DEPTH_MAX {
            return Err(self.error(at, &format!("more than {DEPTH_MAX} levels")));
        }
        match c {
            '{' => self.object(depth),
            '[' => self.array(depth),
            '"' => self.string().map(Json::String),
            '-' | '0'..='9' => self.number(at),
            _ => self.word(at),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.chars.next();
        let mut entries = Vec::new();
        if self.is_closed('}') {
            return Ok(Json::Object(entries));
        }
        loop {
            self.space();
            let (at, c) = self.peek("a key")?;
            if c != '"' {
                return Err(self.error(at, "a key in quotes is expected"));
            }
            let key = self.string()?;
            self.expect(':')?;
            entries.push((key, self.value(depth + 1)?));
            if self.is_closed('}') {
                return Ok(Json::Object(entries));
            }
            self.expect(',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, String> {
        self.chars.next();
        let mut values = Vec::new();
        if self.is_closed(']') {
            return Ok(Json::Array(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.is_closed(']') {
                return Ok(Json::Array(values));
            }
            self.expect(',')?;
        }
    }

    /// The quotes, escapes and all, are the standard parser's business.
    fn string(&mut self) -> Result<String, String> {
        let (start, _) = self.peek("a string")?;
        self.chars.next();
        let mut is_escaped = false;
        while let Some((at, c)) = self.chars.next() {
            match c {
                '"' if !is_escaped => {
                    let quoted = &self.text[start..=at];
                    return serde_json::from_str(quoted)
                        .map_err(|_| self.error(start, "this string is not valid"));
                }
                _ => is_escaped = c == '\\' && !is_escaped,
            }
        }
        Err(self.error(start, "this string has no end"))
    }

    fn number(&mut self, start: usize) -> Result<Json, String> {
        while self.chars.next_if(|(_, c)| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).is_some() {}
        let number = &self.text[start..self.at()];
        if is_number(number) {
            return Ok(Json::Number(number.to_owned()));
        }
        Err(self.error(start, &format!("`{number}` is no number")))
    }

    fn word(&mut self, start: usize) -> Result<Json, String> {
        while self.chars.next_if(|(_, c)| c.is_alphanumeric()).is_some() {}
        match &self.text[start..self.at()] {
            "null" => Ok(Json::Null),
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            _ => Err(self.error(start, "a value is expected")),
        }
    }

    fn is_closed(&mut self, close: char) -> bool {
        self.space();
        self.chars.next_if(|(_, c)| *c == close).is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        self.space();
        let (at, c) = self.peek(&format!("`{wanted}`"))?;
        if c != wanted {
            return Err(self.error(at, &format!("`{wanted}` is expected, not `{c}`")));
        }
        self.chars.next();
        Ok(())
    }

    fn peek(&mut self, wanted: &str) -> Result<(usize, char), String> {
        let next = self.chars.peek().copied();
        next.ok_or_else(|| self.error(self.text.len(), &format!("the text ends where {wanted} is expected")))
    }

    fn at(&mut self) -> usize {
        self.chars.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn space(&mut self) {
        while self.chars.next_if(|(_, c)| matches!(c, ' ' | '\t' | '\n' | '\r')).is_some() {}
    }

    fn error(&self, at: usize, what: &str) -> String {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("{what} (line {line}, column {column})")
    }
}

fn is_number(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Json) {
        assert_eq!(Json::parse(text), Ok(expected));
    }

    fn number(text: &str) -> Json {
        Json::Number(text.into())
    }

    #[test]
    fn numbers_stay_as_they_are_written() {
        check("0.10000000000000000000000001", number("0.10000000000000000000000001"));
        check(" -1.50E+3 ", number("-1.50E+3"));
        check(
            r#"{"a": [1, null, true], "b": {}, "c": "\u00e4\"\\"}"#,
            Json::Object(vec![
                ("a".into(), Json::Array(vec![number("1"), Json::Null, Json::Bool(true)])),
                ("b".into(), Json::Object(Vec::new())),
                ("c".into(), Json::String("ä\"\\".into())),
            ]),
        );
    }

    #[test]
    fn errors_say_where() {
        for (text, expected) in [
            ("", "the text ends where a value is expected (line 1, column 1)"),
            ("[1,\n 2", "the text ends where `,` is expected (line 2, column 3)"),
            ("{\"a\" 1}", "`:` is expected, not `1` (line 1, column 6)"),
            ("{a: 1}", "a key in quotes is expected (line 1, column 2)"),
            ("01", "`01` is no number (line 1, column 1)"),
            ("1 2", "`2` after the end of the value (line 1, column 3)"),
            ("nil", "a value is expected (line 1, column 1)"),
            ("\"a", "this string has no end (line 1, column 1)"),
            ("\"\n\"", "this string is not valid (line 1, column 1)"),
            ("[1,]", "a value is expected (line 1, column 4)"),
        ] {
            assert_eq!(Json::parse(text), Err(expected.to_owned()), "{text}");
        }
        assert!(Json::parse(&"[".repeat(1_000_000)).is_err());
    }
}
