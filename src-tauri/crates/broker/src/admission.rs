//! Whether a new connection may come in: how many there are, and how fast new ones come (KIP-612).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::Broker;
use crate::configs::list;
use crate::seats::{Seat, SeatLimits};
use crate::security::listener::Entrance;

/// What becomes of a new connection.
pub(crate) enum Admission {
    Welcome(Seat),
    /// Its address has too many.
    TooMany,
    /// Its address connects too often: it is held so long, then closed.
    TooSoon(Seat, Duration),
}

impl Broker {
    /// Decides on a connection, whose listener takes no other meanwhile: it waits until the rate of new ones is
    /// within its bounds and until there is room. The control center's own waits for nothing.
    pub(crate) async fn admit(&self, entrance: &Entrance, ip: IpAddr) -> Admission {
        let listener = entrance.prefix.as_str();
        let is_internal = entrance.internal.is_some();
        let mut rates = [0.0; 2];
        if !is_internal {
            rates = self.connection_rates(listener);
            let wait_ms = self.security().quotas().connecting(listener, rates, self.now_ms());
            if wait_ms > 0 {
                tokio::time::sleep(ms(wait_ms)).await;
            }
        }
        let limits = || self.seat_limits(listener, is_internal, ip);
        let Some(seat) = self.seats().wait(&Arc::from(listener), ip, limits).await else {
            return Admission::TooMany;
        };
        let quotas = self.security().quotas();
        if is_internal || !quotas.is_active() {
            return Admission::Welcome(seat);
        }
        let now_ms = self.now_ms();
        match quotas.connected(ip, now_ms) {
            0 => Admission::Welcome(seat),
            wait_ms => {
                quotas.not_connected(listener, rates, now_ms);
                Admission::TooSoon(seat, ms(wait_ms))
            }
        }
    }

    /// New connections per second: the broker's, and a listener's.
    fn connection_rates(&self, listener: &str) -> [f64; 2] {
        const KEY: &str = "max.connection.creation.rate";
        let settings = self.settings();
        let of_listener = settings.of_listener(listener, None, KEY).trim().parse::<u32>();
        [settings.number(KEY) as f64, of_listener.map_or(f64::MAX, f64::from)]
    }

    fn seat_limits(&self, listener: &str, is_internal: bool, ip: IpAddr) -> SeatLimits {
        if is_internal {
            return SeatLimits { all: u64::MAX, of_listener: u64::MAX, of_ip: u64::MAX };
        }
        let settings = self.settings();
        let number = |key| u64::try_from(settings.number(key)).unwrap_or(0);
        let overridden = list(settings.text("max.connections.per.ip.overrides")).find_map(|entry| {
            let (address, count) = entry.rsplit_once(':')?;
            (address.parse() == Ok(ip)).then(|| count.trim().parse().ok())?
        });
        let of_ip = overridden.unwrap_or_else(|| number("max.connections.per.ip"));
        let of_listener = settings.of_listener(listener, None, "max.connections").trim().parse();
        SeatLimits { all: number("max.connections"), of_listener: of_listener.unwrap_or(u64::MAX), of_ip }
    }
}

fn ms(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
