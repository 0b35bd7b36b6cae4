//! The listeners that are served, for those who ask where clients come in.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::configs::Settings;
use crate::security::listener::Entrance;
use crate::security::tls;

/// The listeners that are served.
#[derive(Debug, Default)]
pub(crate) struct Listening(Mutex<Vec<(SocketAddr, Arc<Entrance>)>>);

impl Listening {
    pub(crate) fn begin(&self, address: SocketAddr, entrance: Arc<Entrance>) {
        self.0.lock().push((address, entrance));
    }

    pub(crate) fn end(&self, address: SocketAddr) {
        self.0.lock().retain(|(known, _)| *known != address);
    }

    /// As `listeners` has them; the control center's own is nobody else's business.
    pub(crate) fn addresses(&self) -> String {
        let open = self.0.lock();
        let told = open.iter().filter(|(_, entrance)| entrance.internal.is_none());
        told.map(|(address, entrance)| format!("{}://{address}", entrance.name)).collect::<Vec<_>>().join(",")
    }

    /// Refuses changed settings that a listener's TLS could not be served with.
    pub(crate) fn check(&self, before: &Settings, after: &Arc<Settings>) -> Result<(), String> {
        for (_, entrance) in self.0.lock().iter().filter(|(_, entrance)| entrance.protocol.has_tls()) {
            if tls::differs(&entrance.prefix, before, after) {
                tls::check(&entrance.prefix, Arc::clone(after))
                    .map_err(|error| format!("listener {}: {error}", entrance.name))?;
            }
        }
        Ok(())
    }
}
