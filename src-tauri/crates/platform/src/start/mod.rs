//! What must hold before anything starts: the directory is ours, the ports are bound.

mod access;
mod holder;
mod listen;
mod lock;
mod ports;

pub(crate) use access::LocalAccess;
pub(crate) use listen::{ListenPlan, internal_user};
pub(crate) use lock::DirLock;
pub(crate) use ports::{Listeners, reachable};
