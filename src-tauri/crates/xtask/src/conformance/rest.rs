//! Just enough HTTP to steer a Connect worker: one request a connection.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

/// A server that is asked now and then.
pub(crate) struct Rest {
    address: String,
}

/// Status and body; null where there is none.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Rest {
    pub(crate) fn new(port: u16) -> Self {
        Self { address: format!("127.0.0.1:{port}") }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends a request; the answer ends with the connection, as HTTP 1.0 has it.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nhost: localhost\r\naccept: application/json\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        parse(&text).with_context(|| format!("{method} {path}: {text}"))
    }
}

fn parse(text: &str) -> anyhow::Result<Answer> {
    let (head, body) = text.split_once("\r\n\r\n").context("no end of the head")?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let body = if body.trim().is_empty() { Value::Null } else { serde_json::from_str(body)? };
    Ok(Answer { status, body })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn answers_are_read() {
        let answer = parse("HTTP/1.1 409 Conflict\r\nx: y\r\n\r\n{\"a\":1}").expect("it parses");
        assert_eq!((answer.status, answer.body["a"].as_i64()), (409, Some(1)));
        assert!(parse("HTTP/1.1 204 No Content\r\n\r\n").expect("it parses").body.is_null());
        assert!(parse("garbage").is_err());
    }
}
