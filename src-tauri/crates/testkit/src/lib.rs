//! What tests share: temporary directories, a raw wire client, a manual clock, seeded randomness.
