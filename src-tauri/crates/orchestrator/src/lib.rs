//! The orchestrator: scheduler, state, executors, operators, REST.
