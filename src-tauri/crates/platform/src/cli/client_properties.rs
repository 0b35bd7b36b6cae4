//! A file of client properties, as Kafka's tools take it by `--command-config`, in librdkafka's words.

use std::collections::BTreeMap;

use cluster::ClusterConfig;

/// The names both know, and what librdkafka calls those it has under another.
const NAMES: &[(&str, &str)] = &[
    ("client.id", "client.id"),
    ("sasl.kerberos.service.name", "sasl.kerberos.service.name"),
    ("sasl.mechanism", "sasl.mechanism"),
    ("sasl.mechanisms", "sasl.mechanism"),
    ("sasl.password", "sasl.password"),
    ("sasl.username", "sasl.username"),
    ("security.protocol", "security.protocol"),
    ("ssl.ca.location", "ssl.ca.location"),
    ("ssl.ca.pem", "ssl.ca.pem"),
    ("ssl.certificate.location", "ssl.certificate.location"),
    ("ssl.key.location", "ssl.key.location"),
    ("ssl.key.password", "ssl.key.password"),
    ("ssl.keystore.certificate.chain", "ssl.certificate.pem"),
    ("ssl.keystore.key", "ssl.key.pem"),
    ("ssl.truststore.certificates", "ssl.ca.pem"),
    ("ssl.truststore.location", "ssl.ca.location"),
];

/// Kafka's own that say how its Java client waits and counts; nothing here depends on them.
const LEFT_OUT: &[&str] = &[
    "client.dns.lookup",
    "default.api.timeout.ms",
    "metric.reporters",
    "metrics.num.samples",
    "metrics.recording.level",
    "metrics.sample.window.ms",
    "receive.buffer.bytes",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "request.timeout.ms",
    "retries",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "send.buffer.bytes",
    "ssl.enabled.protocols",
    "ssl.protocol",
];

/// How a cluster is reached by such a file; its `bootstrap.servers` may be missing. The error is for people.
pub(crate) fn read(text: &str) -> Result<ClusterConfig, String> {
    let mut config = ClusterConfig::default();
    for (name, value) in entries(text) {
        match name.as_str() {
            "bootstrap.servers" => config.bootstrap_servers = value,
            "sasl.jaas.config" => {
                let login = broker::listener::jaas_login(&value)
                    .map_err(|problem| format!("sasl.jaas.config: {problem}"))?;
                config.properties.insert("sasl.username".to_owned(), login.username);
                config.properties.insert("sasl.password".to_owned(), login.password);
            }
            "ssl.keystore.type" | "ssl.truststore.type" => {
                if !value.eq_ignore_ascii_case("PEM") {
                    return Err(format!(
                        "{name} is {value}, and PEM is what is read here: convert the store, e.g. with openssl \
                         pkcs12, and set {name}=PEM"
                    ));
                }
            }
            // A PEM keystore holds the chain and the key.
            "ssl.keystore.location" => {
                for ours in ["ssl.certificate.location", "ssl.key.location"] {
                    config.properties.insert(ours.to_owned(), value.clone());
                }
            }
            "ssl.endpoint.identification.algorithm" => {
                let ours = if value.is_empty() { "none".to_owned() } else { value };
                config.properties.insert(name, ours);
            }
            other if LEFT_OUT.contains(&other) => {}
            other => match NAMES.iter().find(|(theirs, _)| *theirs == other) {
                Some((_, ours)) => drop(config.properties.insert((*ours).to_owned(), value)),
                None => return Err(format!("'{other}' is not a client property that is understood here")),
            },
        }
    }
    Ok(config)
}

/// The entries of a file as Java writes it: `name=value`, comments after `#` and `!`, lines that go on after a
/// backslash.
fn entries(text: &str) -> BTreeMap<String, String> {
    let mut entries = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        let mut whole = line.to_owned();
        while goes_on(&whole) {
            whole.pop();
            whole.push_str(lines.next().unwrap_or_default().trim_start());
        }
        let (name, value) = split(&whole);
        entries.insert(unescaped(name), unescaped(value));
    }
    entries
}

fn goes_on(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// The name ends at the first `=`, `:` or blank that is not escaped.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.char_indices().find(|(_, c)| {
        let is_end = !escaped && (matches!(c, '=' | ':') || c.is_whitespace());
        escaped = !escaped && *c == '\\';
        is_end
    });
    let (name, rest) = line.split_at(end.map_or(line.len(), |(at, _)| at));
    let rest = rest.trim_start();
    (name, rest.strip_prefix(['=', ':']).unwrap_or(rest).trim())
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok();
                out.push(code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let config = read(text).expect("understood");
        let found: Vec<_> =
            config.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn kafkas_names_become_librdkafkas() {
        check(
            "# who I am\nsecurity.protocol=SASL_SSL\nsasl.mechanism = SCRAM-SHA-512\nrequest.timeout.ms=5\n\
             sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\\n  \
             username=\"ann\" \\\n  password=\"a=b;c\";\n\
             ssl.truststore.type=PEM\nssl.truststore.location=/tmp/ca.pem\n\
             ssl.endpoint.identification.algorithm=\n",
            &[
                ("sasl.mechanism", "SCRAM-SHA-512"),
                ("sasl.password", "a=b;c"),
                ("sasl.username", "ann"),
                ("security.protocol", "SASL_SSL"),
                ("ssl.ca.location", "/tmp/ca.pem"),
                ("ssl.endpoint.identification.algorithm", "none"),
            ],
        );
        check(
            "ssl.keystore.location: /tmp/me.pem",
            &[("ssl.certificate.location", "/tmp/me.pem"), ("ssl.key.location", "/tmp/me.pem")],
        );
        assert_eq!(read("bootstrap.servers=a:1,b:2").expect("understood").bootstrap_servers, "a:1,b:2");
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let said = |text: &str| read(text).expect_err("refused");
        assert!(said("ssl.truststore.type=JKS").contains("openssl"));
        assert!(said("no.such.key=1").contains("'no.such.key'"));
        assert!(said("sasl.jaas.config=x").contains("sasl.jaas.config"));
    }

    #[test]
    fn escapes_are_javas() {
        let found = entries("a\\ b=c\\u0041\\td\n! no\n\n  e : f = g \nh");
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("a b", "cA\td"), ("e", "f = g"), ("h", "")]);
    }
}
