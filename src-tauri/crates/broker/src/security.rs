//! Who may connect and what they may do: listeners, TLS, SASL, access control lists, quotas.
//!
//! The decisions are values of values: mechanisms, rules and rates never touch a socket or a clock. `server`
//! asks them for every connection, `handlers` for every request, and neither does where nothing is configured.

pub(crate) mod acl;
mod authorizer;
pub(crate) mod gate;
mod guard;
mod jaas;
pub mod listener;
mod mapping;
mod principal;
pub(crate) mod quota;
pub(crate) mod quotas;
mod rate;
pub(crate) mod sasl;
pub(crate) mod scram;
pub(crate) mod store;
pub(crate) mod telemetry;
pub(crate) mod tls;

pub(crate) use guard::Security;
pub(crate) use principal::Principal;
