//! The whole: configuration, data directory, start and stop order, the window's commands. Alone imports all services.
