//! SCRAM's server side (RFC 5802, RFC 7677) as a function of what the client said; the nonce is an argument.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

/// The fewest and the most iterations Kafka takes.
pub(crate) const ITERATIONS_MIN: u32 = 4096;
pub(crate) const ITERATIONS_MAX: u32 = 16384;

/// Kafka's refusal, the same for an unknown user and a wrong password.
const INVALID: &str = "Invalid user credentials";

/// The hash of a mechanism; the numbers are those of DescribeUserScramCredentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(i8)]
pub(crate) enum ScramHash {
    #[serde(rename = "SCRAM-SHA-256")]
    Sha256 = 1,
    #[serde(rename = "SCRAM-SHA-512")]
    Sha512 = 2,
}

impl ScramHash {
    pub(crate) fn from_number(number: i8) -> Option<Self> {
        match number {
            1 => Some(Self::Sha256),
            2 => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(crate) fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        macro_rules! mac {
            ($hash:ty) => {{
                // A key of any length is taken.
                let Ok(mut mac) = Hmac::<$hash>::new_from_slice(key) else { return Vec::new() };
                for part in parts {
                    mac.update(part);
                }
                mac.finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Self::Sha256 => mac!(Sha256),
            Self::Sha512 => mac!(Sha512),
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// `Hi` of RFC 5802: PBKDF2 for one block.
    pub(crate) fn salted_password(self, password: &str, salt: &[u8], iterations: u32) -> Vec<u8> {
        let mut last = self.hmac(password.as_bytes(), &[salt, &1u32.to_be_bytes()]);
        let mut salted = last.clone();
        for _ in 1..iterations {
            last = self.hmac(password.as_bytes(), &[&last]);
            salted.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        salted
    }
}

/// What the server keeps of a password: enough to check it, too little to use it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScramCredential {
    #[serde(with = "in_base64")]
    pub(crate) salt: Vec<u8>,
    #[serde(with = "in_base64")]
    pub(crate) stored_key: Vec<u8>,
    #[serde(with = "in_base64")]
    pub(crate) server_key: Vec<u8>,
    pub(crate) iterations: u32,
}

impl std::fmt::Debug for ScramCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ScramCredential({} iterations)", self.iterations)
    }
}

impl ScramCredential {
    pub(crate) fn new(hash: ScramHash, salt: Vec<u8>, salted_password: &[u8], iterations: u32) -> Self {
        let client_key = hash.hmac(salted_password, &[b"Client Key"]);
        Self {
            salt,
            stored_key: hash.digest(&client_key),
            server_key: hash.hmac(salted_password, &[b"Server Key"]),
            iterations,
        }
    }
}

mod in_base64 {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// The first message of a client, understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClientFirst {
    pub(crate) user: String,
    nonce: String,
    bare: String,
}

impl ClientFirst {
    /// `n,[a=authzid],n=user,r=nonce[,extensions]`
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        const MALFORMED: &str = "Invalid SCRAM client first message format";
        let text = std::str::from_utf8(bytes).map_err(|_| MALFORMED)?;
        let (channel, rest) = text.split_once(',').ok_or(MALFORMED)?;
        if !matches!(channel, "n" | "y") {
            return Err(MALFORMED);
        }
        let (authorize, bare) = rest.split_once(',').ok_or(MALFORMED)?;
        let mut fields = bare.split(',');
        let user = fields.next().and_then(|field| field.strip_prefix("n=")).ok_or(MALFORMED)?;
        let nonce = fields.next().and_then(|field| field.strip_prefix("r=")).ok_or(MALFORMED)?;
        if nonce.is_empty() || fields.clone().any(|field| field.starts_with("m=")) {
            return Err(MALFORMED);
        }
        if fields.any(|field| field.eq_ignore_ascii_case("tokenauth=true")) {
            return Err("Delegation tokens are not served");
        }
        let user = user.replace("=2C", ",").replace("=3D", "=");
        match authorize.strip_prefix("a=") {
            None if authorize.is_empty() => {}
            Some(other) if other == user => {}
            Some(_) => return Err("Client requested an authorization id that is different from username"),
            None => return Err(MALFORMED),
        }
        Ok(Self { user, nonce: nonce.to_owned(), bare: bare.to_owned() })
    }

    /// The answer, and what is needed to check the client's next message.
    pub(crate) fn answer(&self, credential: ScramCredential, server_nonce: &str) -> (String, ScramFinal) {
        let nonce = format!("{}{server_nonce}", self.nonce);
        let salt = STANDARD.encode(&credential.salt);
        let first = format!("r={nonce},s={salt},i={}", credential.iterations);
        let said = format!("{},{first}", self.bare);
        (first, ScramFinal { nonce, said, credential })
    }
}

/// An exchange after the server's first message.
#[derive(Debug)]
pub(crate) struct ScramFinal {
    nonce: String,
    /// Both sides' first messages, which the proof covers.
    said: String,
    credential: ScramCredential,
}

impl ScramFinal {
    /// Checks `c=…,r=nonce,p=proof` and answers with the server's own proof.
    pub(crate) fn finish(&self, hash: ScramHash, bytes: &[u8]) -> Result<String, &'static str> {
        const MALFORMED: &str = "Invalid SCRAM client final message format";
        let text = std::str::from_utf8(bytes).map_err(|_| MALFORMED)?;
        let (without_proof, proof) = text.rsplit_once(",p=").ok_or(MALFORMED)?;
        let mut fields = without_proof.split(',');
        let channel = fields.next().and_then(|field| field.strip_prefix("c=")).ok_or(MALFORMED)?;
        let channel = STANDARD.decode(channel).map_err(|_| MALFORMED)?;
        if !(channel.starts_with(b"n,") || channel.starts_with(b"y,")) {
            return Err(MALFORMED);
        }
        let nonce = fields.next().and_then(|field| field.strip_prefix("r=")).ok_or(MALFORMED)?;
        if nonce != self.nonce {
            return Err("Invalid client nonce in the final client message.");
        }
        let proof = STANDARD.decode(proof).map_err(|_| MALFORMED)?;
        let message = format!("{},{without_proof}", self.said);
        let signature = hash.hmac(&self.credential.stored_key, &[message.as_bytes()]);
        if proof.len() != signature.len() {
            return Err(INVALID);
        }
        let client_key: Vec<u8> = proof.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        if !bool::from(hash.digest(&client_key).ct_eq(&self.credential.stored_key)) {
            return Err(INVALID);
        }
        let server = hash.hmac(&self.credential.server_key, &[message.as_bytes()]);
        Ok(format!("v={}", STANDARD.encode(server)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677, section 3.
    #[test]
    fn the_example_of_the_rfc() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let salted = ScramHash::Sha256.salted_password("pencil", &salt, 4096);
        let credential = ScramCredential::new(ScramHash::Sha256, salt, &salted, 4096);
        let first = ClientFirst::parse(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO").unwrap();
        assert_eq!(first.user, "user");
        let (answer, exchange) = first.answer(credential, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
        assert_eq!(
            answer,
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        );
        let last = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                    p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        let finish = |text: &str| exchange.finish(ScramHash::Sha256, text.as_bytes());
        assert_eq!(finish(last).unwrap(), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assert_eq!(finish(&last.replace("p=dH", "p=eH")), Err(INVALID));
        assert_eq!(finish(&last.replace("p=dHzb", "p=")), Err(INVALID));
        assert!(finish(&last.replace("%hv", "%hx")).is_err());
        assert!(finish("c=biws").is_err());
    }

    #[test]
    fn first_messages() {
        let user = |text: &str| ClientFirst::parse(text.as_bytes()).map(|first| first.user);
        assert_eq!(user("n,,n=a=2Cb=3Dc,r=x").unwrap(), "a,b=c");
        assert_eq!(user("n,a=me,n=me,r=x,tokenauth=false").unwrap(), "me");
        assert!(user("n,a=other,n=me,r=x").is_err());
        assert!(user("n,,n=me,r=x,tokenauth=true").is_err());
        assert!(user("p=tls-unique,,n=me,r=x").is_err());
        assert!(user("n,,n=me,r=").is_err());
        assert!(user("").is_err());
    }
}
