//! `ssl.principal.mapping.rules`: from a certificate's distinguished name to a user's name.

use regex_lite::Regex;

/// One rule.
#[derive(Debug, Clone)]
enum Rule {
    /// The name as it is.
    Default,
    Rewrite {
        pattern: Regex,
        replacement: String,
        case: Case,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Kept,
    Lower,
    Upper,
}

/// Rules in the order they are tried.
#[derive(Debug, Clone)]
pub(crate) struct MappingRules(Vec<Rule>);

impl MappingRules {
    /// `DEFAULT` and `RULE:pattern/replacement/[LU]`, separated by commas. Empty is `DEFAULT`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut rules = Vec::new();
        let mut rest = text;
        loop {
            rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
            if rest.is_empty() {
                break;
            }
            if let Some(after) = rest.strip_prefix("DEFAULT") {
                rules.push(Rule::Default);
                rest = after;
                continue;
            }
            let body = rest.strip_prefix("RULE:").ok_or_else(|| format!("'{rest}' is no rule"))?;
            let (pattern, body) = part(body).ok_or_else(|| format!("'{rest}' lacks a '/'"))?;
            let (replacement, body) = part(body).ok_or_else(|| format!("'{rest}' lacks its last '/'"))?;
            let (case, after) = match body.chars().next() {
                Some('L') => (Case::Lower, &body[1..]),
                Some('U') => (Case::Upper, &body[1..]),
                _ => (Case::Kept, body),
            };
            let pattern = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| error.to_string())?;
            rules.push(Rule::Rewrite { pattern, replacement: braced(&replacement), case });
            rest = after;
        }
        if rules.is_empty() {
            rules.push(Rule::Default);
        }
        Ok(Self(rules))
    }

    /// The user's name; none if no rule fits, then the connection is refused.
    pub(crate) fn apply(&self, name: &str) -> Option<String> {
        self.0.iter().find_map(|rule| match rule {
            Rule::Default => Some(name.to_owned()),
            Rule::Rewrite { pattern, replacement, case } => {
                let found = pattern.captures(name)?;
                let mut mapped = String::new();
                found.expand(replacement, &mut mapped);
                Some(match case {
                    Case::Kept => mapped,
                    Case::Lower => mapped.to_lowercase(),
                    Case::Upper => mapped.to_uppercase(),
                })
            }
        })
    }
}

/// Up to the next '/' that no backslash stands before, and what follows it.
fn part(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '/' => return Some((text[..at].replace("\\/", "/"), &text[at + 1..])),
            _ => {}
        }
    }
    None
}

/// `$1x` is group 1 and an x to Java, a group named `1x` to Rust.
fn braced(replacement: &str) -> String {
    let mut out = String::new();
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '$' && chars.peek().is_some_and(char::is_ascii_digit) {
            out.push('{');
            out.extend(chars.next());
            out.push('}');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rules: &str, name: &str, expected: Option<&str>) {
        assert_eq!(MappingRules::parse(rules).unwrap().apply(name).as_deref(), expected, "{rules}");
    }

    #[test]
    fn names_are_mapped_by_the_first_rule_that_fits() {
        let name = "CN=Duke,OU=ServiceUsers,O=Org,C=US";
        check("", name, Some(name));
        check("DEFAULT", name, Some(name));
        check("RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/", name, Some("Duke"));
        check("RULE:^CN=(.*?),OU=(.*?),.*$/$1_x@$2/L, DEFAULT", name, Some("duke_x@serviceusers"));
        check("RULE:^cn=(.*)$/$1/,RULE:^CN=(\\w+).*$/$1/U", name, Some("DUKE"));
        check("RULE:^OU=(.*)$/$1/", name, None);
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for rules in ["duke", "RULE:a", "RULE:a/b", "RULE:(/b/"] {
            assert!(MappingRules::parse(rules).is_err(), "{rules}");
        }
    }
}
