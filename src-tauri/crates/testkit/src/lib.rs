//! What tests share: temporary directories, a raw wire client, a manual clock, seeded randomness.
//!
//! Nothing here sleeps for a fixed time: tests wait for what they expect, with a limit that says what was missing.

mod clock;
mod disk;
mod net;
mod seed;
mod temp;
mod wait;
mod wire_client;

pub use clock::ManualClock;
pub use disk::SmallDisk;
pub use net::{Closed, expect_closed, listen};
pub use seed::{Random, Seed};
pub use temp::TempDir;
pub use wait::{LIMIT, wait_until, within};
pub use wire_client::WireClient;
