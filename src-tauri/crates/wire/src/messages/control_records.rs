//! The value of a transaction's marker, behind a version (i16).

messages! {
    /// EndTxnMarker, version 0, never flexible.
    EndTxnMarker {
        coordinator_epoch: i32,
    }
}
