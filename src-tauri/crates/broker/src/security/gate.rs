//! What a connection must pass before its requests are handled: SASL's handshake and exchange (KIP-43,
//! KIP-152), and again when a session's time is over (KIP-368).

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::BytesMut;
use tracing::info;
use wire::codec::Writer;
use wire::frame::FrameError;
use wire::messages::sasl_authenticate::{SaslAuthenticateRequest, SaslAuthenticateResponse};
use wire::messages::sasl_handshake::{SaslHandshakeRequest, SaslHandshakeResponse};
use wire::{ApiKey, ErrorCode, RequestHeader};

use super::jaas;
use super::listener::Entrance;
use super::principal::Principal;
use super::sasl::{Credentials, Exchange, Mechanism, Step};
use super::scram::{ScramCredential, ScramHash};
use crate::Broker;
use crate::configs::{Settings, list};

/// Where a connection stands.
pub(crate) struct Gate {
    state: State,
    /// The mechanism and user of the session: renewing it may change neither.
    session: Option<(Mechanism, Principal)>,
    /// Milliseconds since the epoch.
    session_ends_ms: Option<i64>,
}

enum State {
    /// ApiVersions and SaslHandshake are answered.
    Handshake,
    /// `raw`: messages come without a request around them, as after SaslHandshake version 0.
    Exchange {
        exchange: Exchange,
        raw: bool,
    },
    Open,
}

/// What becomes of a frame.
pub(crate) enum Pass {
    /// A request for its handler.
    Request(BytesMut),
    Answer(Writer),
    /// The client is this from now on.
    Welcome(Principal, Writer),
}

/// Why the connection ends.
pub(crate) struct Refusal {
    /// What the client is still told.
    pub(crate) answer: Option<Writer>,
    pub(crate) reason: String,
    /// Authentication failed, as against a request out of turn: the answer comes late.
    pub(crate) delayed: bool,
}

impl From<FrameError> for Refusal {
    fn from(error: FrameError) -> Self {
        Self { answer: None, reason: error.to_string(), delayed: false }
    }
}

/// The answer to a handshake that nobody waits for.
pub(crate) fn illegal_state() -> SaslHandshakeResponse {
    SaslHandshakeResponse { error_code: ErrorCode::IllegalSaslState.into(), mechanisms: Vec::new() }
}

fn out_of_turn(answer: Option<Writer>, reason: String) -> Refusal {
    Refusal { answer, reason, delayed: false }
}

impl Gate {
    pub(crate) fn new(entrance: &Entrance) -> Self {
        let state = if entrance.protocol.has_sasl() { State::Handshake } else { State::Open };
        Self { state, session: None, session_ends_ms: None }
    }

    /// Whether requests go through as they are: nothing to look at.
    pub(crate) fn is_wide_open(&self) -> bool {
        matches!(self.state, State::Open) && self.session_ends_ms.is_none()
    }

    /// Whether the client has shown who it is, or need not.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Whether the next frame is a mechanism's own message, which may be of any length.
    pub(crate) fn is_raw(&self) -> bool {
        matches!(self.state, State::Exchange { raw: true, .. })
    }

    /// Looks at a frame.
    pub(crate) fn admit(
        &mut self,
        broker: &Broker,
        entrance: &Entrance,
        frame: BytesMut,
    ) -> Result<Pass, Refusal> {
        if let State::Exchange { raw: true, .. } = self.state {
            return self.raw_message(broker, entrance, &frame);
        }
        let header = RequestHeader::read(&frame)?;
        match (&self.state, header.api) {
            (State::Open, ApiKey::SaslHandshake) if self.session_ends_ms.is_some() => {
                self.handshake(broker, entrance, &header, &frame)
            }
            (State::Open, _) => match self.session_ends_ms {
                Some(ends) if broker.now_ms() >= ends => {
                    Err(out_of_turn(None, "the session is over and was not renewed".to_owned()))
                }
                _ => Ok(Pass::Request(frame)),
            },
            (State::Handshake, ApiKey::ApiVersions) => Ok(Pass::Request(frame)),
            (State::Handshake, ApiKey::SaslHandshake) => self.handshake(broker, entrance, &header, &frame),
            (State::Handshake, other) => {
                Err(out_of_turn(None, format!("unexpected {other} request during the SASL handshake")))
            }
            (State::Exchange { .. }, ApiKey::SaslAuthenticate) => {
                self.message(broker, entrance, &header, &frame)
            }
            (State::Exchange { .. }, other) => {
                let answer = (other == ApiKey::SaslHandshake).then(|| header.response(&illegal_state()));
                Err(out_of_turn(answer, format!("{other} request in the middle of SASL authentication")))
            }
        }
    }

    fn handshake(
        &mut self,
        broker: &Broker,
        entrance: &Entrance,
        header: &RequestHeader,
        frame: &[u8],
    ) -> Result<Pass, Refusal> {
        let request: SaslHandshakeRequest = header.read_body(frame)?;
        let settings = broker.settings();
        let enabled = enabled(&settings, entrance);
        let mechanism = Mechanism::parse(&request.mechanism).filter(|_| enabled.contains(&request.mechanism));
        let Some(mechanism) = mechanism else {
            let answer = SaslHandshakeResponse {
                error_code: ErrorCode::UnsupportedSaslMechanism.into(),
                mechanisms: enabled,
            };
            let reason = format!("SASL mechanism {} is not enabled", request.mechanism);
            return Err(out_of_turn(Some(header.response(&answer)), reason));
        };
        if self.session.as_ref().is_some_and(|(known, _)| *known != mechanism) {
            return Err(out_of_turn(None, "the mechanism cannot change with a renewed session".to_owned()));
        }
        self.state = State::Exchange { exchange: Exchange::new(mechanism), raw: header.version == 0 };
        let answer = SaslHandshakeResponse { error_code: 0, mechanisms: enabled };
        Ok(Pass::Answer(header.response(&answer)))
    }

    fn message(
        &mut self,
        broker: &Broker,
        entrance: &Entrance,
        header: &RequestHeader,
        frame: &[u8],
    ) -> Result<Pass, Refusal> {
        let request: SaslAuthenticateRequest = header.read_body(frame)?;
        match self.step(broker, entrance, &request.auth_bytes) {
            Ok((user, auth_bytes, session_lifetime_ms)) => {
                let answer = header.response(&SaslAuthenticateResponse {
                    auth_bytes: auth_bytes.into(),
                    session_lifetime_ms,
                    ..Default::default()
                });
                Ok(match user {
                    Some(user) => Pass::Welcome(user, answer),
                    None => Pass::Answer(answer),
                })
            }
            Err(reason) => {
                let answer = header.response(&SaslAuthenticateResponse {
                    error_code: ErrorCode::SaslAuthenticationFailed.into(),
                    error_message: Some(reason.clone()),
                    ..Default::default()
                });
                Err(Refusal { answer: Some(answer), reason, delayed: true })
            }
        }
    }

    fn raw_message(&mut self, broker: &Broker, entrance: &Entrance, message: &[u8]) -> Result<Pass, Refusal> {
        let failed = |reason| Refusal { answer: None, reason, delayed: true };
        let (user, bytes, _) = self.step(broker, entrance, message).map_err(failed)?;
        let mut answer = Writer::with_capacity(4 + bytes.len());
        answer.put(&(bytes.len() as u32).to_be_bytes());
        answer.put(&bytes);
        Ok(match user {
            Some(user) => Pass::Welcome(user, answer),
            None => Pass::Answer(answer),
        })
    }

    /// A mechanism's message: who the client is, if that is known now, the bytes for it, and how long it holds.
    fn step(
        &mut self,
        broker: &Broker,
        entrance: &Entrance,
        message: &[u8],
    ) -> Result<(Option<Principal>, Vec<u8>, i64), String> {
        let State::Exchange { exchange, .. } = &mut self.state else {
            return Err("no exchange is under way".to_owned());
        };
        let mechanism = exchange.mechanism();
        let settings = broker.settings();
        let known = Known { broker, entrance, settings: &settings };
        let nonce = || format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        let (user, answer) = match exchange.step(message, &known, nonce)? {
            Step::Challenge(answer) => return Ok((None, answer, 0)),
            Step::Done { user, answer } => (user, answer),
        };
        let user = match &entrance.internal {
            Some(_) => Principal::internal(&user),
            None => Principal::user(&user),
        };
        if let Some((_, before)) = &self.session
            && *before != user
        {
            return Err(format!("Cannot change principals during re-authentication from {before} to {user}"));
        }
        let name = mechanism.to_string().to_ascii_lowercase();
        let lifetime_ms = settings
            .of_listener(&entrance.prefix, Some(&name), "connections.max.reauth.ms")
            .trim()
            .parse()
            .unwrap_or(0i64);
        self.session_ends_ms = (lifetime_ms > 0).then(|| broker.now_ms().saturating_add(lifetime_ms));
        self.session = Some((mechanism, user.clone()));
        self.state = State::Open;
        info!(listener = %entrance.name, %user, %mechanism, "authenticated");
        Ok((Some(user), answer, lifetime_ms.max(0)))
    }
}

/// The mechanisms a client may choose from.
fn enabled(settings: &Settings, entrance: &Entrance) -> Vec<String> {
    if entrance.internal.is_some() {
        return vec![Mechanism::Plain.to_string()];
    }
    let named = settings.of_listener(&entrance.prefix, None, "sasl.enabled.mechanisms");
    list(named).map(str::to_owned).collect()
}

struct Known<'a> {
    broker: &'a Broker,
    entrance: &'a Entrance,
    settings: &'a Arc<Settings>,
}

impl Credentials for Known<'_> {
    fn plain(&self) -> Result<BTreeMap<String, String>, String> {
        if let Some(user) = &self.entrance.internal {
            return Ok([(user.name.clone(), user.password.clone())].into());
        }
        let mut users = self.broker.security().users().clone();
        let jaas = self.settings.of_listener(&self.entrance.prefix, Some("plain"), "sasl.jaas.config");
        if !jaas.is_empty() {
            users.extend(jaas::plain_users(jaas)?);
        }
        Ok(users)
    }

    fn scram(&self, user: &str, hash: ScramHash) -> Option<ScramCredential> {
        self.broker.security().scram_credential(user, hash)
    }
}
