//! One SASL exchange: PLAIN in one step, SCRAM in two.

use std::collections::BTreeMap;
use std::fmt;

use subtle::ConstantTimeEq as _;

use super::scram::{ClientFirst, ScramCredential, ScramFinal, ScramHash};

/// How a client proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    Plain,
    Scram(ScramHash),
}

impl Mechanism {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "PLAIN" => Some(Self::Plain),
            "SCRAM-SHA-256" => Some(Self::Scram(ScramHash::Sha256)),
            "SCRAM-SHA-512" => Some(Self::Scram(ScramHash::Sha512)),
            _ => None,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "PLAIN",
            Self::Scram(ScramHash::Sha256) => "SCRAM-SHA-256",
            Self::Scram(ScramHash::Sha512) => "SCRAM-SHA-512",
        })
    }
}

/// Where passwords and credentials are looked up.
pub(crate) trait Credentials {
    /// The users of PLAIN and their passwords.
    fn plain(&self) -> Result<BTreeMap<String, String>, String>;
    fn scram(&self, user: &str, hash: ScramHash) -> Option<ScramCredential>;
}

/// An exchange under way.
#[derive(Debug)]
pub(crate) struct Exchange {
    mechanism: Mechanism,
    /// SCRAM after its first message: the user and what checks the proof.
    proof: Option<(String, ScramFinal)>,
}

/// What a client's message led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The client is to answer this.
    Challenge(Vec<u8>),
    /// The client is this user; the last bytes for it.
    Done { user: String, answer: Vec<u8> },
}

impl Exchange {
    pub(crate) fn new(mechanism: Mechanism) -> Self {
        Self { mechanism, proof: None }
    }

    pub(crate) fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The client's next message. An error ends the exchange; it is Kafka's text for the client.
    pub(crate) fn step(
        &mut self,
        message: &[u8],
        credentials: &impl Credentials,
        nonce: impl FnOnce() -> String,
    ) -> Result<Step, String> {
        match self.mechanism {
            Mechanism::Plain => {
                let user = plain(message, &credentials.plain()?)?;
                Ok(Step::Done { user, answer: Vec::new() })
            }
            Mechanism::Scram(hash) => {
                let failed = |_| {
                    format!(
                        "Authentication failed during authentication due to invalid credentials with SASL \
                         mechanism {}",
                        Mechanism::Scram(hash)
                    )
                };
                match self.proof.take() {
                    None => {
                        let first = ClientFirst::parse(message).map_err(failed)?;
                        let known = credentials.scram(&first.user, hash).ok_or("unknown").map_err(failed)?;
                        let (answer, proof) = first.answer(known, &nonce());
                        self.proof = Some((first.user, proof));
                        Ok(Step::Challenge(answer.into_bytes()))
                    }
                    Some((user, proof)) => {
                        let answer = proof.finish(hash, message).map_err(failed)?;
                        Ok(Step::Done { user, answer: answer.into_bytes() })
                    }
                }
            }
        }
    }
}

/// `authzid NUL user NUL password` (RFC 4616).
fn plain(message: &[u8], users: &BTreeMap<String, String>) -> Result<String, String> {
    let text = std::str::from_utf8(message).map_err(|_| "Authentication failed: not UTF-8")?;
    let parts: Vec<&str> = text.split('\0').collect();
    let [authorize, user, password] = parts[..] else {
        return Err(format!("Invalid SASL/PLAIN response: expected 3 tokens, got {}", parts.len()));
    };
    if user.is_empty() {
        return Err("Authentication failed: username not specified".to_owned());
    }
    if password.is_empty() {
        return Err("Authentication failed: password not specified".to_owned());
    }
    let expected = users.get(user);
    // Compared for an unknown user too: the time says nothing about who exists.
    let same = bool::from(expected.map_or("", String::as_str).as_bytes().ct_eq(password.as_bytes()));
    if expected.is_none() || !same {
        return Err("Authentication failed: Invalid username or password".to_owned());
    }
    if !authorize.is_empty() && authorize != user {
        return Err(
            "Authentication failed: Client requested an authorization id that is different from username"
                .to_owned(),
        );
    }
    Ok(user.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Known;

    impl Credentials for Known {
        fn plain(&self) -> Result<BTreeMap<String, String>, String> {
            Ok([("alice".to_owned(), "secret".to_owned())].into())
        }

        fn scram(&self, _: &str, _: ScramHash) -> Option<ScramCredential> {
            None
        }
    }

    #[track_caller]
    fn check(message: &str, expected: Result<&str, &str>) {
        let step = Exchange::new(Mechanism::Plain).step(message.as_bytes(), &Known, String::new);
        match expected {
            Ok(user) => assert_eq!(step, Ok(Step::Done { user: user.to_owned(), answer: Vec::new() })),
            Err(words) => assert!(step.as_ref().is_err_and(|error| error.contains(words)), "{step:?}"),
        }
    }

    #[test]
    fn plain() {
        check("\0alice\0secret", Ok("alice"));
        check("alice\0alice\0secret", Ok("alice"));
        check("bob\0alice\0secret", Err("authorization id"));
        check("\0alice\0secreT", Err("Invalid username or password"));
        check("\0bob\0secret", Err("Invalid username or password"));
        check("\0bob\0", Err("password not specified"));
        check("\0\0secret", Err("username not specified"));
        check("alice secret", Err("expected 3 tokens, got 1"));
    }

    #[test]
    fn an_unknown_scram_user_learns_nothing() {
        let mut exchange = Exchange::new(Mechanism::Scram(ScramHash::Sha512));
        let said = exchange.step(b"n,,n=bob,r=x", &Known, String::new).unwrap_err();
        assert!(said.ends_with("invalid credentials with SASL mechanism SCRAM-SHA-512"), "{said}");
    }
}
