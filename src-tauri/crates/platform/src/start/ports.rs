//! The three listeners, bound before any service starts.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::holder::who_listens;
use super::listen::ListenPlan;
use crate::config::Config;
use crate::error::StartError;

pub(crate) struct Listeners {
    /// By their names, in the order they were given.
    pub(crate) kafka: Vec<(String, TcpListener)>,
    /// The control center's own.
    pub(crate) internal: Option<TcpListener>,
    pub(crate) registry: TcpListener,
    pub(crate) api: TcpListener,
}

impl Listeners {
    pub(crate) async fn bind(config: &Config, plan: &ListenPlan) -> Result<Self, StartError> {
        let host = &config.host;
        let mut kafka = Vec::new();
        let flag = if config.broker.contains_key("listeners") { "--listeners" } else { "--kafka-port" };
        for listener in &plan.kafka {
            let host = if listener.host.is_empty() { "0.0.0.0" } else { &listener.host };
            kafka.push((listener.name.clone(), bind(host, listener.port, flag).await?));
        }
        let internal = if plan.internal { Some(bind("127.0.0.1", 0, flag).await?) } else { None };
        Ok(Self {
            kafka,
            internal,
            registry: bind(host, config.registry_port, "--registry-port").await?,
            api: bind(host, config.api_port, "--api-port").await?,
        })
    }
}

/// Binds one port; a taken one is an error that says who holds it.
pub(crate) async fn bind(host: &str, port: u16, flag: &'static str) -> Result<TcpListener, StartError> {
    match TcpListener::bind((host, port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(StartError::PortTaken {
            host: host.to_owned(),
            port,
            holder: who_listens(port).unwrap_or_else(|| "another program".to_owned()),
            flag,
        }),
        Err(reason) => Err(StartError::Listen { host: host.to_owned(), port, flag, reason }),
    }
}

/// What a client is told to connect to: a wildcard address is reached by loopback here.
pub(crate) fn reachable(bound: SocketAddr) -> SocketAddr {
    match bound {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (std::net::Ipv6Addr::LOCALHOST, v6.port()).into(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_names_its_holder_and_the_flag() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = taken.local_addr().expect("an address").port();
        let said = bind("127.0.0.1", port, "--api-port").await.expect_err("taken").to_string();
        assert!(said.contains(&port.to_string()) && said.contains("--api-port"), "{said}");
        #[cfg(target_os = "linux")]
        assert!(said.contains(&std::process::id().to_string()), "{said}");
    }
}
