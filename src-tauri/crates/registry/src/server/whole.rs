//! Writes that are finished even if nobody waits for them any more.

use std::future::Future;

use crate::RegistryError;

/// Runs a write to its end. A client that hangs up drops its request; a write
/// of several records must not stop between two of them.
pub(super) async fn whole<T: Send + 'static>(
    write: impl Future<Output = Result<T, RegistryError>> + Send + 'static,
) -> Result<T, RegistryError> {
    tokio::spawn(write).await.map_err(|_| RegistryError::Internal("the write stopped"))?
}
