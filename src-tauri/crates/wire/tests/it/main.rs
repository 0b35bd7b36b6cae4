//! Hostile input: whatever a frame claims, memory follows what it holds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod allocations;
mod fuzzed;
mod hostile;
mod requests;
