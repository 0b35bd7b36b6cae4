//! A listener made ready: how it is spoken to, with which certificates.

use std::sync::Arc;

use crate::Broker;
use crate::config::OpenError;
use crate::security::listener::{Entrance, Listener};
use crate::security::tls::TlsSource;

/// What the connections of a listener come through.
#[derive(Clone)]
pub(crate) struct Door {
    pub(super) entrance: Arc<Entrance>,
    pub(super) tls: Option<Arc<TlsSource>>,
}

impl Door {
    pub(crate) fn open(listener: &Listener, broker: &Broker) -> Result<Self, OpenError> {
        let name = &listener.name;
        let refused = |error: String| OpenError::Security(format!("listener {name}: {error}"));
        let settings = broker.settings();
        let entrance = Entrance::new(name, listener.internal.clone(), &settings)
            .map_err(|error| refused(error.to_string()))?;
        let tls = if entrance.protocol.has_tls() {
            let source = TlsSource::open(&entrance.prefix, settings);
            Some(Arc::new(source.map_err(|error| refused(error.to_string()))?))
        } else {
            None
        };
        Ok(Self { entrance: Arc::new(entrance), tls })
    }
}
