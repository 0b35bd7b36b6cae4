//! How many connections there are: in all, by listener and by address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Connections counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Arc<Room>);

#[derive(Debug, Default)]
struct Room {
    taken: Mutex<Taken>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    all: u64,
    by_listener: HashMap<Arc<str>, u64>,
    by_ip: HashMap<IpAddr, u64>,
}

/// How many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeatLimits {
    pub(crate) all: u64,
    pub(crate) of_listener: u64,
    pub(crate) of_ip: u64,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The broker or the listener: who comes waits until another goes.
    ForAll,
    /// Too many from this address.
    ForAddress,
}

/// Room for one connection, given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    listener: Arc<str>,
    ip: IpAddr,
}

impl Seats {
    pub(crate) fn take(&self, listener: &Arc<str>, ip: IpAddr, limits: SeatLimits) -> Result<Seat, Full> {
        let mut taken = self.0.taken.lock();
        let of_listener = taken.by_listener.get(listener).copied().unwrap_or(0);
        if taken.all >= limits.all || of_listener >= limits.of_listener {
            return Err(Full::ForAll);
        }
        let of_ip = taken.by_ip.get(&ip).copied().unwrap_or(0);
        if of_ip >= limits.of_ip {
            return Err(Full::ForAddress);
        }
        taken.all += 1;
        taken.by_listener.insert(Arc::clone(listener), of_listener + 1);
        taken.by_ip.insert(ip, of_ip + 1);
        Ok(Seat { seats: self.clone(), listener: Arc::clone(listener), ip })
    }

    /// As [`Seats::take`], waiting while there is no room for anybody. `limits` are asked for at every look.
    pub(crate) async fn wait(
        &self,
        listener: &Arc<str>,
        ip: IpAddr,
        limits: impl Fn() -> SeatLimits,
    ) -> Option<Seat> {
        loop {
            let mut changed = std::pin::pin!(self.0.changed.notified());
            // Before looking: a seat given back in between is not missed.
            changed.as_mut().enable();
            match self.take(listener, ip, limits()) {
                Ok(seat) => return Some(seat),
                Err(Full::ForAddress) => return None,
                Err(Full::ForAll) => changed.await,
            }
        }
    }

    /// Has those who wait look again: limits changed.
    pub(crate) fn look_again(&self) {
        self.0.changed.notify_waiters();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.taken.lock();
        taken.all -= 1;
        give_back(&mut taken.by_listener, &self.listener);
        give_back(&mut taken.by_ip, &self.ip);
        drop(taken);
        self.seats.look_again();
    }
}

fn give_back<K: Hash + Eq>(taken: &mut HashMap<K, u64>, key: &K) {
    if let Some(here) = taken.get_mut(key) {
        *here -= 1;
        if *here == 0 {
            taken.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_given_back() {
        let seats = Seats::default();
        let [a, b] = [IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])];
        let [lan, wan]: [Arc<str>; 2] = ["lan".into(), "wan".into()];
        let limits = SeatLimits { all: 4, of_listener: 3, of_ip: 2 };
        let take = |listener, ip| seats.take(listener, ip, limits);
        let first = take(&lan, a).unwrap();
        let _second = take(&lan, a).unwrap();
        assert_eq!(take(&lan, a).unwrap_err(), Full::ForAddress);
        let third = take(&lan, b).unwrap();
        assert_eq!(take(&lan, b).unwrap_err(), Full::ForAll);
        let _fourth = take(&wan, b).unwrap();
        assert_eq!(take(&wan, a).unwrap_err(), Full::ForAll);
        drop(first);
        drop(third);
        assert!(take(&lan, a).is_ok());
        assert_eq!(seats.0.taken.lock().by_listener.len(), 2);
    }
}
