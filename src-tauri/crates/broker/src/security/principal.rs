//! Who a connection acts for.

use std::fmt;
use std::sync::Arc;

/// Every principal here is a user, as in Kafka.
pub(crate) const USER: &str = "User:";

/// Who a connection acts for. Shown as `User:name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Principal {
    name: Arc<str>,
    /// The control center of this process: it may do everything.
    internal: bool,
}

impl Principal {
    pub(crate) fn user(name: &str) -> Self {
        Self { name: name.into(), internal: false }
    }

    pub(crate) fn internal(name: &str) -> Self {
        Self { name: name.into(), internal: true }
    }

    /// Whoever came without saying who they are.
    pub(crate) fn anonymous() -> Self {
        Self::user("ANONYMOUS")
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn is_internal(&self) -> bool {
        self.internal
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{USER}{}", self.name)
    }
}
