//! How many connections there are, in all and by address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

/// Connections counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    all: u64,
    by_ip: HashMap<IpAddr, u64>,
}

/// Room for one connection, given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    ip: IpAddr,
}

impl Seats {
    /// None when `max` or `max_per_ip` are taken.
    pub(crate) fn take(&self, ip: IpAddr, max: u64, max_per_ip: u64) -> Option<Seat> {
        let mut taken = self.0.lock();
        let here = taken.by_ip.get(&ip).copied().unwrap_or(0);
        if taken.all >= max || here >= max_per_ip {
            return None;
        }
        taken.all += 1;
        taken.by_ip.insert(ip, here + 1);
        Some(Seat { seats: self.clone(), ip })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock();
        taken.all -= 1;
        if let Some(here) = taken.by_ip.get_mut(&self.ip) {
            *here -= 1;
            if *here == 0 {
                taken.by_ip.remove(&self.ip);
            }
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
        let first = seats.take(a, 3, 2).unwrap();
        let _second = seats.take(a, 3, 2).unwrap();
        assert!(seats.take(a, 3, 2).is_none());
        let _third = seats.take(b, 3, 2).unwrap();
        assert!(seats.take(b, 3, 2).is_none());
        drop(first);
        assert!(seats.take(a, 3, 2).is_some());
    }
}
