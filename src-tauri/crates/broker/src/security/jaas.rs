//! JAAS configuration as Kafka's properties carry it: a login module, a word, options.

use std::collections::BTreeMap;

/// The users a PLAIN listener knows: `user_NAME="password"` of its login module.
pub(crate) fn plain_users(text: &str) -> Result<BTreeMap<String, String>, String> {
    let (module, options) = parse(text)?;
    if !module.ends_with(".PlainLoginModule") {
        return Err(format!("{module} is not org.apache.kafka.common.security.plain.PlainLoginModule"));
    }
    let users = options.into_iter().filter_map(|(name, value)| {
        let user = name.strip_prefix("user_")?;
        Some((user.to_owned(), value))
    });
    Ok(users.collect())
}

/// Who a client is, by `sasl.jaas.config` of its properties.
#[derive(Clone, PartialEq, Eq)]
pub struct JaasLogin {
    pub username: String,
    pub password: String,
}

/// The user name and password of a PLAIN or SCRAM login module. The error is for people, and holds no secret.
pub fn jaas_login(text: &str) -> Result<JaasLogin, String> {
    let (module, options) = parse(text)?;
    let by_password = [".PlainLoginModule", ".ScramLoginModule"];
    if !by_password.iter().any(|known| module.ends_with(known)) {
        return Err(format!("{module} is not understood here: PlainLoginModule and ScramLoginModule are"));
    }
    let option = |wanted: &str| {
        let found = options.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).ok_or_else(|| format!("{module} has no {wanted}"))
    };
    Ok(JaasLogin { username: option("username")?, password: option("password")? })
}

fn parse(text: &str) -> Result<(String, Vec<(String, String)>), String> {
    let mut tokens = Tokens { rest: text.trim() };
    let module = tokens.word()?;
    let flag = tokens.word()?;
    if !["required", "requisite", "sufficient", "optional"].contains(&flag.to_ascii_lowercase().as_str()) {
        return Err(format!("'{flag}' stands where 'required' belongs"));
    }
    let mut options = Vec::new();
    loop {
        tokens.blank();
        if tokens.rest.is_empty() || tokens.rest == ";" {
            return Ok((module, options));
        }
        let name = tokens.word()?;
        tokens.blank();
        tokens.rest = tokens.rest.strip_prefix('=').ok_or_else(|| format!("'=' is missing after {name}"))?;
        options.push((name, tokens.word()?));
    }
}

struct Tokens<'a> {
    rest: &'a str,
}

impl Tokens<'_> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// A word, or a text in quotes.
    fn word(&mut self) -> Result<String, String> {
        self.blank();
        let mut word = String::new();
        if let Some(quote @ ('"' | '\'')) = self.rest.chars().next() {
            let mut chars = self.rest.char_indices().skip(1);
            while let Some((at, c)) = chars.next() {
                match c {
                    '\\' => word.extend(chars.next().map(|(_, c)| c)),
                    c if c == quote => {
                        self.rest = &self.rest[at + 1..];
                        return Ok(word);
                    }
                    c => word.push(c),
                }
            }
            return Err("a quote is not closed".to_owned());
        }
        let end =
            self.rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | ';')).unwrap_or(self.rest.len());
        if end == 0 {
            return Err("a word is missing".to_owned());
        }
        word.push_str(&self.rest[..end]);
        self.rest = &self.rest[end..];
        Ok(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_whatever_is_in_their_passwords() {
        let text = "org.apache.kafka.common.security.plain.PlainLoginModule required\n username=\"a\" \
                    password='b;' user_alice=\"x=\\\"y\\\";\" user_bob=plain;";
        let users = plain_users(text).unwrap();
        assert_eq!(users.len(), 2);
        assert_eq!(users["alice"], "x=\"y\";");
        assert_eq!(users["bob"], "plain");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for text in ["", "x.PlainLoginModule", "x.PlainLoginModule maybe;", "x.PlainLoginModule required a;"]
        {
            assert!(plain_users(text).is_err(), "{text}");
        }
        assert!(plain_users("x.ScramLoginModule required;").unwrap_err().contains("PlainLoginModule"));
        assert!(plain_users("x.PlainLoginModule required user_a=\"b").is_err());
    }
}
