//! Where the broker listens, and whether others may connect there unasked.

use api::cluster::LOCAL;
use broker::listener::{Endpoint, SecurityProtocol, endpoints};

use crate::config::Config;
use crate::error::StartError;

/// What is to be bound, and what to tell about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListenPlan {
    /// At least one.
    pub(crate) kafka: Vec<Endpoint>,
    /// The control center comes in by a listener and a user of its own: where clients must say who they are, it
    /// must too.
    pub(crate) internal: bool,
    /// What is open to others, for the log and the window.
    pub(crate) warnings: Vec<String>,
}

impl ListenPlan {
    pub(crate) fn new(config: &Config) -> Result<Self, StartError> {
        let mut kafka = endpoints(&config.broker)?;
        if kafka.is_empty() {
            kafka.push(Endpoint {
                name: "PLAINTEXT".to_owned(),
                host: config.host.clone(),
                port: config.kafka_port,
                protocol: SecurityProtocol::Plaintext,
                authenticated: false,
            });
        }
        let has_rules =
            config.broker.get("authorizer.class.name").is_some_and(|name| !name.trim().is_empty());
        let internal = has_rules || !kafka.iter().any(is_private);
        let shown = |host: &str| if host.is_empty() { "every address".to_owned() } else { host.to_owned() };
        let mut open: Vec<String> = kafka
            .iter()
            .filter(|listener| !listener.is_loopback() && !listener.authenticated)
            .map(|listener| format!("The broker's listener {} on {}", listener.name, shown(&listener.host)))
            .collect();
        // The registry and the API have no users.
        let rest = Endpoint { host: config.host.clone(), ..kafka[0].clone() };
        if !rest.is_loopback() {
            open.push(format!("The registry and the API on {}", shown(&config.host)));
        }
        if !open.is_empty() && !config.allow_insecure {
            return Err(StartError::Insecure { what: open.join(", and ").replace(", and The", ", and the") });
        }
        let warnings = open
            .into_iter()
            .map(|what| format!("{what} can be reached by others, who need not say who they are."))
            .collect();
        Ok(Self { kafka, internal, warnings })
    }

    /// The listener the control center uses where it needs none of its own.
    pub(crate) fn private(&self) -> usize {
        self.kafka.iter().position(is_private).unwrap_or(0)
    }
}

/// Whether only programs of this computer come in, and without a password.
fn is_private(listener: &Endpoint) -> bool {
    // A wildcard address is reached by loopback too.
    let here = listener.is_loopback()
        || listener.host.is_empty()
        || listener.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_unspecified());
    listener.protocol == SecurityProtocol::Plaintext && here
}

/// The user of the control center, for this run alone.
pub(crate) fn internal_user() -> broker::listener::InternalUser {
    let secret = || uuid::Uuid::new_v4().simple().to_string();
    broker::listener::InternalUser { name: format!("pumphouse-{LOCAL}"), password: secret() + &secret() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    fn plan(listeners: Option<&str>, host: Option<&str>, insecure: bool) -> Result<ListenPlan, StartError> {
        let dir = testkit::TempDir::new();
        let flags = Flags {
            data_dir: Some(dir.path().to_path_buf()),
            host: host.map(str::to_owned),
            listeners: listeners.map(str::to_owned),
            insecure_listen: insecure,
            ..Flags::default()
        };
        ListenPlan::new(&Config::load(flags).expect("a configuration"))
    }

    #[test]
    fn loopback_is_private_and_others_are_asked_who_they_are() {
        let quiet = plan(None, None, false).expect("the default");
        assert_eq!((quiet.kafka.len(), quiet.internal, quiet.warnings.len()), (1, false, 0));
        let beside = plan(Some("PLAINTEXT://127.0.0.1:0,SASL_SSL://0.0.0.0:0"), None, false).expect("both");
        assert_eq!((beside.kafka.len(), beside.internal, beside.private()), (2, false, 0));
        let alone = plan(Some("SASL_SSL://0.0.0.0:0"), None, false).expect("it is asked for");
        assert!(alone.internal);
    }

    #[test]
    fn open_doors_need_to_be_wanted() {
        for (listeners, host) in
            [(None, Some("0.0.0.0")), (Some("PLAINTEXT://0.0.0.0:0"), None), (Some("SSL://:0"), None)]
        {
            let said = plan(listeners, host, false).expect_err("refused").to_string();
            assert!(said.contains("--insecure-listen") && said.contains("allow_insecure"), "{said}");
            assert!(!plan(listeners, host, true).expect("wanted").warnings.is_empty());
        }
    }
}
