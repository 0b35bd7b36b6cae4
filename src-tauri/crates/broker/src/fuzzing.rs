//! What `cargo xtask fuzz internal_records` and `cargo xtask fuzz sasl` feed with anything at all;
//! `fuzz/regressions` holds what they once failed on.

use std::collections::BTreeMap;

use crate::coordinator::{Coordinator, CoordinatorLimits, load_record};
use crate::groups::classic::Limits;
use crate::security::sasl::{Credentials, Exchange, Mechanism};
use crate::security::scram::{ScramCredential, ScramHash};
use crate::{share, transactions};

/// Records of `__consumer_offsets`, `__transaction_state` and `__share_group_state`, as a start reads them: each
/// behind the lengths of its key and value, 255 for none.
pub fn internal_record(data: &[u8]) {
    let limits = CoordinatorLimits {
        groups: Limits { initial_rebalance_delay_ms: 0, members_max: 100 },
        session_ms_min: 0,
        session_ms_max: 1000,
        metadata_bytes_max: 4096,
        retention_ms: 1000,
    };
    let coordinator = Coordinator::new(limits);
    let mut shares = BTreeMap::new();
    let mut rest = data;
    while let Some((&[key, value], behind)) = rest.split_first_chunk::<2>() {
        rest = behind;
        let mut take = |length: u8| {
            let (taken, behind) = rest.split_at_checked(usize::from(length)).unwrap_or((rest, &[]));
            rest = behind;
            taken
        };
        let key = (key != u8::MAX).then(|| take(key));
        let value = (value != u8::MAX).then(|| take(value));
        if !share::load_group_record(&mut shares, key, value) {
            coordinator.load(load_record(key, value));
        }
        let _ = share::load_state_record(key, value);
        let _ = transactions::load_record(key, value);
    }
}

/// The user `user`, whose password is `pencil`, and the empty one's.
struct Known;

impl Credentials for Known {
    fn plain(&self) -> Result<BTreeMap<String, String>, String> {
        Ok([("user".to_owned(), "pencil".to_owned())].into())
    }

    fn scram(&self, user: &str, hash: ScramHash) -> Option<ScramCredential> {
        let salted = [7; 32];
        (user == "user").then(|| ScramCredential::new(hash, b"salt".to_vec(), &salted, 4096))
    }
}

/// Two messages of an exchange: the mechanism's number, the first one's length, both. Nobody gets in by chance.
pub fn sasl(data: &[u8]) {
    let Some((&[mechanism, length], messages)) = data.split_first_chunk::<2>() else { return };
    let mechanism = match mechanism % 3 {
        0 => Mechanism::Plain,
        1 => Mechanism::Scram(ScramHash::Sha256),
        _ => Mechanism::Scram(ScramHash::Sha512),
    };
    let (first, last) = messages.split_at_checked(usize::from(length)).unwrap_or((messages, &[]));
    let mut exchange = Exchange::new(mechanism);
    for message in [first, last] {
        let Ok(_) = exchange.step(message, &Known, || "nonce".to_owned()) else { return };
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_once_failed() {
        for (target, run) in
            [("internal_records", super::internal_record as fn(&[u8])), ("sasl", super::sasl)]
        {
            let folder = format!("{}/../../../fuzz/regressions/{target}", env!("CARGO_MANIFEST_DIR"));
            // There is no folder as long as nothing failed.
            for file in std::fs::read_dir(folder).into_iter().flatten() {
                run(&std::fs::read(file.unwrap().path()).unwrap());
            }
        }
    }
}
