//! Hostile input: whatever a frame claims, memory follows what it holds.

mod allocations;
mod hostile;
