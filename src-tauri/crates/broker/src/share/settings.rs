//! What is configured for a share group: its own values, or the broker's.

use super::group::MemberLimits;
use super::partition::Limits;
use crate::Broker;
use crate::configs::duration_ms;

/// Where a group begins in a partition it has not read before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reset {
    Latest,
    Earliest,
    /// At what was written this long ago, in milliseconds, or later.
    ByDuration(i64),
}

/// A share group's values in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupSettings {
    pub(crate) members: MemberLimits,
    pub(crate) records: Limits,
    pub(crate) reset: Reset,
    pub(crate) read_committed: bool,
}

impl Broker {
    pub(crate) fn share_settings(&self, group: &str) -> GroupSettings {
        let own = self.state().group_configs(group);
        let broker = self.settings();
        let number = |name: &str| -> i64 {
            let set = own.get(name).and_then(|value| value.trim().parse().ok());
            set.unwrap_or_else(|| broker.number(&format!("group.{name}")))
        };
        let text = |name: &str| own.get(name).map(|value| value.trim());
        let reset = match text("share.auto.offset.reset") {
            Some("earliest") => Reset::Earliest,
            Some(text) => match text.strip_prefix("by_duration:").and_then(duration_ms) {
                Some(ms) => Reset::ByDuration(ms),
                None => Reset::Latest,
            },
            None => Reset::Latest,
        };
        GroupSettings {
            members: MemberLimits {
                session_ms: number("share.session.timeout.ms"),
                heartbeat_ms: i32::try_from(number("share.heartbeat.interval.ms")).unwrap_or(i32::MAX),
                members_max: usize::try_from(broker.number("group.share.max.size")).unwrap_or(usize::MAX),
            },
            records: Limits {
                lock_ms: number("share.record.lock.duration.ms"),
                deliveries_max: i16::try_from(number("share.delivery.count.limit")).unwrap_or(i16::MAX),
                locks_max: number("share.partition.max.record.locks"),
                renew: text("share.renew.acknowledge.enable")
                    .is_none_or(|value| value.eq_ignore_ascii_case("true")),
            },
            reset,
            read_committed: text("share.isolation.level") == Some("read_committed"),
        }
    }

    /// Share sessions open at a time.
    pub(crate) fn share_sessions_max(&self) -> usize {
        usize::try_from(self.settings().number("group.share.max.share.sessions")).unwrap_or(0)
    }
}
