//! The whole, over real sockets.
