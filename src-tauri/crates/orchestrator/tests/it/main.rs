//! The orchestrator from outside: real files, a real database, real processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bash;
mod fakes;
mod foreground;
mod http;
mod kafka;
mod limits;
mod postgres;
mod python;
mod recovery;
mod rest;
mod retries;
mod rules;
mod schedule;
mod speed;
mod sql;
mod support;
mod templates;
mod window;
